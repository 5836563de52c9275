import {
  CreateIndexCommand,
  DeleteVectorsCommand,
  ListIndexesCommand,
  PutVectorsCommand,
  QueryVectorsCommand,
  type QueryVectorsCommandInput,
  type QueryVectorsOutput,
  type S3VectorsClient,
} from "@aws-sdk/client-s3vectors";
import { asS3VectorsError, saysIndexExists, saysNoIndex } from "./s3-vectors-errors.ts";

// https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-vectors-limitations.html
const S3_VECTORS_WRITE_MAX = 500;
const S3_VECTORS_TOP_K_MAX = 100;
/** So many writes are under way at once; an index takes 2,500 vectors a second. */
const WRITES = 4;

export interface StoredVector {
  key: string;
  embedding: Float32Array;
  metadata: Readonly<Record<string, string | number>>;
}

export interface VectorQuery {
  embedding: Float32Array;
  filter: QueryVectorsCommandInput["filter"];
  /** Any number: pages are asked for until there are as many, or no more. */
  count: number;
  signal?: AbortSignal;
}

export interface S3VectorsOptions {
  client: S3VectorsClient;
  vectorBucket: string;
  /** Stands before the space in the index's name, so that a bucket can serve several teams. */
  prefix: string;
}

/** The vector indexes of one bucket, one for each space, with the service's limits kept. */
export function createS3VectorsIndexes({ client, vectorBucket, prefix }: S3VectorsOptions) {
  const made = new Set<string>();
  const indexOf = (space: string) => ({
    vectorBucketName: vectorBucket,
    indexName: `${prefix}${space}`,
  });

  async function attempt<T>(right: string, work: () => Promise<T>, orElse?: T): Promise<T> {
    try {
      return await work();
    } catch (thrown) {
      if (orElse !== undefined && saysNoIndex(thrown)) return orElse;
      throw asS3VectorsError(thrown, vectorBucket, right);
    }
  }

  return {
    /** Makes the space's index unless it is there. */
    async make(space: string, dim: number): Promise<void> {
      if (made.has(space)) return;
      const command = new CreateIndexCommand({
        ...indexOf(space),
        dataType: "float32",
        dimension: dim,
        distanceMetric: "cosine",
        // `shot` is only read, so it need not be kept filterable.
        metadataConfiguration: { nonFilterableMetadataKeys: ["shot"] },
      });
      await attempt("s3vectors:CreateIndex", async () => {
        await client.send(command).catch((thrown) => {
          if (!saysIndexExists(thrown)) throw thrown;
        });
      });
      made.add(space);
    },

    /** The spaces that have an index. */
    async spaces(): Promise<string[]> {
      const found: string[] = [];
      let nextToken: string | undefined;
      do {
        const page = await attempt("s3vectors:ListIndexes", () =>
          client.send(
            new ListIndexesCommand({
              vectorBucketName: vectorBucket,
              ...(prefix !== "" && { prefix }),
              ...(nextToken !== undefined && { nextToken }),
            }),
          ),
        );
        found.push(...(page.indexes ?? []).map(({ indexName }) => indexName ?? ""));
        nextToken = page.nextToken;
      } while (nextToken !== undefined);
      return found.map((name) => name.slice(prefix.length));
    },

    async put(space: string, vectors: readonly StoredVector[]): Promise<void> {
      await inBatches(vectors, (batch) =>
        attempt("s3vectors:PutVectors", async () => {
          const stored = batch.map(({ key, embedding, metadata }) => ({
            key,
            data: { float32: [...embedding] },
            metadata,
          }));
          await client.send(new PutVectorsCommand({ ...indexOf(space), vectors: stored }));
        }),
      );
    },

    async delete(space: string, keys: readonly string[]): Promise<void> {
      await inBatches(keys, (batch) =>
        attempt(
          "s3vectors:DeleteVectors",
          async () => {
            await client.send(new DeleteVectorsCommand({ ...indexOf(space), keys: batch }));
            return null;
          },
          null,
        ),
      );
    },

    /** The nearest vectors that pass the filter; none when the space has no index. */
    async query(space: string, { embedding, filter, count, signal }: VectorQuery) {
      const found: NonNullable<QueryVectorsOutput["vectors"]> = [];
      let nextToken: string | undefined;
      do {
        const input: QueryVectorsCommandInput = {
          ...indexOf(space),
          topK: Math.min(count - found.length, S3_VECTORS_TOP_K_MAX),
          queryVector: { float32: [...embedding] },
          filter,
          returnMetadata: true,
          returnDistance: true,
          ...(nextToken !== undefined && { nextToken }),
        };
        const page = await attempt<Pick<QueryVectorsOutput, "vectors" | "nextToken">>(
          "s3vectors:QueryVectors",
          () =>
            client.send(new QueryVectorsCommand(input), {
              ...(signal !== undefined && { abortSignal: signal }),
            }),
          { vectors: [] },
        );
        found.push(...(page.vectors ?? []));
        nextToken = page.nextToken;
      } while (nextToken !== undefined && found.length < count);
      return found.slice(0, count);
    },
  };
}

/** Runs the work on batches as large as a call takes, a few at once; the first failure ends it. */
async function inBatches<Item>(
  items: readonly Item[],
  work: (batch: Item[]) => Promise<unknown>,
): Promise<void> {
  let next = 0;
  const worker = async () => {
    while (next < items.length) {
      const batch = items.slice(next, next + S3_VECTORS_WRITE_MAX);
      next += S3_VECTORS_WRITE_MAX;
      try {
        await work(batch);
      } catch (thrown) {
        next = items.length;
        throw thrown;
      }
    }
  };
  const outcomes = await Promise.allSettled(Array.from({ length: WRITES }, worker));
  const failed = outcomes.find((outcome) => outcome.status === "rejected");
  if (failed !== undefined) throw failed.reason;
}
