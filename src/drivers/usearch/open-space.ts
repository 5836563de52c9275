import { AtelierError } from "../../errors.ts";
import { type Clock, type Log, segmentKey } from "../../ports/index.ts";
import type { Scan } from "./scan-thread.ts";
import type { createSegmentFiles, SegmentName } from "./segment-files.ts";

/** A segment that there is, as whoever keeps the videos knows it. */
export interface ListedSegment extends SegmentName {
  /** Changes when the video was indexed anew, e.g. the time of its indexing. */
  version: string | number | null;
}

export interface OpenSpaceOptions {
  space: string;
  scan: Scan;
  files: ReturnType<typeof createSegmentFiles>;
  listSegments(): Promise<readonly ListedSegment[]>;
  clock: Clock;
  log: Log;
}

export type OpenSpace = ReturnType<typeof openSpace>;

/** How many segments are fetched at once. */
const FETCHES = 8;
/** How often a video that was not there a moment ago is looked for again. */
const MISSING_AGAIN_MS = 2_000;

/** Keeps what the scan holds of one space in step with the segments that there are. */
export function openSpace({ space, scan, files, listSegments, clock, log }: OpenSpaceOptions) {
  /** What the scan holds, or tried to; `listed` once the list had it, with its version. */
  const held = new Map<string, { listed: boolean; version: ListedSegment["version"] }>();
  const missing = new Set<string>();
  /** When the list was asked for that is known now. */
  let listedAtMs = Number.NEGATIVE_INFINITY;
  let listing: Promise<void> | null = null;

  /** Loads the segment's file as it is now, where there is one. */
  async function load(videoId: string): Promise<{ isThere: boolean; refusal: string | null }> {
    const path = await files.fetch({ videoId, space });
    if (path === null) return { isThere: false, refusal: null };
    const refusal = await scan.call({ kind: "load", file: { videoId, space, path } });
    return { isThere: true, refusal };
  }

  /**
   * The same, but a damaged file is named in the log and left out. What fails otherwise, a full
   * disk for one, would leave out sound videos unseen: it rejects.
   */
  async function loadListed({ videoId, version }: ListedSegment): Promise<void> {
    const { isThere, refusal } = await load(videoId);
    if (!isThere) return;
    if (refusal !== null) {
      await scan.call({ kind: "drop", videoId, space });
      const segment = segmentKey(videoId, space);
      log.warn({ segment, refusal }, `The segment ${segment} is left out of the search.`);
    }
    // A damaged one too: it is tried again when its version is another.
    held.set(videoId, { listed: true, version });
  }

  async function list(): Promise<void> {
    const askedAtMs = clock.nowMs();
    const own = (await listSegments()).filter((segment) => segment.space === space);
    const versions = new Map(own.map(({ videoId, version }) => [videoId, version]));
    for (const [videoId, { listed }] of held) {
      // What was put here may be listed later; what was listed and is no longer is gone.
      if (versions.has(videoId) || !listed) continue;
      held.delete(videoId);
      await scan.call({ kind: "drop", videoId, space });
    }
    const changed = own.filter(({ videoId, version }) => {
      const known = held.get(videoId);
      return known === undefined || (known.listed && known.version !== version);
    });
    for (const { videoId, version } of own) {
      // A segment that was put here is as new as its first listing.
      if (held.has(videoId)) held.set(videoId, { listed: true, version });
    }
    await eachOf(changed, FETCHES, loadListed);
    missing.clear();
    listedAtMs = askedAtMs;
  }

  function refresh(): Promise<void> {
    listing ??= list().finally(() => {
      listing = null;
    });
    return listing;
  }

  return {
    /** Resolves once the videos can be searched, as far as they are there. */
    async prepare(
      videoIds: readonly string[],
      { refreshMs, refreshesMeanwhile }: { refreshMs: number; refreshesMeanwhile: boolean },
    ): Promise<void> {
      const ageMs = clock.nowMs() - listedAtMs;
      const unknown = videoIds.filter((id) => !held.has(id));
      const isNew = unknown.some((id) => !missing.has(id));
      if (ageMs === Number.POSITIVE_INFINITY || isNew) await refresh();
      else if (unknown.length > 0 && ageMs >= MISSING_AGAIN_MS) await refresh();
      else if (ageMs >= refreshMs && !refreshesMeanwhile) await refresh();
      else if (ageMs >= refreshMs) {
        refresh().catch((thrown) => log.warn({ cause: thrown }, "The videos cannot be listed."));
      }
      for (const id of unknown) if (!held.has(id)) missing.add(id);
    },

    /** Looks at the list again, unless it was made after that time. */
    async catchUp(untilMs: number): Promise<void> {
      // One that is being made may have been asked for before.
      if (listing !== null && listedAtMs <= untilMs) await listing;
      if (listedAtMs <= untilMs) await refresh();
    },

    /** Loads a segment that was put here; rejects where its file cannot be searched. */
    async take(videoId: string): Promise<void> {
      const { isThere, refusal } = await load(videoId);
      if (refusal !== null) throw new AtelierError("internal", refusal);
      if (isThere) held.set(videoId, { listed: false, version: null });
    },

    async drop(videoId: string): Promise<void> {
      held.delete(videoId);
      await scan.call({ kind: "drop", videoId, space });
    },
  };
}

async function eachOf<Item>(
  items: readonly Item[],
  atOnce: number,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const left = [...items];
  const worker = async () => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}
