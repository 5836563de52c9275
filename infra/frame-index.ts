import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Clock, FrameIndex, Log, VideoStore } from "#core";
import type { Settings } from "./settings.ts";
import type { Storage } from "./storage.ts";

export interface FrameIndexParts {
  settings: Pick<Settings, "DATA_DIR" | "FRAME_INDEX" | "VECTOR_BUCKET" | "AWS_REGION">;
  storage: Storage;
  videos: Pick<VideoStore, "listAll">;
  clock: Clock;
  log: Log;
  /** Names this process. */
  owner: string;
  /** A process that does nothing beside searching needs no thread for it. */
  scansInThread: boolean;
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
  scansInThread,
}: FrameIndexParts): Promise<FrameIndex> {
  const { media } = storage.stores;
  if (settings.FRAME_INDEX === "s3-vectors") {
    const [{ createS3VectorsClient }, { createS3VectorsFrameIndex }] = await Promise.all([
      import("../src/drivers/aws/s3-vectors-client.ts"),
      import("../src/drivers/aws/s3-vectors-frame-index.ts"),
    ]);
    return createS3VectorsFrameIndex({
      client: createS3VectorsClient({ region: settings.AWS_REGION }),
      vectorBucket: settings.VECTOR_BUCKET ?? "",
      segments: media,
    });
  }
  const { createUsearchFrameIndex } = await import("../src/drivers/usearch/usearch-frame-index.ts");
  return createUsearchFrameIndex({
    segments: media,
    localPath: storage.isExclusive ? (key) => join(settings.DATA_DIR, "blobs", key) : null,
    cacheDir: join(ownFolder(settings, storage, owner), "segments"),
    async listSegments() {
      const all = await videos.listAll();
      return all.flatMap(({ id, space, indexedAtMs }) =>
        space === "" ? [] : [{ videoId: id, space, version: indexedAtMs }],
      );
    },
    clock,
    log,
    inThread: scansInThread,
  });
}
