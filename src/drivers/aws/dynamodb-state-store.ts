import { isDeepStrictEqual } from "node:util";
import { ConditionalCheckFailedException, type DynamoDBClient } from "@aws-sdk/client-dynamodb";
import {
  DeleteCommand,
  DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  type QueryCommandInput,
} from "@aws-sdk/lib-dynamodb";
import {
  type Clock,
  type QueryOptions,
  type StateIndex,
  type StateItem,
  type StateStore,
  stateIndexes,
  type TableName,
  tableKeys,
  type WriteCondition,
} from "../../ports/index.ts";
import { conditionInput } from "./dynamodb-conditions.ts";
import { addToCounter } from "./dynamodb-counter.ts";
import { dynamodbError } from "./dynamodb-errors.ts";
import { indexName } from "./dynamodb-tables.ts";

export interface DynamodbStateStoreOptions {
  client: DynamoDBClient;
  /** The real names of the tables. */
  tables: Readonly<Record<TableName, string>>;
  clock: Clock;
}

/**
 * A StateStore on DynamoDB, or on a server that speaks its protocol.
 *
 * The SDK repeats a request whose answer was lost. Where the first try had been carried out,
 * the repeated one finds its own doing and fails its condition; the store then reads the item
 * back. A put counts as done when exactly that item is there, so an item that only one of
 * several writers may write must say who wrote it. A delete counts as done when nothing is there.
 */
export function createDynamodbStateStore({
  client,
  tables,
  clock,
}: DynamodbStateStoreOptions): StateStore {
  const documents = DynamoDBDocumentClient.from(client, {
    marshallOptions: { removeUndefinedValues: true },
  });

  const nowSeconds = () => Math.floor(clock.nowMs() / 1000);
  const isLive = ({ expires_at }: StateItem) =>
    typeof expires_at !== "number" || expires_at > nowSeconds();

  async function translated<T>(table: TableName, call: () => Promise<T>): Promise<T> {
    try {
      return await call();
    } catch (thrown) {
      throw dynamodbError(thrown, tables[table]);
    }
  }

  async function read(table: TableName, key: string): Promise<StateItem | null> {
    const { Item } = await documents.send(
      new GetCommand({
        TableName: tables[table],
        Key: { [tableKeys[table]]: key },
        ConsistentRead: true,
      }),
    );
    return Item ?? null;
  }

  /** Whether the write happened; `isDone` looks at the item after a repeated try found its condition failed. */
  async function wrote(
    write: () => Promise<unknown>,
    isDone: () => Promise<boolean>,
  ): Promise<boolean> {
    try {
      await write();
      return true;
    } catch (thrown) {
      if (!(thrown instanceof ConditionalCheckFailedException)) throw thrown;
      return (thrown.$metadata.attempts ?? 1) > 1 && (await isDone());
    }
  }

  function conditionOf(table: TableName, anyOf: readonly WriteCondition[]) {
    return conditionInput(anyOf, { keyAttribute: tableKeys[table], nowSeconds: nowSeconds() });
  }

  return {
    get: (table, key) =>
      translated(table, async () => {
        const item = await read(table, key);
        return item !== null && isLive(item) ? item : null;
      }),

    put: (table, item, anyOf = []) =>
      translated(table, () => {
        const command = new PutCommand({
          TableName: tables[table],
          Item: item,
          ...conditionOf(table, anyOf),
        });
        return wrote(
          () => documents.send(command),
          async () => {
            const stored = await read(table, String(item[tableKeys[table]]));
            return isDeepStrictEqual(stored, JSON.parse(JSON.stringify(item)));
          },
        );
      }),

    delete: (table, key, anyOf = []) =>
      translated(table, () => {
        const command = new DeleteCommand({
          TableName: tables[table],
          Key: { [tableKeys[table]]: key },
          ...conditionOf(table, anyOf),
        });
        return wrote(
          () => documents.send(command),
          async () => (await read(table, key)) === null,
        );
      }),

    add: (key, amount, expiresAtSeconds) =>
      translated("state", () =>
        addToCounter(
          { documents, tableName: tables.state, nowSeconds: nowSeconds() },
          { key, amount, expiresAtSeconds },
        ),
      ),

    query: (index, value, options) =>
      translated("state", async () => {
        const found: StateItem[] = [];
        let from: QueryCommandInput["ExclusiveStartKey"];
        if (options.limit < 1) return found;
        // A page may hold nothing but expired items, so it is the live ones that are counted.
        do {
          const page = await documents.send(
            new QueryCommand({
              ...keyCondition(index, value, options),
              TableName: tables.state,
              ScanIndexForward: !options.newestFirst,
              Limit: options.limit,
              ExclusiveStartKey: from,
            }),
          );
          found.push(...(page.Items ?? []).filter(isLive));
          from = page.LastEvaluatedKey;
        } while (from !== undefined && found.length < options.limit);
        return found.slice(0, options.limit);
      }),
  };
}

function keyCondition(index: StateIndex, value: string, { newestFirst, beyond }: QueryOptions) {
  const input = {
    IndexName: indexName(index),
    KeyConditionExpression: "#partition = :value",
    ExpressionAttributeNames: { "#partition": stateIndexes[index] },
    ExpressionAttributeValues: { ":value": value },
  };
  if (beyond === undefined) return input;
  return {
    ...input,
    KeyConditionExpression: `#partition = :value AND #at ${newestFirst ? "<" : ">"} :beyond`,
    ExpressionAttributeNames: { ...input.ExpressionAttributeNames, "#at": "at" },
    ExpressionAttributeValues: { ...input.ExpressionAttributeValues, ":beyond": beyond },
  };
}
