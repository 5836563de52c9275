import { text } from "node:stream/consumers";
import type { CandidateFrame, VideoDecoder } from "../../ports/index.ts";
import { type DecodePlan, decodeArguments } from "./decode-arguments.ts";
import { matroskaPackets } from "./matroska-packets.ts";
import { probeVideo } from "./probe-video.ts";
import { runProgram } from "./run-program.ts";
import { createShotCounter } from "./shot-counter.ts";
import { cutOff, noPictures, tookTooLong, tooLong } from "./video-errors.ts";
import type { VideoFacts } from "./video-facts.ts";

export interface FfmpegVideoDecoderOptions {
  maxBytes: number;
  maxHours: number;
  /** How long one decode may take in all. */
  decodeTimeoutMs?: number;
  /** How long it may go on without a frame, and how long looking at a file may take. */
  idleTimeoutMs?: number;
  /** Where the programs are, when they are not on the PATH. */
  ffmpeg?: string;
  ffprobe?: string;
}

/** Decoding a little before a later start shows whether there is a cut at it. */
const LEAD_IN_MS = 500;
/** Key frames alone do where they are at most this far apart. */
const KEY_FRAME_GAP_MAX_MS = 8_000;
/** Above this many pixels in all, about 20 minutes of decoding on two cores, only key frames are decoded. */
const PIXELS_MAX = 7e11;
/** As many as 4K has; above it one frame takes a tenth of a second and much memory. */
const FRAME_PIXELS_MAX = 4096 * 2304;
const GRID_TRACK = 2;

/**
 * Reads videos with the system's FFmpeg (4.4 or later), in a process of its own. What is larger
 * than 4K, or would take very long, is decoded by its key frames; a second without one then has no
 * candidate. Exact times, upright, sRGB; HDR is tone-mapped where FFmpeg has the filters for it.
 */
export function createFfmpegVideoDecoder(options: FfmpegVideoDecoderOptions): VideoDecoder {
  const {
    ffmpeg = "ffmpeg",
    ffprobe = "ffprobe",
    decodeTimeoutMs = 2 * 3_600_000,
    idleTimeoutMs = 120_000,
  } = options;
  let toneMap: Promise<boolean> | undefined;

  /** Asked once; an installation does not change while the process runs. */
  function canToneMap(): Promise<boolean> {
    toneMap ??= (async () => {
      const program = runProgram(ffmpeg, ["-v", "error", "-filters"]);
      const [filters] = await Promise.all([text(program.stdout), program.exit]);
      return /\bzscale\b/u.test(filters) && /\btonemap\b/u.test(filters);
    })();
    // What could not be started now may be there the next time.
    toneMap.catch(() => {
      toneMap = undefined;
    });
    return toneMap;
  }

  async function look(path: string, signal: AbortSignal): Promise<VideoFacts> {
    const { maxBytes, maxHours } = options;
    const programs = { ffmpeg, ffprobe, timeoutMs: idleTimeoutMs };
    const facts = await probeVideo(path, { ...programs, maxBytes, signal });
    if (facts.durationMs > maxHours * 3_600_000) throw tooLong(maxHours);
    return facts;
  }

  /** The samples of one decode; those with a thumbnail are candidates. */
  async function* samples(plan: DecodePlan, stop: AbortSignal): AsyncGenerator<Sample> {
    const program = runProgram(ffmpeg, decodeArguments(plan));
    let ended: unknown = null;
    const end = (why: unknown) => {
      ended ??= why;
      program.kill();
    };
    const onStop = () => end(stop.reason);
    stop.addEventListener("abort", onStop, { once: true });
    if (stop.aborted) onStop();
    const isIdle = () => end(tookTooLong());
    let idle = setTimeout(isIdle, idleTimeoutMs);
    let thumbnail: { timeMs: number; jpeg: Uint8Array } | null = null;
    let lastMs = 0;
    try {
      for await (const { track, timeMs: fromStartMs, bytes } of matroskaPackets(program.stdout)) {
        const timeMs = plan.startMs + fromStartMs;
        if (track !== GRID_TRACK) {
          thumbnail = { timeMs, jpeg: bytes };
          continue;
        }
        lastMs = timeMs;
        const jpeg = thumbnail?.timeMs === timeMs ? thumbnail.jpeg : null;
        // While nobody reads on, nothing is late.
        clearTimeout(idle);
        yield { timeMs, luma: bytes, jpeg };
        idle = setTimeout(isIdle, idleTimeoutMs);
      }
      const code = await program.exit;
      if (ended !== null) throw ended;
      if (isCutOff(plan.facts, { lastMs, code, said: program.said() }))
        throw cutOff(program.said());
      if (lastMs === 0 && thumbnail === null && plan.startMs === 0)
        throw noPictures(program.said());
    } finally {
      clearTimeout(idle);
      stop.removeEventListener("abort", onStop);
      program.kill();
      // What nobody reads on would keep the pipe open, and its bytes in memory.
      program.stdout.destroy();
    }
  }

  return {
    async probe(path, { signal }) {
      const { durationMs, widthPx, heightPx, codec } = await look(path, signal);
      return { durationMs, widthPx, heightPx, codec };
    },

    async *frames(path, { fromMs = 0, signal }) {
      const facts = await look(path, signal);
      const deadline = AbortSignal.timeout(decodeTimeoutMs);
      const stop = AbortSignal.any([signal, deadline]);
      const shots = createShotCounter();
      const isHeavy = pixelsOf(facts) > PIXELS_MAX || framePixelsOf(facts) > FRAME_PIXELS_MAX;
      const plan: DecodePlan = {
        ...{ path, facts, depth: isHeavy ? "key" : "referenced" },
        startMs: Math.max(0, fromMs - LEAD_IN_MS),
        canToneMap: await canToneMap(),
      };
      let seenMs = -1;
      let shotBefore = 0;
      let given: { second: number; shot: number } | null = null;

      async function* candidates(from: DecodePlan): AsyncGenerator<CandidateFrame, boolean> {
        for await (const { timeMs, luma, jpeg } of samples(from, stop)) {
          if (timeMs <= seenMs) continue;
          const gapMs = timeMs - Math.max(seenMs, fromMs);
          if (from.depth === "key" && gapMs > KEY_FRAME_GAP_MAX_MS) return false;
          const shot = shots.next(timeMs, luma);
          seenMs = timeMs;
          if (timeMs <= fromMs) shotBefore = shot;
          if (jpeg === null || timeMs < fromMs) continue;
          // Where much moves there are more thumbnails than these.
          const second = Math.floor(timeMs / 1000);
          if (second === given?.second && shot === given.shot) continue;
          given = { second, shot };
          yield { timeMs, shot: shot - shotBefore, luma, jpeg };
        }
        return from.depth !== "key" || facts.durationMs - seenMs <= KEY_FRAME_GAP_MAX_MS;
      }

      try {
        const isComplete = yield* candidates(plan);
        // Its key frames are too far apart: the rest is decoded as other videos are.
        if (!isComplete) {
          const startMs = Math.max(plan.startMs, seenMs - LEAD_IN_MS);
          yield* candidates({ ...plan, depth: "referenced", startMs });
        }
      } catch (thrown) {
        signal.throwIfAborted();
        throw deadline.aborted ? tookTooLong(thrown) : thrown;
      }
    },
  };
}

interface Sample {
  timeMs: number;
  luma: Uint8Array;
  jpeg: Uint8Array | null;
}

/** A file that ends early and says so; a last picture that stands for long is none. */
function isCutOff(
  { durationMs }: VideoFacts,
  { lastMs, code, said }: { lastMs: number; code: number | null; said: string },
): boolean {
  const missingMs = durationMs - lastMs;
  if (/partial file|ended prematurely|truncat/iu.test(said)) return missingMs > 500;
  // Other complaints may be about one frame, and sound may be longer than the picture.
  const isShort = missingMs > Math.max(2_000, durationMs * 0.02);
  return isShort && (code !== 0 || said !== "");
}

function framePixelsOf({ storedWidthPx, storedHeightPx }: VideoFacts): number {
  return storedWidthPx * storedHeightPx;
}

function pixelsOf(facts: VideoFacts): number {
  const frames = (facts.durationMs / 1000) * Math.min(facts.framesPerSecond || 30, 120);
  return framePixelsOf(facts) * frames;
}
