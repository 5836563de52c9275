import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DescribeTableCommand } from "@aws-sdk/client-dynamodb";
import { Match } from "aws-cdk-lib/assertions";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createTables } from "../../src/drivers/aws/dynamodb-tables.ts";
import { startDynalite } from "../../src/drivers/dynalite/dynalite-server.ts";
import {
  SYNTHESIS_MS,
  type SynthesisedStack,
  synthesiseStack,
} from "../fixtures/synthesised-stack.ts";
import { TEST_ACCOUNT } from "../servers/aws-calls.ts";
import { dynamodbTestClient } from "../servers/dynamodb-test-client.ts";
import { type JsonRecord, recordOf, recordsOf } from "../servers/json-record.ts";
import { TEST_REGION } from "../servers/stack-template.ts";

let stack: SynthesisedStack;
beforeAll(async () => {
  stack = await synthesiseStack();
}, SYNTHESIS_MS);
afterAll(() => stack.remove());

/** The buckets by the part of their name after the deployment's, e.g. `outputs`. */
function buckets() {
  return stack.resolved.ofType("AWS::S3::Bucket").map((bucket) => {
    const [, name = ""] = /^atelier-(.+)-\d{12}-/u.exec(stack.resolved.nameOf(bucket)) ?? [];
    return { name, id: bucket.id, properties: bucket.properties };
  });
}

function rulesOf(name: string) {
  const found = buckets().find((bucket) => bucket.name === name);
  const configuration = stack.resolved.resolve(found?.properties.LifecycleConfiguration);
  return recordsOf(Object(configuration).Rules);
}

describe("The buckets", () => {
  it("are those for outputs, inputs, media and access logs, each named after its account and region", () => {
    const names = buckets().map(({ name }) => name);
    expect(names.sort()).toEqual(["access-logs", "inputs", "media", "outputs"]);
  });

  it("have these names in full in a template for a known place, so that CloudFormation can take them over", {
    timeout: SYNTHESIS_MS,
  }, async () => {
    const known = await synthesiseStack(
      {},
      { environment: { CDK_DEFAULT_ACCOUNT: TEST_ACCOUNT, CDK_DEFAULT_REGION: TEST_REGION } },
    );
    const given = known.resolved
      .ofType("AWS::S3::Bucket")
      .map(({ properties }) => properties.BucketName);
    await known.remove();
    const substituted = stack.resolved.ofType("AWS::S3::Bucket").map(stack.resolved.nameOf);
    expect(given).toEqual(substituted);
  });

  it("are private, encrypted, and kept when the stack is removed", () => {
    stack.template.resourcePropertiesCountIs(
      "AWS::S3::Bucket",
      {
        PublicAccessBlockConfiguration: {
          BlockPublicAcls: true,
          BlockPublicPolicy: true,
          IgnorePublicAcls: true,
          RestrictPublicBuckets: true,
        },
        BucketEncryption: {
          ServerSideEncryptionConfiguration: [
            { ServerSideEncryptionByDefault: { SSEAlgorithm: "AES256" } },
          ],
        },
        OwnershipControls: { Rules: [{ ObjectOwnership: "BucketOwnerEnforced" }] },
      },
      4,
    );
    stack.template.allResources("AWS::S3::Bucket", { DeletionPolicy: "Retain" });
  });

  it("refuse whoever comes without TLS", () => {
    for (const { id } of buckets()) {
      stack.template.hasResourceProperties("AWS::S3::BucketPolicy", {
        Bucket: { Ref: id },
        PolicyDocument: {
          Statement: Match.arrayWith([
            Match.objectLike({
              Effect: "Deny",
              Action: "s3:*",
              Principal: { AWS: "*" },
              Condition: { Bool: { "aws:SecureTransport": "false" } },
            }),
          ]),
        },
      });
    }
  });

  it("log who reads them in the bucket for that, which keeps it for 90 days", () => {
    const accessLogs = buckets().find(({ name }) => name === "access-logs")?.id;
    for (const name of ["outputs", "inputs", "media"]) {
      const found = buckets().find((bucket) => bucket.name === name);
      expect(found?.properties.LoggingConfiguration).toEqual({
        DestinationBucketName: { Ref: accessLogs },
        LogFilePrefix: `${name}/`,
      });
    }
    expect(rulesOf("access-logs")).toContainEqual(
      expect.objectContaining({ ExpirationInDays: 90, Status: "Enabled" }),
    );
  });

  it("let results go after 30 days and what people gave after 7", () => {
    const whole = (days: number) =>
      expect.arrayContaining([
        expect.objectContaining({ ExpirationInDays: days, Status: "Enabled" }),
      ]);
    expect(rulesOf("outputs")).toEqual(whole(30));
    expect(rulesOf("inputs")).toEqual(whole(7));
    for (const rule of [...rulesOf("outputs"), ...rulesOf("inputs")]) {
      expect(rule).not.toHaveProperty("Prefix");
    }
  });

  it("let embeddings go after exactly 7 days, by the rule that contracts name, and no video ever", () => {
    const rules = rulesOf("media");
    expect(rules.find(({ Id }) => Id === "embeddings-cache-7d")).toEqual({
      Id: "embeddings-cache-7d",
      Prefix: "embeddings-cache/",
      ExpirationInDays: 7,
      NoncurrentVersionExpiration: { NoncurrentDays: 1 },
      Status: "Enabled",
    });
    const expiring = rules.filter((rule) => "ExpirationInDays" in rule);
    expect(expiring.map(({ Id }) => Id)).toEqual(["embeddings-cache-7d"]);
  });

  it("clear away uploads that were not finished after a day", () => {
    for (const { name } of buckets()) {
      expect(rulesOf(name)).toContainEqual(
        expect.objectContaining({
          AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 },
          Status: "Enabled",
        }),
      );
    }
  });

  it("keep earlier versions of videos and of the index alone, for a week", () => {
    const versioned = buckets().filter(({ properties }) => "VersioningConfiguration" in properties);
    expect(versioned.map(({ name }) => name)).toEqual(["media"]);
    expect(versioned[0]?.properties.VersioningConfiguration).toEqual({ Status: "Enabled" });
    const rule = rulesOf("media").find(({ Id }) => Id === "earlier-versions-7d");
    expect(rule).toMatchObject({ NoncurrentVersionExpiration: { NoncurrentDays: 7 } });
  });
});

/** What decides how a table is read, whatever order it is told in. */
function layoutOf(table: JsonRecord) {
  const sorted = (value: unknown) =>
    recordsOf(value)
      .map((each) => JSON.stringify(each))
      .sort();
  return {
    keys: table.KeySchema,
    attributes: sorted(table.AttributeDefinitions),
    indexes: sorted(
      recordsOf(table.GlobalSecondaryIndexes).map((index) => ({
        name: index.IndexName,
        keys: index.KeySchema,
        projection: recordOf(index.Projection).ProjectionType,
      })),
    ),
  };
}

describe("The tables", () => {
  it("have the keys and indexes of the embedded store's", async () => {
    const folder = await mkdtemp(join(tmpdir(), "atelier-tables-"));
    const server = await startDynalite({ path: folder });
    const client = dynamodbTestClient(server);
    try {
      const names = { state: "atelier", cache: "image-cache", videos: "videos" };
      await createTables(client, names);
      for (const TableName of Object.values(names)) {
        const { Table } = await client.send(new DescribeTableCommand({ TableName }));
        const deployed = stack.resolved
          .ofType("AWS::DynamoDB::Table")
          .find((each) => stack.resolved.nameOf(each) === TableName)?.properties;
        expect(layoutOf(recordOf(deployed))).toEqual(layoutOf({ ...Table }));
        expect(layoutOf({ ...Table }).keys).toHaveLength(1);
      }
    } finally {
      client.destroy();
      await server.close();
      await rm(folder, { recursive: true });
    }
  });

  it("are paid by use, let items expire, can be brought back to any second, and are kept", () => {
    stack.template.resourceCountIs("AWS::DynamoDB::Table", 3);
    stack.template.allResourcesProperties("AWS::DynamoDB::Table", {
      BillingMode: "PAY_PER_REQUEST",
      TimeToLiveSpecification: { AttributeName: "expires_at", Enabled: true },
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      DeletionProtectionEnabled: true,
    });
    stack.template.allResources("AWS::DynamoDB::Table", { DeletionPolicy: "Retain" });
  });
});
