import { RemovalPolicy } from "aws-cdk-lib";
import { AttributeType, BillingMode, ProjectionType, Table } from "aws-cdk-lib/aws-dynamodb";
import type { Construct } from "constructs";
import type { Names } from "./names.ts";
import type { Options } from "./options.ts";

/** The same that `createTables` makes for the embedded store; a test compares the two. */
const keys = { state: "pk", cache: "prompt_hash", videos: "video_id" } as const;
const stateIndexes = { user: "user_key", place: "place_key", open: "open_key" } as const;

export type Tables = Readonly<Record<keyof typeof keys, Table>>;

/** Jobs and counters, cached results, videos: on demand, with expiry and point-in-time recovery. */
export function createTables(scope: Construct, names: Names, { keepData }: Options): Tables {
  function create(id: keyof typeof keys): Table {
    return new Table(scope, `${id}Table`, {
      tableName: names.tables[id],
      partitionKey: { name: keys[id], type: AttributeType.STRING },
      billingMode: BillingMode.PAY_PER_REQUEST,
      timeToLiveAttribute: "expires_at",
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      deletionProtection: keepData,
      removalPolicy: keepData ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    });
  }

  const tables = { state: create("state"), cache: create("cache"), videos: create("videos") };
  for (const [index, partitionKey] of Object.entries(stateIndexes)) {
    tables.state.addGlobalSecondaryIndex({
      indexName: `by-${index}`,
      partitionKey: { name: partitionKey, type: AttributeType.STRING },
      sortKey: { name: "at", type: AttributeType.STRING },
      projectionType: ProjectionType.ALL,
    });
  }
  return tables;
}
