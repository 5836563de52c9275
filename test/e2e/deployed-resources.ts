import { CreateTableCommand, type DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { CreateBucketCommand, type S3Client } from "@aws-sdk/client-s3";
import { recordOf, recordsOf, textOf } from "../servers/json-record.ts";
import type { S3Notification } from "../servers/s3-events.ts";
import type { QueueOptions } from "../servers/sqs-queue.ts";
import type { StackTemplate } from "../servers/stack-template.ts";

/** The template's tables, with their keys and indexes, on DynamoDB Local. */
export async function createDeployedTables(template: StackTemplate, client: DynamoDBClient) {
  for (const table of template.ofType("AWS::DynamoDB::Table", "AWS::DynamoDB::GlobalTable")) {
    const { KeySchema, AttributeDefinitions, GlobalSecondaryIndexes } = table.properties;
    const indexes = recordsOf(GlobalSecondaryIndexes).map((index) => ({
      IndexName: textOf(index.IndexName),
      KeySchema: keysOf(index.KeySchema),
      Projection: { ProjectionType: "ALL" as const },
    }));
    await client.send(
      new CreateTableCommand({
        TableName: template.nameOf(table),
        BillingMode: "PAY_PER_REQUEST",
        KeySchema: keysOf(KeySchema),
        AttributeDefinitions: recordsOf(AttributeDefinitions).map(({ AttributeName }) => ({
          AttributeName: textOf(AttributeName),
          AttributeType: "S" as const,
        })),
        ...(indexes.length > 0 && { GlobalSecondaryIndexes: indexes }),
      }),
    );
  }
}

function keysOf(schema: unknown) {
  return recordsOf(schema).map(({ AttributeName, KeyType }) => ({
    AttributeName: textOf(AttributeName),
    KeyType: KeyType === "HASH" ? ("HASH" as const) : ("RANGE" as const),
  }));
}

export async function createDeployedBuckets(template: StackTemplate, client: S3Client) {
  for (const bucket of template.ofType("AWS::S3::Bucket")) {
    await client.send(new CreateBucketCommand({ Bucket: template.nameOf(bucket) }));
  }
}

/** The template's queues, by name. */
export function deployedQueues(template: StackTemplate): Record<string, QueueOptions> {
  const queues = template.ofType("AWS::SQS::Queue").map((queue) => {
    const { VisibilityTimeout, ContentBasedDeduplication, RedrivePolicy } = queue.properties;
    const { deadLetterTargetArn, maxReceiveCount } = recordOf(template.resolve(RedrivePolicy));
    const options: QueueOptions = {
      visibilityTimeout: Number(VisibilityTimeout ?? 30),
      contentBasedDeduplication: ContentBasedDeduplication === true,
      ...(deadLetterTargetArn !== undefined && {
        redrive: {
          deadLetterQueue: textOf(deadLetterTargetArn).split(":").at(-1) ?? "",
          maxReceiveCount: Number(maxReceiveCount),
        },
      }),
    };
    return [template.nameOf(queue), options];
  });
  return Object.fromEntries(queues);
}

/** Which functions hear of which objects: on the bucket itself, or by the CDK's own resource. */
export function deployedNotifications(
  template: StackTemplate,
): (Omit<S3Notification, "invoke" | "retries"> & { functionArn: string })[] {
  const onBuckets = template.ofType("AWS::S3::Bucket").map((bucket) => ({
    bucket: template.nameOf(bucket),
    configuration: bucket.properties.NotificationConfiguration,
  }));
  const byCdk = template.ofType("Custom::S3BucketNotifications").map(({ properties }) => ({
    bucket: template.resolveText(properties.BucketName),
    configuration: properties.NotificationConfiguration,
  }));
  return [...onBuckets, ...byCdk].flatMap(({ bucket, configuration }) => {
    const { LambdaConfigurations, LambdaFunctionConfigurations } = recordOf(
      template.resolve(configuration),
    );
    const listed = [...recordsOf(LambdaConfigurations), ...recordsOf(LambdaFunctionConfigurations)];
    return listed.map((one) => {
      const events = Array.isArray(one.Events) ? one.Events.map(String) : [textOf(one.Event)];
      const filter = recordOf(one.Filter);
      const rules = [
        ...recordsOf(recordOf(filter.S3Key).Rules),
        ...recordsOf(recordOf(filter.Key).FilterRules),
      ];
      const rule = (name: string) =>
        textOf(rules.find((each) => textOf(each.Name).toLowerCase() === name)?.Value);
      return {
        bucket,
        events,
        prefix: rule("prefix"),
        suffix: rule("suffix"),
        functionArn: textOf(one.Function) || textOf(one.LambdaFunctionArn),
      };
    });
  });
}
