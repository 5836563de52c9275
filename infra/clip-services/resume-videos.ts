import { asAtelierError, type Ingest, type Video } from "#core";
import { BEING_REMOVED } from "../../src/frames/ingest.ts";
import { createIngestClaims } from "../../src/frames/ingest-claim.ts";
import type { BatchAnswer, IndexingParts } from "./batch-frames.ts";
import { BATCH } from "./found-video.ts";

/**
 * Goes on, one after the other, with the videos whose indexing was put down or never begun, with
 * removals that were cut short, and with those that an earlier model indexed: what one process does in the background, for processes
 * that have none. What another is at now is left to it. When time is up, answers what was done until
 * then: that there is more is no failure, and the next call takes it up.
 */
export async function resumeVideos(
  parts: IndexingParts & { ingest: Ingest },
  signal: AbortSignal,
): Promise<BatchAnswer[]> {
  const { videos, state, clock, embedder, ingest, media } = parts;
  const claims = createIngestClaims({ state, clock, owner: "" });
  const answers: BatchAnswer[] = [];
  for (const video of await videos.listAll()) {
    if (signal.aborted) break;
    // Of a chat's video it is a job, which comes again until it is done.
    const isBeingRemoved = video.failure === BEING_REMOVED && video.addedBy === BATCH;
    const isLeft = isBeingRemoved || isUnfinished(video, embedder.model.space);
    if (!isLeft || (await claims.isHeld(video.id))) continue;
    const answer: BatchAnswer = { video_id: video.id, embedded: 0, skipped: 0, failed: [] };
    try {
      if (isBeingRemoved) {
        await ingest.remove(video.id, { keepsFile: true });
        continue;
      }
      const { frameCount } = await ingest.run(video.id, { signal, progress: () => {} });
      answer.embedded = frameCount;
    } catch (thrown) {
      if (signal.aborted) break;
      const { message } = asAtelierError(thrown);
      answer.failed.push({ frame: `s3://${media.bucket}/${video.sourceKey}`, message });
    }
    answers.push(answer);
  }
  return answers;
}

function isUnfinished({ status, space }: Video, current: string): boolean {
  return status === "ready" ? space !== current : status !== "failed";
}
