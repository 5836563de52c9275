import { availableParallelism } from "node:os";
import {
  type Clock,
  createSpaceList,
  decodeSegment,
  encodeSegment,
  type FrameIndex,
  type Log,
  segmentKey,
} from "../../ports/index.ts";
import { type ListedSegment, type OpenSpace, openSpace } from "./open-space.ts";
import { createScanHere, type Scan, startScanThread } from "./scan-thread.ts";
import { createSegmentFiles, type SegmentFilesOptions } from "./segment-files.ts";

export type { ListedSegment } from "./open-space.ts";

/** A scan is as fast as memory is: more threads than these gain nothing. */
const THREADS_MAX = 4;
const REFRESH_MS = 30_000;

export interface UsearchFrameIndexOptions extends SegmentFilesOptions {
  /**
   * The segments that there are, of every space: of each video that was indexed, also while it is
   * indexed anew. Asked at the first search, when a search names a video that is not known, and
   * at a search `refreshMs` after the last time; so what other processes put and delete is seen.
   */
  listSegments(): Promise<readonly ListedSegment[]>;
  clock: Clock;
  log: Log;
  /** 30 s unless told. */
  refreshMs?: number;
  /**
   * Whether searches go on with what there is while the list is made again, as unless told. Not
   * in a process that sleeps between calls, where a list made meanwhile would come late.
   */
  refreshesMeanwhile?: boolean;
  /** Whether the scan has a thread of its own; a process that only searches needs none. */
  inThread?: boolean;
}

export interface UsearchFrameIndex extends FrameIndex {
  /** What is in memory; about 520 bytes a frame at 512 dimensions. */
  usage(): Promise<{ frames: number; bytes: number }>;
  /** The next search of the space sees what other processes put and deleted until then. */
  catchUp(space: string, untilMs: number): Promise<void>;
}

/**
 * An exact search up to about 3 million frames: one packed file for each video in the media
 * store, one int8 row for each frame in memory, loaded at the first search of a space. A damaged
 * file is named in the log and left out.
 */
export function createUsearchFrameIndex(options: UsearchFrameIndexOptions): UsearchFrameIndex {
  const { listSegments, clock, log, inThread = true } = options;
  const { refreshMs = REFRESH_MS, refreshesMeanwhile = true } = options;
  const freshness = { refreshMs, refreshesMeanwhile };
  const files = createSegmentFiles(options);
  const spaceList = createSpaceList(options.segments);
  const spaces = new Map<string, OpenSpace>();
  let scan: Scan | null = null;

  /** The space, and the scan that holds its rows. */
  function open(space: string): { opened: OpenSpace; scan: Scan } {
    const threads = Math.min(THREADS_MAX, availableParallelism());
    scan ??= inThread ? startScanThread({ threads, onEnd: forget }) : createScanHere({ threads });
    const opened = spaces.get(space) ?? openSpace({ space, scan, files, listSegments, clock, log });
    spaces.set(space, opened);
    return { opened, scan };
  }

  /** The thread ended with all it held: the next search starts from the files. */
  function forget(): void {
    scan = null;
    spaces.clear();
    log.warn({}, "The thread that searches frames ended; the next search starts another.");
  }

  return {
    async put(segment) {
      const { videoId, space } = segment;
      const bytes = encodeSegment(segment);
      files.pathOf(segment);
      await spaceList.remember(space);
      await files.put(segment, bytes);
      await open(space).opened.take(videoId);
    },

    async get(videoId, space) {
      const bytes = await files.get({ videoId, space });
      return bytes === null ? null : decodeSegment(bytes, segmentKey(videoId, space));
    },

    async delete(videoId, space) {
      const names = space === undefined ? [...(await spaceList.all()), ...spaces.keys()] : [space];
      for (const name of new Set(names)) {
        await files.delete({ videoId, space: name });
        await spaces.get(name)?.drop(videoId);
      }
    },

    async search(embedding, { space, topK, filter, signal }) {
      return untilAborted(signal, async () => {
        const { opened, scan: own } = open(space);
        await opened.prepare(filter.videoIds, freshness);
        return own.call({ kind: "search", request: { space, filter }, embedding, topK });
      });
    },

    async count({ space, filter }) {
      const { opened, scan: own } = open(space);
      await opened.prepare(filter.videoIds, freshness);
      return own.call({ kind: "count", request: { space, filter } });
    },

    catchUp: (space, untilMs) => open(space).opened.catchUp(untilMs),

    async usage() {
      return (await scan?.call({ kind: "usage" })) ?? { frames: 0, bytes: 0 };
    },

    async close() {
      const ending = scan;
      scan = null;
      spaces.clear();
      await ending?.close();
      await files.close();
    },
  };
}

/** The work's outcome, or the signal's reason as soon as it aborts; a scan under way runs on. */
function untilAborted<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const end = () => reject(signal.reason);
    signal.addEventListener("abort", end, { once: true });
    work()
      .then(resolve, reject)
      .finally(() => signal.removeEventListener("abort", end));
  });
}
