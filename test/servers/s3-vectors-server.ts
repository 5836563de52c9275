import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import type { z } from "zod";
import { FilterRefused, passes } from "./s3-vectors-filter.ts";
import {
  type ActionName,
  assertFits,
  cosineDistance,
  isAction,
  requests,
  type VectorIndex,
  VectorsRefused,
} from "./s3-vectors-rules.ts";

/** What the next calls of an action are answered with instead. */
export interface VectorsFault {
  action: ActionName;
  error: string;
  status: number;
  /** How many calls; one unless told. */
  times?: number;
  /** How many calls of the action go through first. */
  after?: number;
}

type Input<Name extends ActionName> = z.infer<(typeof requests)[Name]>;
type Answer = Record<string, unknown>;
export type S3VectorsServer = Awaited<ReturnType<typeof startS3VectorsServer>>;

const BODY_MAX_BYTES = 20 * 1024 * 1024;

/**
 * A server on loopback that speaks the wire format of Amazon S3 Vectors (REST JSON: `POST
 * /{action}`), with its limits, and compares exactly inside. It checks no signature. Queries page
 * by `nextToken`, 100 vectors a page at most.
 */
export async function startS3VectorsServer({ buckets }: { buckets: readonly string[] }) {
  const indexes = new Map(buckets.map((name) => [name, new Map<string, VectorIndex>()]));
  const calls: { action: string; vectors: number }[] = [];
  const faults: VectorsFault[] = [];

  function bucketOf(name: string): Map<string, VectorIndex> {
    const found = indexes.get(name);
    if (found !== undefined) return found;
    throw new VectorsRefused(
      "NotFoundException",
      404,
      "The specified vector bucket could not be found",
    );
  }

  function indexOf({
    vectorBucketName,
    indexName,
  }: Input<"PutVectors"> | Input<"QueryVectors"> | Input<"DeleteVectors">) {
    const found = bucketOf(vectorBucketName).get(indexName);
    if (found !== undefined) return found;
    throw new VectorsRefused("NotFoundException", 404, "The specified index could not be found");
  }

  const actions: { [Name in ActionName]: (input: Input<Name>) => Answer } = {
    CreateIndex({ vectorBucketName, indexName, dimension, metadataConfiguration }) {
      const bucket = bucketOf(vectorBucketName);
      if (bucket.has(indexName)) {
        throw new VectorsRefused("ConflictException", 409, "An index with this name exists");
      }
      const nonFilterable = metadataConfiguration?.nonFilterableMetadataKeys ?? [];
      bucket.set(indexName, { dimension, nonFilterable, vectors: new Map() });
      return { indexArn: arnOf(vectorBucketName, indexName) };
    },
    ListIndexes({ vectorBucketName, prefix = "", maxResults = 2, nextToken = "0" }) {
      const names = [...bucketOf(vectorBucketName).keys()].filter((each) =>
        each.startsWith(prefix),
      );
      const end = Number(nextToken) + maxResults;
      const page = names.slice(Number(nextToken), end).map((indexName) => ({
        vectorBucketName,
        indexName,
        indexArn: arnOf(vectorBucketName, indexName),
        creationTime: 1_764_000_000,
      }));
      return { indexes: page, ...(end < names.length && { nextToken: String(end) }) };
    },
    PutVectors(input) {
      const index = indexOf(input);
      for (const vector of input.vectors) assertFits(index, vector);
      for (const { key, data, metadata = {} } of input.vectors) {
        index.vectors.set(key, { data: data.float32, metadata });
      }
      return {};
    },
    DeleteVectors(input) {
      const { vectors } = indexOf(input);
      for (const key of input.keys) vectors.delete(key);
      return {};
    },
    QueryVectors(input) {
      const { dimension, nonFilterable, vectors } = indexOf(input);
      const { topK, queryVector, filter, nextToken = "0", returnDistance, returnMetadata } = input;
      if (queryVector.float32.length !== dimension) {
        throw new VectorsRefused("ValidationException", 400, "Query vector has another dimension");
      }
      const ranked = [...vectors]
        .filter(([, { metadata }]) => {
          const seen = Object.entries(metadata).filter(([name]) => !nonFilterable.includes(name));
          return filter === undefined || passes(Object.fromEntries(seen), filter);
        })
        .map(([key, { data, metadata }]) => {
          const distance = cosineDistance(data, queryVector.float32);
          return {
            key,
            ...(returnDistance && { distance }),
            ...(returnMetadata && { metadata }),
            at: distance,
          };
        })
        .sort((a, b) => a.at - b.at);
      const end = Number(nextToken) + topK;
      return {
        distanceMetric: "cosine",
        vectors: ranked.slice(Number(nextToken), end).map(({ at: _, ...vector }) => vector),
        ...(end < ranked.length && { nextToken: String(end) }),
      };
    },
  };

  async function answer(request: IncomingMessage): Promise<Answer> {
    const action = (request.url ?? "").slice(1);
    const body = await text(request);
    if (request.method !== "POST" || !isAction(action)) {
      throw new VectorsRefused("UnknownOperationException", 404, `There is no action ${action}.`);
    }
    if (body.length > BODY_MAX_BYTES) {
      throw new VectorsRefused("RequestEntityTooLarge", 413, "At most 20 MiB");
    }
    const input = requests[action].safeParse(JSON.parse(body));
    const vectors = input.success && "vectors" in input.data ? input.data.vectors.length : 0;
    calls.push({ action, vectors });
    const fault = takeFault(action);
    if (fault !== null)
      throw new VectorsRefused(fault.error, fault.status, `As told: ${fault.error}`);
    if (!input.success) throw new VectorsRefused("ValidationException", 400, input.error.message);
    const act: (input: never) => Answer = actions[action];
    return act(input.data as never);
  }

  function takeFault(action: ActionName): VectorsFault | null {
    const fault = faults.find((each) => each.action === action);
    if (fault === undefined) return null;
    const { after = 0, times = 1 } = fault;
    if (after > 0) {
      fault.after = after - 1;
      return null;
    }
    if (times > 1) fault.times = times - 1;
    else faults.splice(faults.indexOf(fault), 1);
    return fault;
  }

  const server = createServer((request, response) => {
    answer(request).then(
      (body) => send(response, 200, body),
      (thrown) => {
        const refusal = refusalOf(thrown);
        send(response, refusal.status, { message: refusal.message }, refusal.errorType);
      },
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** Every call that came, refused or not. */
    calls,
    fail: (fault: VectorsFault): void => void faults.push({ ...fault }),
    keysOf: (bucket: string, index: string) => [
      ...(bucketOf(bucket).get(index)?.vectors.keys() ?? []),
    ],
    async close(): Promise<void> {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function refusalOf(thrown: unknown): VectorsRefused {
  if (thrown instanceof VectorsRefused) return thrown;
  const isFilter = thrown instanceof FilterRefused;
  const [name, status] = isFilter
    ? (["ValidationException", 400] as const)
    : (["InternalServerException", 500] as const);
  return new VectorsRefused(name, status, String(thrown));
}

function send(response: ServerResponse, status: number, body: Answer, errorType?: string): void {
  response.writeHead(status, {
    "content-type": "application/json",
    ...(errorType !== undefined && { "x-amzn-errortype": errorType }),
  });
  response.end(JSON.stringify(body));
}

function arnOf(bucket: string, index: string): string {
  return `arn:aws:s3vectors:us-east-1:123456789012:bucket/${bucket}/index/${index}`;
}
