import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient, PutCommand, paginateScan } from "@aws-sdk/lib-dynamodb";

/**
 * Puts every item of the table that has this attribute once more, as it is, which brings its
 * entries in all indexes back. For a store that nobody else writes to meanwhile. Reads the whole
 * table; returns how many items were put.
 */
export async function rewriteItems(
  client: DynamoDBClient,
  table: string,
  attribute: string,
): Promise<number> {
  const documents = DynamoDBDocumentClient.from(client);
  let count = 0;
  const pages = paginateScan(
    { client: documents },
    {
      TableName: table,
      ConsistentRead: true,
      FilterExpression: "attribute_exists(#attribute)",
      ExpressionAttributeNames: { "#attribute": attribute },
    },
  );
  for await (const { Items = [] } of pages) {
    for (const item of Items) {
      await documents.send(new PutCommand({ TableName: table, Item: item }));
      count += 1;
    }
  }
  return count;
}
