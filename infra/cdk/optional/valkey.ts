import { Validations } from "aws-cdk-lib";
import {
  GatewayVpcEndpointAwsService,
  type IVpc,
  Port,
  SecurityGroup,
  SubnetType,
  Vpc,
} from "aws-cdk-lib/aws-ec2";
import { CfnReplicationGroup, CfnSubnetGroup } from "aws-cdk-lib/aws-elasticache";
import type { Construct } from "constructs";
import type { Network } from "../function.ts";
import type { Names } from "../names.ts";

/** Not the port that everyone tries. */
const VALKEY_PORT = 6380;

/**
 * A Valkey that shares the model rates among all processes, in a network that leads out through a
 * NAT gateway. Worth its money where many draw at once: without it each process keeps the rates
 * for itself. One node: what it holds is a minute's worth, and comes again by itself.
 */
export function createValkey(
  scope: Construct,
  names: Names,
): { network: Network; redisUrl: string } {
  const made = new Vpc(scope, "network", {
    maxAzs: 2,
    natGateways: 1,
    restrictDefaultSecurityGroup: false,
    subnetConfiguration: [
      { name: "out", subnetType: SubnetType.PUBLIC },
      { name: "functions", subnetType: SubnetType.PRIVATE_WITH_EGRESS },
    ],
    // Both cost nothing, and most of the traffic need not pass the NAT gateway.
    gatewayEndpoints: {
      s3: { service: GatewayVpcEndpointAwsService.S3 },
      dynamodb: { service: GatewayVpcEndpointAwsService.DYNAMODB },
    },
  });
  Validations.of(made).acknowledge({
    id: "AwsSolutions-VPC7",
    reason:
      "Nothing in it can be reached from outside; a flow log would tell of our own calls only.",
  });
  // The CDK's classes do not tell a member that is absent from one that is undefined.
  const vpc = made as IVpc;
  const securityGroup = new SecurityGroup(scope, "functionsGroup", {
    vpc,
    description: "Functions that draw",
  });
  const cacheGroup = new SecurityGroup(scope, "valkeyGroup", {
    vpc,
    description: "Valkey, for the functions that draw",
    allowAllOutbound: false,
  });
  cacheGroup.addIngressRule(securityGroup, Port.tcp(VALKEY_PORT), "Model rates");
  const subnets = new CfnSubnetGroup(scope, "valkeySubnets", {
    description: "Where Valkey is",
    subnetIds: vpc.privateSubnets.map(({ subnetId }) => subnetId),
  });
  const cache = new CfnReplicationGroup(scope, "valkey", {
    replicationGroupDescription: `Model rates of ${names.stack}`,
    engine: "valkey",
    engineVersion: "8.0",
    cacheNodeType: "cache.t4g.micro",
    numCacheClusters: 1,
    automaticFailoverEnabled: false,
    port: VALKEY_PORT,
    atRestEncryptionEnabled: true,
    transitEncryptionEnabled: true,
    cacheSubnetGroupName: subnets.ref,
    securityGroupIds: [cacheGroup.securityGroupId],
  });
  Validations.of(cache).acknowledge(
    {
      id: "AwsSolutions-AEC4",
      reason:
        "What it holds is worth a minute: without it each process keeps the rates for itself.",
    },
    {
      id: "AwsSolutions-AEC6",
      reason: "Only the functions that draw can reach it, and it holds no data of anybody's.",
    },
  );
  return {
    network: { vpc, securityGroup },
    redisUrl: `rediss://${cache.attrPrimaryEndPointAddress}:${VALKEY_PORT}`,
  };
}
