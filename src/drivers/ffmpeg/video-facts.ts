import { z } from "zod";
import type { VideoInfo } from "../../ports/index.ts";

const seconds = z.coerce.number().nonnegative().optional().catch(undefined);
const fraction = (separator: string) =>
  z
    .string()
    .transform((text) => text.split(separator).map(Number))
    .transform(([over = 0, under = 0]) => (over > 0 && under > 0 ? over / under : null))
    .catch(null);

const streamSchema = z.object({
  index: z.number(),
  codec_type: z.string().optional(),
  codec_name: z.string().default("unknown"),
  width: z.number().default(0),
  height: z.number().default(0),
  sample_aspect_ratio: fraction(":"),
  avg_frame_rate: fraction("/"),
  duration: seconds,
  color_space: z.string().optional(),
  color_transfer: z.string().optional(),
  disposition: z.object({ attached_pic: z.number().default(0) }).default({ attached_pic: 0 }),
  side_data_list: z.array(z.object({ rotation: z.coerce.number().optional() })).default([]),
  tags: z.object({ DURATION: z.string().optional() }).default({}),
});

/** What ffprobe writes as JSON; only what is read here. */
export const probeSchema = z.object({
  streams: z.array(streamSchema).default([]),
  format: z.object({ duration: seconds }).default({ duration: undefined }),
});
type Probe = z.infer<typeof probeSchema>;
type Stream = z.infer<typeof streamSchema>;

/** All that decoding needs to know. */
export interface VideoFacts extends VideoInfo {
  /** Of the picture track in the file. */
  streamIndex: number;
  /** 0 when the file does not say. */
  framesPerSecond: number;
  /** Stored size: what the decoder makes, before it is turned upright. */
  storedWidthPx: number;
  storedHeightPx: number;
  /** As FFmpeg names them; undefined when the file does not say. */
  colorSpace: string | undefined;
  colorTransfer: string | undefined;
}

/** The facts about the first track of moving pictures; null when there is none. Duration 0: not said. */
export function videoFacts(probe: Probe): VideoFacts | null {
  const stream = probe.streams.find(
    ({ codec_type, disposition }) => codec_type === "video" && disposition.attached_pic === 0,
  );
  if (stream === undefined || stream.width < 1 || stream.height < 1) return null;
  const durationSeconds =
    stream.duration ?? clockSeconds(stream.tags.DURATION) ?? probe.format.duration ?? 0;
  return {
    streamIndex: stream.index,
    durationMs: Math.round(durationSeconds * 1000),
    framesPerSecond: stream.avg_frame_rate ?? 0,
    codec: stream.codec_name,
    storedWidthPx: stream.width,
    storedHeightPx: stream.height,
    ...uprightSize(stream),
    colorSpace: stream.color_space,
    colorTransfer: stream.color_transfer,
  };
}

/** Square pixels, turned as the display matrix says. */
function uprightSize(stream: Stream): { widthPx: number; heightPx: number } {
  const widthPx = Math.max(1, Math.round(stream.width * (stream.sample_aspect_ratio ?? 1)));
  const heightPx = stream.height;
  const rotation = stream.side_data_list.find((each) => each.rotation !== undefined)?.rotation ?? 0;
  const isTurned = Math.abs(Math.round(rotation / 90)) % 2 === 1;
  return isTurned ? { widthPx: heightPx, heightPx: widthPx } : { widthPx, heightPx };
}

/** Matroska keeps a track's length as a tag: `00:01:02.345000000`. */
function clockSeconds(text: string | undefined): number | undefined {
  const [, hours, minutes, rest] = /^(\d+):(\d\d):(\d\d(?:\.\d+)?)$/u.exec(text ?? "") ?? [];
  if (hours === undefined) return undefined;
  return Number(hours) * 3600 + Number(minutes) * 60 + Number(rest);
}
