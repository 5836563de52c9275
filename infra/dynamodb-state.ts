import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { NodeHttpHandler, type NodeHttpHandlerOptions } from "@smithy/node-http-handler";
import type { Clock, StateStore, TableName } from "#core";
import { createDynamodbStateStore } from "../src/drivers/aws/dynamodb-state-store.ts";
import { oneIdleConnection } from "../src/drivers/aws/idle-connections.ts";
import type { Settings } from "./settings.ts";

export interface OpenState {
  state: StateStore;
  close(): void;
}

/** How long one request to DynamoDB may take. */
export interface RequestTimes {
  connectMs: number;
  requestMs: number;
}

/** Sends one attempt of a request, or rejects where there shall be none any more. */
export type AroundAttempt = <T>(send: () => Promise<T>) => Promise<T>;

const PATIENT: RequestTimes = { connectMs: 2_000, requestMs: 10_000 };
/** Many people's jobs share the connections. */
const SOCKETS_MAX = 200;

/** The StateStore on DynamoDB, alone: nothing else that keeps things on AWS is loaded with it. */
export function openDynamodbState(
  settings: TableSettings & Pick<Settings, "AWS_REGION">,
  clock: Clock,
  { times = PATIENT, around }: { times?: RequestTimes; around?: AroundAttempt } = {},
): OpenState {
  const client = new DynamoDBClient({
    region: settings.AWS_REGION,
    requestHandler: dynamodbRequests(times, oneIdleConnection({ maxSockets: SOCKETS_MAX })),
  });
  if (around !== undefined) {
    // At this step the SDK's retries are around it.
    client.middlewareStack.add((next) => (args) => around(() => next(args)), {
      step: "finalizeRequest",
      name: "aroundAttempt",
    });
  }
  return {
    state: createDynamodbStateStore({ client, tables: tableNames(settings), clock }),
    close: () => client.destroy(),
  };
}

type TableSettings = Pick<Settings, "STATE_TABLE" | "CACHE_TABLE" | "VIDEOS_TABLE">;

export function tableNames(settings: TableSettings): Record<TableName, string> {
  const { STATE_TABLE, CACHE_TABLE, VIDEOS_TABLE } = settings;
  return { state: STATE_TABLE, cache: CACHE_TABLE, videos: VIDEOS_TABLE };
}

/** A store that hangs must fail the job, not hold it. `connections` are for a server in this process. */
export function dynamodbRequests(
  { connectMs, requestMs } = PATIENT,
  connections: NodeHttpHandlerOptions = { httpAgent: { keepAlive: true, maxSockets: SOCKETS_MAX } },
): NodeHttpHandler {
  return new NodeHttpHandler({
    connectionTimeout: connectMs,
    requestTimeout: requestMs,
    throwOnRequestTimeout: true,
    ...connections,
  });
}
