import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Clock, Log, VideoStore } from "#core";
import type { SearchedIndex } from "./clip-services/index-query.ts";
import { openProcessFolder } from "./process-folder.ts";
import type { Settings } from "./settings.ts";
import type { Storage } from "./storage.ts";

export interface FrameIndexParts {
  settings: Pick<
    Settings,
    "DATA_DIR" | "FRAME_INDEX" | "VECTOR_BUCKET" | "SEARCH_FUNCTION" | "AWS_REGION"
  >;
  storage: Storage;
  videos: Pick<VideoStore, "listAll">;
  clock: Clock;
  log: Log;
  /** Names this process. */
  owner: string;
  /** The process is there for a call and sleeps after its answer: nothing goes on meanwhile. */
  isOnDemand: boolean;
}

/** Where a process on this storage may keep files of its own. */
export function ownFolder(
  { DATA_DIR }: Pick<Settings, "DATA_DIR">,
  { isExclusive }: Pick<Storage, "isExclusive">,
  owner: string,
): string {
  return isExclusive ? DATA_DIR : join(tmpdir(), `atelier-${owner}`);
}

/** The FrameIndex that the settings name. */
export async function createFrameIndex({
  settings,
  storage,
  videos,
  clock,
  log,
  owner,
  isOnDemand,
}: FrameIndexParts): Promise<SearchedIndex> {
  const { media } = storage.stores;
  const { AWS_REGION: region, SEARCH_FUNCTION: functionName } = settings;
  if (settings.FRAME_INDEX === "s3-vectors") {
    const [{ createS3VectorsClient }, { createS3VectorsFrameIndex }] = await Promise.all([
      import("../src/drivers/aws/s3-vectors-client.ts"),
      import("../src/drivers/aws/s3-vectors-frame-index.ts"),
    ]);
    return createS3VectorsFrameIndex({
      client: createS3VectorsClient({ region }),
      vectorBucket: settings.VECTOR_BUCKET ?? "",
      segments: media,
    });
  }
  if (functionName !== undefined) {
    const [{ createLambdaClient }, { createLambdaFrameIndex }] = await Promise.all([
      import("../src/drivers/aws/lambda-client.ts"),
      import("../src/drivers/aws/lambda-frame-index.ts"),
    ]);
    const client = createLambdaClient({ region });
    return createLambdaFrameIndex({ client, functionName, segments: media, clock });
  }
  const { createUsearchFrameIndex } = await import("../src/drivers/usearch/usearch-frame-index.ts");
  const own = ownFolder(settings, storage, owner);
  if (isOnDemand && !storage.isExclusive) await openProcessFolder(own);
  return createUsearchFrameIndex({
    segments: media,
    localPath: storage.isExclusive ? (key) => join(settings.DATA_DIR, "blobs", key) : null,
    cacheDir: join(own, "segments"),
    async listSegments() {
      const all = await videos.listAll();
      return all.flatMap(({ id, space, indexedAtMs }) =>
        space === "" ? [] : [{ videoId: id, space, version: indexedAtMs }],
      );
    },
    clock,
    log,
    // A process that does nothing beside its call needs no thread for it.
    inThread: !isOnDemand,
    refreshesMeanwhile: !isOnDemand,
  });
}
