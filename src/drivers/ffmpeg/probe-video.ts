import { open, stat } from "node:fs/promises";
import { text } from "node:stream/consumers";
import { AtelierError } from "../../errors.ts";
import { inputArguments } from "./ffmpeg-input.ts";
import { type RunningProgram, runProgram } from "./run-program.ts";
import { audioOnly, cutOff, noPictures, notAVideo, tookTooLong, tooLarge } from "./video-errors.ts";
import { probeSchema, type VideoFacts, videoFacts } from "./video-facts.ts";

const ENTRIES = [
  "format=duration",
  "stream=index,codec_type,codec_name,width,height,sample_aspect_ratio,avg_frame_rate,duration,color_space,color_transfer",
  "stream_disposition=attached_pic",
  "stream_side_data=rotation",
  "stream_tags=DURATION",
].join(":");

export interface ProbeOptions {
  ffmpeg: string;
  ffprobe: string;
  maxBytes: number;
  timeoutMs: number;
  signal: AbortSignal;
}

/** Looks at the file without decoding more than its beginning. Rejects as `VideoDecoder.probe`. */
export async function probeVideo(path: string, options: ProbeOptions): Promise<VideoFacts> {
  const { size } = await stat(path).catch((cause) => {
    throw new AtelierError("internal", `The video file ${path} cannot be read.`, { cause });
  });
  if (size > options.maxBytes) throw tooLarge(size, options.maxBytes);
  const args = ["-v", "error", ...inputArguments(path), "-show_entries", ENTRIES, "-of", "json"];
  const { output, code, said } = await finish(runProgram(options.ffprobe, args), options);
  if (code !== 0) {
    // An MP4 whose index was to come at the end that is missing.
    const isCutOff = /moov atom not found/u.test(said) && (await beginsAsMp4(path));
    throw isCutOff ? cutOff(said) : notAVideo(said);
  }
  const probe = probeSchema.safeParse(parseJson(output));
  if (!probe.success) throw notAVideo(probe.error);
  const facts = videoFacts(probe.data);
  if (facts === null) {
    const hasSound = probe.data.streams.some(({ codec_type }) => codec_type === "audio");
    throw hasSound ? audioOnly() : noPictures(said);
  }
  if (facts.durationMs > 0) return facts;
  const durationMs = await measureDurationMs(path, facts.streamIndex, options);
  return { ...facts, durationMs };
}

/** ffprobe takes every file of that name for one. */
async function beginsAsMp4(path: string): Promise<boolean> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(8), 0, 8, 0);
    const type = buffer.toString("latin1", 4, bytesRead);
    return ["ftyp", "mdat", "wide", "free", "skip", "pnot"].includes(type);
  } finally {
    await file.close();
  }
}

/** Browsers record WebM without a length: the packets are read through, without decoding them. */
async function measureDurationMs(
  path: string,
  streamIndex: number,
  options: ProbeOptions,
): Promise<number> {
  const { output, said } = await finish(
    runProgram(options.ffmpeg, [
      ...["-v", "error", "-nostdin", ...inputArguments(path), "-map", `0:${streamIndex}`],
      ...["-c", "copy", "-f", "null", "-progress", "pipe:1", "-"],
    ]),
    options,
  );
  const times = [...output.matchAll(/^out_time_us=(\d+)$/gmu)];
  const isEmpty = !/^frame=[1-9]/mu.test(output);
  if (isEmpty) throw noPictures(said);
  return Math.max(1, Math.round(Number(times.at(-1)?.[1] ?? 0) / 1000));
}

async function finish(
  program: RunningProgram,
  { signal, timeoutMs }: Pick<ProbeOptions, "signal" | "timeoutMs">,
): Promise<{ output: string; code: number | null; said: string }> {
  const deadline = AbortSignal.timeout(timeoutMs);
  const stop = AbortSignal.any([signal, deadline]);
  const kill = () => program.kill();
  stop.addEventListener("abort", kill, { once: true });
  if (stop.aborted) kill();
  try {
    const [output, code] = await Promise.all([text(program.stdout), program.exit]);
    signal.throwIfAborted();
    if (deadline.aborted) throw tookTooLong(deadline.reason);
    return { output, code, said: program.said() };
  } finally {
    stop.removeEventListener("abort", kill);
  }
}

function parseJson(output: string): unknown {
  try {
    return JSON.parse(output);
  } catch {
    return null;
  }
}
