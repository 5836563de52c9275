import { AtelierError, type Clock, type Embedder, type FrameServices, type Log } from "#core";
import { once } from "../clip-services/once.ts";
import type { Settings } from "../settings.ts";
import type { Storage } from "../storage.ts";

/** The function that embeds may have to start, and to load its model, before it says which that is. */
const EMBEDDER_WITHIN_MS = 60_000;
const ANY_TEXT = "a photo";

/**
 * Finding moments in the worker. The first command that needs it opens the services behind it:
 * clip-inference embeds, frame-search searches, and ffmpeg decodes here. Once clip-inference runs
 * another model, the next command opens them anew. No demo videos: a team's own bucket stays its own.
 */
export function openFramesLate({
  settings,
  storage,
  clock,
  log,
  owner,
}: {
  settings: Settings;
  storage: Storage;
  clock: Clock;
  log: Log;
  /** Names this process. */
  owner: string;
}): () => Promise<FrameServices> {
  return once(async (forget) => {
    const [{ openEmbedder }, { openFrameServices }] = await Promise.all([
      import("../open-embedder.ts"),
      import("../frame-services.ts"),
    ]);
    let hasChanged = false;
    const opened = await openEmbedder(settings, {
      signal: AbortSignal.timeout(EMBEDDER_WITHIN_MS),
      isProven: true,
      onOtherModel() {
        hasChanged = true;
        forget();
      },
    });
    const embedder = withChangesTold(opened, () => hasChanged);
    const parts = { settings, storage, embedder, clock, log, owner, isOnDemand: true };
    return {
      ...(await openFrameServices(parts)),
      // Videos are in another space: maybe that of the model which clip-inference runs by now. A
      // search through those alone embeds nothing, and would never learn of it.
      async earlierEmbedder(_space, options) {
        await embedder.embedTexts([ANY_TEXT], options).catch((thrown: unknown) => {
          if (hasChanged) throw thrown;
        });
        return null;
      },
    };
  });
}

/** The embedder, which tells people that its model was changed: nothing is set up wrongly here. */
function withChangesTold(embedder: Embedder, hasChanged: () => boolean): Embedder {
  const told = (cause: unknown): never => {
    if (!hasChanged()) throw cause;
    const message = "The search model was changed just now. Ask again in a moment.";
    throw new AtelierError("unavailable", message, { cause });
  };
  return {
    ...embedder,
    embedTexts: (texts, options) => embedder.embedTexts(texts, options).catch(told),
    embedPictures: (pictures, options) => embedder.embedPictures(pictures, options).catch(told),
  };
}
