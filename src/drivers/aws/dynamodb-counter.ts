import { randomUUID } from "node:crypto";
import { ConditionalCheckFailedException } from "@aws-sdk/client-dynamodb";
import { type DynamoDBDocumentClient, GetCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { AtelierError } from "../../errors.ts";
import { tableKeys } from "../../ports/index.ts";

/** One round is the rule, two happen when a counter ends at this very moment. */
const ROUNDS_MAX = 5;

interface Counters {
  documents: DynamoDBDocumentClient;
  tableName: string;
  nowSeconds: number;
}

interface Addition {
  key: string;
  amount: number;
  expiresAtSeconds: number;
}

/**
 * Adds to the counter, which starts again at 0 when the stored one has ended; returns its value.
 *
 * ADD is not idempotent and the SDK repeats requests whose answer was lost, so each addition
 * leaves its id in the item and is not carried out twice in a row. Only when another addition
 * came in between does a repeated one count twice.
 */
export async function addToCounter(
  { documents, tableName, nowSeconds }: Counters,
  { key, amount, expiresAtSeconds }: Addition,
): Promise<number> {
  const id = randomUUID();
  const Key = { [tableKeys.state]: key };

  async function update(change: string, condition: string): Promise<number | null> {
    try {
      const { Attributes } = await documents.send(
        new UpdateCommand({
          TableName: tableName,
          Key,
          UpdateExpression: change,
          ConditionExpression: `(${condition}) AND (attribute_not_exists(#id) OR #id <> :id)`,
          ExpressionAttributeNames: { "#count": "count", "#end": "expires_at", "#id": "added_by" },
          ExpressionAttributeValues: {
            ":amount": amount,
            ":end": expiresAtSeconds,
            ":id": id,
            ":now": nowSeconds,
          },
          ReturnValues: "ALL_NEW",
        }),
      );
      return Number(Attributes?.count);
    } catch (thrown) {
      if (thrown instanceof ConditionalCheckFailedException) return null;
      throw thrown;
    }
  }

  for (let round = 0; round < ROUNDS_MAX; round++) {
    const value =
      (await update(
        "ADD #count :amount SET #end = :end, #id = :id",
        "attribute_not_exists(#end) OR #end > :now",
      )) ?? (await update("SET #count = :amount, #end = :end, #id = :id", "#end <= :now"));
    if (value !== null) return value;
    const { Item } = await documents.send(
      new GetCommand({ TableName: tableName, Key, ConsistentRead: true }),
    );
    if (Item?.added_by === id) return Number(Item.count);
  }
  throw new AtelierError("unavailable", "Too many people at once. Try again in a minute.");
}
