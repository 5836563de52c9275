import { inputArguments } from "./ffmpeg-input.ts";
import type { VideoFacts } from "./video-facts.ts";

/** Frames looked at in each second: a cut is seen at the first of these after it. */
const SAMPLES_PER_SECOND = 8;
const THUMBNAIL_MAX_PX = 640;
const GRID = 8;
/** From which change on FFmpeg hands a frame over at once (`scene` of its `select` filter, 0 to 1). */
const SCENE_CHANGE = 0.04;

/** Which frames are decoded at all. */
type DecodeDepth = "referenced" | "key";

export interface DecodePlan {
  path: string;
  facts: VideoFacts;
  depth: DecodeDepth;
  /** Decoding begins here, counted from the video's beginning. */
  startMs: number;
  /** Whether this FFmpeg can map the brightness of HDR (filters zscale and tonemap). */
  canToneMap: boolean;
}

/**
 * One decode, two outputs in one Matroska stream: track 1 JPEG thumbnails of the first frame in
 * each second and of the first after each change, track 2 a grid of brightness of every sample.
 * Times count from `startMs` and are those of the frames: no frame rate is imposed.
 */
export function decodeArguments(plan: DecodePlan): string[] {
  const { facts, startMs } = plan;
  return [
    ...["-v", "error", "-nostdin", "-nostats"],
    // Frames that no other needs are left out: a third of the work, and no second loses its frame.
    ...["-skip_frame", plan.depth === "key" ? "nokey" : "noref"],
    ...(startMs > 0 ? ["-ss", String(startMs / 1000)] : []),
    ...inputArguments(plan.path),
    ...["-filter_complex", filterGraph(plan, `0:${facts.streamIndex}`)],
    ...["-map", "[jpeg]", "-map", "[grid]", "-enc_time_base", "1:1000"],
    ...["-c:v:0", "mjpeg", "-q:v:0", "4", "-c:v:1", "rawvideo"],
    // What was read leaves at once, however small.
    ...["-f", "matroska", "-flush_packets", "1", "pipe:1"],
  ];
}

function filterGraph(plan: DecodePlan, input: string): string {
  const { widthPx, heightPx } = thumbnailSize(plan.facts);
  const start = plan.startMs / 1000;
  // Counted from the video's beginning, so that a later start finds the same frames.
  const isNewPart = (parts: number) =>
    `isnan(prev_selected_t)+gt(floor((t+${start})*${parts}),floor((prev_selected_t+${start})*${parts}))`;
  const { forAll, forThumbnails } = colorFilters(plan, `${widthPx}:${heightPx}`);
  const samples = [
    `select='${isNewPart(SAMPLES_PER_SECOND)}'`,
    ...forAll,
    "setsar=1",
    "settb=1/1000",
  ];
  const thumbnails = [`select='${isNewPart(1)}+gt(scene,${SCENE_CHANGE})'`, ...forThumbnails];
  return [
    `[${input}]${samples.join(",")},split[a][b]`,
    `[a]${thumbnails.join(",")}[jpeg]`,
    `[b]scale=${GRID}:${GRID}:flags=area:out_range=full,format=gray[grid]`,
  ].join(";");
}

/** To the size and the colours of the thumbnails: the sRGB curve, BT.601 coefficients, full range. */
function colorFilters(
  plan: DecodePlan,
  size: string,
): { forAll: string[]; forThumbnails: string[] } {
  const { facts, canToneMap } = plan;
  const scale = `scale=${size}:flags=bilinear`;
  const isHdr = facts.colorTransfer === "smpte2084" || facts.colorTransfer === "arib-std-b67";
  if (!isHdr || !canToneMap) {
    // Other coefficients cost as much as all the rest: only thumbnails get them.
    const colors = `scale=in_color_matrix=${matrixOf(facts)}:out_color_matrix=bt601:out_range=full`;
    return { forAll: [scale], forThumbnails: [colors, "format=yuvj420p"] };
  }
  const toneMapped = [
    // Small first: the mapping works on floating-point numbers.
    scale,
    `zscale=tin=${facts.colorTransfer}:pin=2020:min=2020_ncl:t=linear:npl=100`,
    "format=gbrpf32le",
    "zscale=p=709",
    "tonemap=tonemap=hable:desat=0",
    "zscale=t=709:m=470bg:r=full",
    "format=yuvj420p",
  ];
  return { forAll: toneMapped, forThumbnails: [] };
}

/** The coefficients of its brightness; what says nothing is taken as players take it, by its size. */
function matrixOf({ colorSpace, storedHeightPx, storedWidthPx }: VideoFacts): string {
  switch (colorSpace) {
    case "bt709":
      return "bt709";
    case "bt2020nc":
    case "bt2020c":
      return "bt2020";
    case "smpte170m":
    case "bt470bg":
    case "fcc":
      return "bt601";
    case "smpte240m":
      return "smpte240m";
    case "gbr":
      return "auto";
    default:
      return storedHeightPx >= 720 || storedWidthPx >= 1280 ? "bt709" : "bt601";
  }
}

function thumbnailSize({ widthPx, heightPx }: VideoFacts): { widthPx: number; heightPx: number } {
  const scale = Math.min(1, THUMBNAIL_MAX_PX / Math.max(widthPx, heightPx));
  // Filters that halve the colour planes want even sides.
  const side = (px: number) => Math.max(GRID, 2 * Math.round((px * scale) / 2));
  return { widthPx: side(widthPx), heightPx: side(heightPx) };
}
