import { Duration, RemovalPolicy, Size, Validations } from "aws-cdk-lib";
import type { ISecurityGroup, IVpc } from "aws-cdk-lib/aws-ec2";
import { Platform } from "aws-cdk-lib/aws-ecr-assets";
import { PolicyDocument, PolicyStatement, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import {
  Architecture,
  Code,
  DockerImageCode,
  DockerImageFunction,
  type Function as LambdaFunction,
  Runtime,
  Tracing,
  Function as ZipFunction,
} from "aws-cdk-lib/aws-lambda";
import { LogGroup } from "aws-cdk-lib/aws-logs";
import type { Construct } from "constructs";
import type { Arns } from "./arns.ts";
import type { Names } from "./names.ts";
import type { Options } from "./options.ts";
import type { Right } from "./permissions/right.ts";
import { type FunctionId, functionSizes } from "./sizes.ts";
import { substituted } from "./substituted.ts";

/** Where `npm run bundle` put the two artefacts. */
export interface Artefacts {
  webhookFolder: string;
  imageFolder: string;
}

/** A function in a network of its own reaches the rest through it. */
export interface Network {
  vpc: IVpc;
  securityGroup: ISecurityGroup;
}

export interface FunctionPlan {
  id: FunctionId;
  description: string;
  /** The handler in the webhook's zip, or the command of the image: `worker.handler`. */
  handler: string;
  isZip?: boolean;
  environment: Readonly<Record<string, string>>;
  rights: readonly Right[];
  network: Network | null;
}

/** What is alike in all functions. */
export interface House {
  scope: Construct;
  names: Names;
  arns: Arns;
  options: Options;
  artefacts: Artefacts;
}

/** Needs `*`: Service Authorization Reference, "AWS X-Ray". */
const traces: Right = {
  actions: ["xray:PutTraceSegments", "xray:PutTelemetryRecords"],
  resources: ["*"],
  wildcardBecause: "X-Ray has no resources that a policy could name.",
};
/** All that Lambda asks for: Developer Guide, "Giving Lambda functions access to resources in an Amazon VPC". */
const joinsNetwork: Right = {
  actions: [
    "ec2:CreateNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:DeleteNetworkInterface",
    "ec2:AssignPrivateIpAddresses",
    "ec2:UnassignPrivateIpAddresses",
  ],
  resources: ["*"],
  wildcardBecause: "Lambda makes its network interfaces with the function's role, under no name.",
};

/** One function with its log group, its role and nothing that it does not need. */
export function createFunction(house: House, plan: FunctionPlan): LambdaFunction {
  const { scope, names, options, artefacts } = house;
  const { id, network } = plan;
  const size = functionSizes[id];
  const architecture = options.architecture === "arm64" ? Architecture.ARM_64 : Architecture.X86_64;
  const logGroup = new LogGroup(scope, `${id}Log`, {
    logGroupName: names.logGroup(names.functions[id]),
    retention: options.logRetentionDays,
    removalPolicy: RemovalPolicy.DESTROY,
  });
  const common = {
    functionName: names.functions[id],
    description: plan.description,
    architecture,
    memorySize: size.memoryMb,
    timeout: Duration.seconds(size.timeoutSeconds),
    ephemeralStorageSize: Size.mebibytes(size.temporaryMb),
    environment: substitutedIn(plan.environment),
    // The CDK would add rights of its own, wider than ours or twice.
    role: createRole(house, plan).withoutPolicyUpdates(),
    tracing: Tracing.ACTIVE,
    logGroup,
    ...(network !== null && { vpc: network.vpc, securityGroups: [network.securityGroup] }),
  };
  if (plan.isZip) {
    const made = new ZipFunction(scope, id, {
      ...common,
      runtime: Runtime.NODEJS_22_X,
      code: Code.fromAsset(artefacts.webhookFolder),
      handler: plan.handler,
    });
    Validations.of(made).acknowledge({
      id: "AwsSolutions-L1",
      reason: "All functions run on one release of Node.js, the image's: 22, which is maintained.",
    });
    return made;
  }
  const platform =
    architecture === Architecture.ARM_64 ? Platform.LINUX_ARM64 : Platform.LINUX_AMD64;
  return new DockerImageFunction(scope, id, {
    ...common,
    code: DockerImageCode.fromImageAsset(artefacts.imageFolder, { platform, cmd: [plan.handler] }),
  });
}

function createRole({ scope, arns }: House, { id, rights, network }: FunctionPlan): Role {
  const writesLog: Right = {
    actions: ["logs:CreateLogStream", "logs:PutLogEvents"],
    resources: [arns.logStreams[id]],
    wildcardBecause: "Each process of the function opens a log stream under a name of its own.",
  };
  const all = [writesLog, traces, ...(network === null ? [] : [joinsNetwork]), ...rights];
  const role = new Role(scope, `${id}Role`, {
    assumedBy: new ServicePrincipal("lambda.amazonaws.com"),
    inlinePolicies: { rights: new PolicyDocument({ statements: all.map(statementOf) }) },
  });
  for (const right of all) acknowledgeWildcards(role, right);
  return role;
}

function statementOf({ actions, resources }: Right): PolicyStatement {
  return new PolicyStatement({
    actions: [...actions],
    resources: resources.map(substituted),
  });
}

/** cdk-nag names a finding after the resource, with `<…>` where CloudFormation puts something in. */
function acknowledgeWildcards(role: Role, { resources, wildcardBecause: reason }: Right): void {
  for (const resource of resources.filter((each) => each.includes("*"))) {
    if (reason === undefined) throw new Error(`Nothing says why ${resource} has to be so wide.`);
    const finding = resource.replaceAll("${", "<").replaceAll("}", ">");
    Validations.of(role).acknowledge({ id: `AwsSolutions-IAM5[Resource::${finding}]`, reason });
  }
}

function substitutedIn(environment: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(environment).map(([name, value]) => [name, substituted(value)]),
  );
}
