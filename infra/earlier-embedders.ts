import { readdir } from "node:fs/promises";
import type { Embedder, Log, VideoStore } from "#core";
import { readClipModelFolder } from "../src/drivers/onnx/clip-model-folder.ts";
import {
  type ClipModelSettings,
  clipModelPath,
  createEmbedder,
  DEMO_MODEL,
  pulledModelPath,
} from "./clip-models.ts";

export interface EarlierEmbedders {
  /** The Embedder of a space that videos are still indexed in; null where its model is not here. */
  of(space: string): Embedder | null;
  close(): Promise<void>;
}

/**
 * After a change of model: the models that answer for the videos that are not indexed anew yet, as
 * far as they are here: the demo model, and what was pulled. A folder that a setting named, or a
 * model that embedded elsewhere, is known no more.
 */
export async function openEarlierEmbedders({
  settings,
  current,
  videos,
  log,
}: {
  settings: Pick<ClipModelSettings, "DATA_DIR">;
  /** The space of the model that answers now. */
  current: string;
  videos: Pick<VideoStore, "listAll">;
  log: Log;
}): Promise<EarlierEmbedders> {
  const all = await videos.listAll();
  const missing = new Set(all.map(({ space }) => space));
  missing.delete(current);
  missing.delete("");
  const open = new Map<string, Embedder>();
  if (missing.size > 0) {
    const { DATA_DIR } = settings;
    const pulled = await readdir(pulledModelPath(DATA_DIR, ".")).catch(() => []);
    for (const name of [DEMO_MODEL, ...pulled.filter((each) => !each.startsWith("."))]) {
      if (missing.size === 0) break;
      const own = { DATA_DIR, CLIP_MODEL: name };
      try {
        const { space } = await readClipModelFolder(clipModelPath(own));
        if (!missing.delete(space)) continue;
        open.set(space, (await createEmbedder(own, { sessions: 1 })).embedder);
      } catch (thrown) {
        log.warn({ model: name, err: thrown }, "an earlier model cannot answer any more");
      }
    }
  }
  return {
    of: (space) => open.get(space) ?? null,
    async close() {
      await Promise.all([...open.values()].map((embedder) => embedder.close()));
    },
  };
}
