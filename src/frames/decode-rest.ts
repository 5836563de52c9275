import type { BlobStore, CandidateFrame, VideoDecoder } from "../ports/index.ts";
import { lastDoneFrame } from "./checkpoint.ts";
import { createFrameChooser } from "./choose-frames.ts";
import { BATCH_FRAMES, BATCHES_AT_ONCE, type IndexRun } from "./index-run.ts";
import { createOverlapped } from "./overlapped.ts";
import { frameKey } from "./video.ts";

/**
 * Decodes what comes after the checkpoint's last frame, and stores and embeds what is worth
 * keeping meanwhile. It never holds more than a few batches.
 */
export async function decodeRest(
  run: IndexRun,
  path: string,
  { media, decoder }: { media: BlobStore; decoder: VideoDecoder },
): Promise<void> {
  const { checkpoint, rows, signal, videoId } = run;
  const after = lastDoneFrame(checkpoint);
  checkpoint.durationMs = (await decoder.probe(path, { signal })).durationMs;
  const chooser = createFrameChooser({ after });

  async function keep(batch: readonly CandidateFrame[]): Promise<Uint16Array[]> {
    checkpoint.frames.push(...batch.map(({ timeMs, shot }) => ({ timeMs, shot })));
    // Named before they are there, so that a removal misses none.
    await run.save();
    const thumbnails = batch.map(({ timeMs, jpeg }) =>
      media.put(frameKey(videoId, timeMs), { bytes: jpeg, mediaType: "image/jpeg" }),
    );
    const pictures = batch.map(({ jpeg }) => jpeg);
    const times = batch.map(({ timeMs }) => timeMs);
    const made = run.embed(pictures, times);
    // Also when one fails: nothing is written any more once the work has ended.
    await Promise.allSettled([made, ...thumbnails]);
    await Promise.all(thumbnails);
    return made;
  }

  const batches = createOverlapped({
    atOnce: BATCHES_AT_ONCE,
    work: keep,
    finish: async (batch, made) => {
      rows.push(...made);
      checkpoint.done += batch.length;
      checkpoint.embedded = checkpoint.done;
      checkpoint.lastLuma = batch.at(-1)?.luma ?? checkpoint.lastLuma;
    },
  });
  let batch: CandidateFrame[] = [];
  let kept = checkpoint.done;
  try {
    for await (const candidate of decoder.frames(path, { fromMs: after?.timeMs ?? 0, signal })) {
      if (after !== null && candidate.timeMs <= after.timeMs) continue;
      // A decoder that begins later counts from the shot in which it begins.
      const shot = candidate.shot + (after?.shot ?? 0);
      const chosen = chooser.offer({ ...candidate, shot });
      batch.push(...chosen);
      kept += chosen.length;
      checkpoint.durationMs = Math.max(checkpoint.durationMs, candidate.timeMs);
      const share = candidate.timeMs / Math.max(1, checkpoint.durationMs);
      run.report({ phase: "decoding", share, frames: kept });
      if (batch.length < BATCH_FRAMES) continue;
      await batches.add(batch);
      batch = [];
    }
    if (batch.length > 0) await batches.add(batch);
    await batches.drain();
  } finally {
    await batches.settle();
  }
  checkpoint.isDecoded = true;
  await run.save();
}
