import { Match } from "aws-cdk-lib/assertions";
import { describe, expect, it } from "vitest";
import { readOptions } from "../../infra/cdk/options.ts";
import { readSettings } from "../../infra/settings.ts";
import { bedrockModelIds } from "../../src/drivers/aws/bedrock-bodies.ts";
import {
  defaultContext,
  SYNTHESIS_MS,
  type SynthesisedStack,
  synthesiseStack,
} from "../fixtures/synthesised-stack.ts";
import { allowedFor } from "../servers/iam-policies.ts";
import { recordOf } from "../servers/json-record.ts";

async function withStack(
  options: Readonly<Record<string, unknown>>,
  check: (stack: SynthesisedStack) => void,
): Promise<void> {
  const stack = await synthesiseStack(options);
  try {
    check(stack);
  } finally {
    await stack.remove();
  }
}

function environmentOf(name: string, stack: SynthesisedStack): Record<string, string> {
  const { Variables } = recordOf(stack.propertiesOf(name).Environment);
  return Object.fromEntries(
    Object.entries(recordOf(Variables)).map(([key, value]) => [key, String(value)]),
  );
}

describe("The options", () => {
  it("have the standard values that cdk.json shows", async () => {
    expect(readOptions(await defaultContext())).toEqual({
      ...readOptions({}),
      monthlyBudgetUsd: 100,
    });
    expect(readOptions({}).allowedModels).toEqual(bedrockModelIds);
  });

  it("can come as text from the command line", () => {
    const read = readOptions({
      discord: "false",
      workerConcurrency: "25",
      allowedModels: "stability.stable-image-core-v1:1, stability.sd3-5-large-v1:0",
      monthlyBudgetUsd: "12.5",
    });
    expect(read).toMatchObject({
      discord: false,
      workerConcurrency: 25,
      allowedModels: ["stability.stable-image-core-v1:1", "stability.sd3-5-large-v1:0"],
      monthlyBudgetUsd: 12.5,
    });
  });

  it("that are wrong are all named at once", () => {
    const wrong = {
      name: "My Atelier",
      slack: "yes",
      workerConcurrency: 1,
      logRetentionDays: 31,
      allowedModels: ["dall-e-3"],
      monthlyBudgetUsd: -5,
      alarmEmail: "nobody",
      architecture: "riscv",
      corsOrigins: "studio.example.com",
    };
    for (const name of Object.keys(wrong)) {
      expect(() => readOptions(wrong)).toThrow(new RegExp(`- ${name} takes `, "u"));
    }
  });

  it("that are misspelt are no options, and feature flags are none of theirs", () => {
    expect(() => readOptions({ alarmMail: "ops@example.com" })).toThrow(/alarmMail is no option/u);
    expect(readOptions({ "@aws-cdk/aws-s3:someFlag": true, "aws:cdk:bundling": [] })).toBeDefined();
  });

  it("that do not go together are refused", () => {
    expect(() => readOptions({ slack: false, discord: false })).toThrow(/both off/u);
    expect(() => readOptions({ imageModel: "sagemaker" })).toThrow(/needs sagemakerEndpoint/u);
    expect(() => readOptions({ corsOrigins: "*", generateAuth: "iam" })).toThrow(
      /name the origins/u,
    );
  });

  it("pass on further settings, but no secrets and none that the stack gives", () => {
    expect(readOptions({ settings: { RATE_API_PER_MINUTE: 30 } }).settings).toEqual({
      RATE_API_PER_MINUTE: "30",
    });
    for (const name of [
      ...["SLACK_BOT_TOKEN", "DISCORD_TOKEN", "API_KEYS"],
      ...["STORAGE", "STATE_TABLE", "METRICS_NAMESPACE"],
    ]) {
      expect(() => readOptions({ settings: { [name]: "x" } })).toThrow(
        new RegExp(`settings\\.${name} comes from another option`, "u"),
      );
    }
  });
});

describe("What is optional", { timeout: SYNTHESIS_MS }, () => {
  it("is not there unless it is asked for", async () => {
    await withStack({}, ({ template }) => {
      for (const type of [
        "AWS::EC2::VPC",
        "AWS::ElastiCache::ReplicationGroup",
        "AWS::SageMaker::Endpoint",
        "AWS::S3Vectors::VectorBucket",
        "Custom::S3AutoDeleteObjects",
      ]) {
        template.resourceCountIs(type, 0);
      }
    });
  });

  it("leaves out the platform that is off: its route and its secrets", async () => {
    await withStack({ discord: false }, (stack) => {
      stack.template.resourceCountIs("AWS::ApiGatewayV2::Route", 3);
      const secrets = environmentOf("atelier-webhook", stack).SECRET_PARAMETERS;
      expect(secrets).toBe("/atelier/SLACK_BOT_TOKEN,/atelier/SLACK_SIGNING_SECRET");
    });
  });

  it("is a Stable Diffusion endpoint by its name, in the place of Bedrock", async () => {
    const options = { imageModel: "sagemaker", sagemakerEndpoint: "Team-SDXL" };
    await withStack(options, (stack) => {
      expect(environmentOf("aws_gen_pic", stack)).toMatchObject({
        IMAGE_MODEL: "sagemaker",
        SAGEMAKER_ENDPOINT: "Team-SDXL",
        SAGEMAKER_REGION: "us-west-2",
      });
      const roles = JSON.stringify(
        stack.resolved.resolve(
          stack.resolved.ofType("AWS::IAM::Role").map(({ properties }) => properties),
        ),
      );
      // In the ARN that IAM is asked about, the name has small letters only.
      expect(roles).toContain("arn:aws:sagemaker:us-west-2:123456789012:endpoint/team-sdxl");
      expect(roles).not.toContain("bedrock");
    });
  });

  it("is an endpoint that embeds, from the functions' own image", async () => {
    await withStack({ clipSagemaker: true }, (stack) => {
      const [model] = stack.resolved.ofType("AWS::SageMaker::Model");
      const { Image } = recordOf(model?.properties.PrimaryContainer);
      const code = recordOf(stack.propertiesOf("aws_gen_pic").Code);
      expect(stack.resolved.resolve(Image)).toBe(code.ImageUri);
      stack.template.hasResourceProperties("AWS::SageMaker::EndpointConfig", {
        ProductionVariants: [Match.objectLike({ InstanceType: "ml.c7g.large" })],
      });
      const environment = environmentOf("atelier-worker", stack);
      expect(environment).toMatchObject({ CLIP: "sagemaker", CLIP_ENDPOINT: "atelier-clip" });
      expect(environment).not.toHaveProperty("CLIP_FUNCTION");
      // An absent frame is an absent frame there too, and not a forbidden one.
      const [media] = stack.resolved
        .ofType("AWS::S3::Bucket")
        .filter(({ id }) => id.startsWith("media"))
        .map(stack.resolved.arnOf);
      const role = stack.resolved.byArn(
        stack.resolved.resolveText(model?.properties.ExecutionRoleArn),
      );
      const rights = allowedFor(stack.resolved, role.id).map(
        (one) => `${one.action} ${one.resource}`,
      );
      expect(rights.filter((right) => right.startsWith("s3:"))).toEqual([
        `s3:GetObject ${media}/frames/*`,
        `s3:ListBucket ${media}`,
      ]);
    });
  });

  it("is a Valkey that the functions that draw share, encrypted, behind their own door", async () => {
    await withStack({ valkey: true }, (stack) => {
      stack.template.hasResourceProperties("AWS::ElastiCache::ReplicationGroup", {
        Engine: "valkey",
        TransitEncryptionEnabled: true,
        AtRestEncryptionEnabled: true,
        Port: 6380,
      });
      const inside = stack.resolved
        .ofType("AWS::Lambda::Function")
        .filter(({ properties }) => "VpcConfig" in properties)
        .map((each) => stack.resolved.nameOf(each));
      expect(inside.sort()).toEqual(["atelier-worker", "aws_gen_pic"]);
      expect(environmentOf("atelier-worker", stack).REDIS_URL).toBe(
        "rediss://valkey.example.com:6380",
      );
      stack.template.hasResourceProperties("AWS::IAM::Role", {
        Policies: [
          Match.objectLike({
            PolicyDocument: Match.objectLike({
              Statement: Match.arrayWith([
                Match.objectLike({
                  Action: Match.arrayWith([
                    "ec2:AssignPrivateIpAddresses",
                    "ec2:DescribeSubnets",
                    "ec2:UnassignPrivateIpAddresses",
                  ]),
                  Resource: "*",
                }),
              ]),
            }),
          }),
        ],
      });
      stack.template.hasResourceProperties("AWS::EC2::SecurityGroupIngress", {
        FromPort: 6380,
        ToPort: 6380,
        SourceSecurityGroupId: Match.anyValue(),
      });
    });
  });

  it("is an S3 vector bucket, which the search may query and the indexing fill", async () => {
    await withStack({ vectorBucket: "team-frames" }, (stack) => {
      stack.template.hasResource("AWS::S3Vectors::VectorBucket", {
        Properties: { VectorBucketName: "team-frames" },
        DeletionPolicy: "Retain",
      });
      const environment = environmentOf("frame-search", stack);
      const AWS_REGION = "us-west-2";
      expect(readSettings({ ...environment, AWS_REGION }).settings).toMatchObject({
        FRAME_INDEX: "s3-vectors",
        VECTOR_BUCKET: "team-frames",
      });
      const may = (action: string) => Match.objectLike({ Action: Match.arrayWith([action]) });
      for (const action of ["s3vectors:QueryVectors", "s3vectors:PutVectors"]) {
        stack.template.hasResourceProperties("AWS::IAM::Role", {
          Policies: [{ PolicyDocument: { Statement: Match.arrayWith([may(action)]) } }],
        });
      }
    });
  });

  it("is a CLIP model that the image holds; another one is refused at once", async () => {
    await expect(synthesiseStack({ clipModel: "tinyclip" })).rejects.toThrow(
      /clipModel is tinyclip, which is not in the image\. Pull it/u,
    );
  });

  it("is a guardrail that the functions that draw apply, and may", async () => {
    await withStack({ guardrailId: "abc123", guardrailVersion: "3" }, (stack) => {
      for (const name of ["atelier-worker", "aws_gen_pic"]) {
        stack.template.hasResourceProperties("AWS::Lambda::Function", {
          FunctionName: name,
          Environment: {
            Variables: Match.objectLike({ GUARDRAIL_ID: "abc123", GUARDRAIL_VERSION: "3" }),
          },
        });
      }
      const applies = Match.objectLike({ Action: "bedrock:ApplyGuardrail", Effect: "Allow" });
      const roles = stack.template.findResources("AWS::IAM::Role", {
        Properties: { Policies: [{ PolicyDocument: { Statement: Match.arrayWith([applies]) } }] },
      });
      expect(Object.keys(roles)).toHaveLength(2);
    });
  });

  it("is to lose the data with the stack", async () => {
    await withStack({ keepData: false, vectorBucket: "team-frames" }, ({ template }) => {
      template.allResources("AWS::DynamoDB::Table", { DeletionPolicy: "Delete" });
      template.allResources("AWS::S3::Bucket", { DeletionPolicy: "Delete" });
      template.resourceCountIs("Custom::S3AutoDeleteObjects", 4);
      // The functions made indexes in it, with which it cannot be deleted.
      template.allResources("AWS::S3Vectors::VectorBucket", { DeletionPolicy: "Retain" });
    });
  });
});
