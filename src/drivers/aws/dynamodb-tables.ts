import { setTimeout as sleep } from "node:timers/promises";
import {
  CreateTableCommand,
  type CreateTableCommandInput,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  type DynamoDBClient,
  ResourceInUseException,
  ResourceNotFoundException,
  UpdateTimeToLiveCommand,
} from "@aws-sdk/client-dynamodb";
import { AtelierError } from "../../errors.ts";
import { type StateIndex, stateIndexes, type TableName, tableKeys } from "../../ports/index.ts";
import { dynamodbError } from "./dynamodb-errors.ts";

const POLL_MS = 50;
const ACTIVE_TIMEOUT_MS = 60_000;

/** What the index of the `state` table is called in DynamoDB, e.g. `by-user`. */
export function indexName(index: StateIndex): string {
  return `by-${index}`;
}

/**
 * Creates the tables that are absent, with their indexes and the expiry by `expires_at` where the
 * server has one, and resolves when all can be used. For the embedded store and for tests;
 * on AWS the tables come from the deployment.
 */
export async function createTables(
  client: DynamoDBClient,
  tables: Readonly<Record<TableName, string>>,
): Promise<void> {
  const definitions = [
    { name: tables.state, input: stateTable(tables.state) },
    { name: tables.cache, input: keyedTable(tables.cache, tableKeys.cache) },
    { name: tables.videos, input: keyedTable(tables.videos, tableKeys.videos) },
  ];
  for (const { name, input } of definitions) {
    try {
      if ((await tableStatus(client, name)) === null) await createTable(client, input);
      await waitUntilActive(client, name);
      await turnOnExpiry(client, name);
    } catch (thrown) {
      throw dynamodbError(thrown, name);
    }
  }
}

function keyedTable(name: string, keyAttribute: string): CreateTableCommandInput {
  return {
    TableName: name,
    BillingMode: "PAY_PER_REQUEST",
    AttributeDefinitions: [{ AttributeName: keyAttribute, AttributeType: "S" }],
    KeySchema: [{ AttributeName: keyAttribute, KeyType: "HASH" }],
  };
}

function stateTable(name: string): CreateTableCommandInput {
  const indexes: StateIndex[] = ["user", "place", "open"];
  const indexed = [tableKeys.state, ...indexes.map((index) => stateIndexes[index]), "at"];
  return {
    ...keyedTable(name, tableKeys.state),
    AttributeDefinitions: indexed.map((attribute) => ({
      AttributeName: attribute,
      AttributeType: "S" as const,
    })),
    GlobalSecondaryIndexes: indexes.map((index) => ({
      IndexName: indexName(index),
      KeySchema: [
        { AttributeName: stateIndexes[index], KeyType: "HASH" as const },
        { AttributeName: "at", KeyType: "RANGE" as const },
      ],
      Projection: { ProjectionType: "ALL" as const },
    })),
  };
}

async function tableStatus(client: DynamoDBClient, name: string): Promise<string | null> {
  try {
    const { Table } = await client.send(new DescribeTableCommand({ TableName: name }));
    return Table?.TableStatus ?? null;
  } catch (thrown) {
    if (thrown instanceof ResourceNotFoundException) return null;
    throw thrown;
  }
}

async function createTable(client: DynamoDBClient, input: CreateTableCommandInput): Promise<void> {
  try {
    await client.send(new CreateTableCommand(input));
  } catch (thrown) {
    // Another process was faster, or this is a repeated try: both end with the table there.
    if (!(thrown instanceof ResourceInUseException)) throw thrown;
  }
}

async function waitUntilActive(client: DynamoDBClient, name: string): Promise<void> {
  for (let waitedMs = 0; waitedMs < ACTIVE_TIMEOUT_MS; waitedMs += POLL_MS) {
    const status = await tableStatus(client, name);
    if (status === "ACTIVE" || status === "UPDATING") return;
    await sleep(POLL_MS);
  }
  throw new AtelierError(
    "unavailable",
    `The DynamoDB table "${name}" is not ready yet. Try again in a minute.`,
  );
}

async function turnOnExpiry(client: DynamoDBClient, name: string): Promise<void> {
  const { TimeToLiveDescription } = await client.send(
    new DescribeTimeToLiveCommand({ TableName: name }),
  );
  const status = TimeToLiveDescription?.TimeToLiveStatus;
  if (status === "ENABLED" || status === "ENABLING") return;
  try {
    await client.send(
      new UpdateTimeToLiveCommand({
        TableName: name,
        TimeToLiveSpecification: { AttributeName: "expires_at", Enabled: true },
      }),
    );
  } catch (thrown) {
    // dynalite deletes nothing by itself. Readers judge the expiry, so only disk space is lost.
    const isUnknown = thrown instanceof Error && thrown.name === "UnknownOperationException";
    if (!isUnknown) throw thrown;
  }
}
