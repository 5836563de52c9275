/**
 * What may be opened: files that hold their pictures themselves. Playlists, concat scripts and
 * whatever else names other files or addresses (hls, dash, concat, image2, …) are not among them,
 * and nothing but local files is ever followed. Names as `ffmpeg -formats` lists them.
 */
const FORMATS = "mov,matroska,webm,avi,mpegts,mpeg,flv,asf,ogg";
/** Twice 8K. AV1 alone could claim 65,536 pixels a side, and one such picture takes 6 GB. */
const DECODED_PIXELS_MAX = 2 * 7680 * 4320;

/** The arguments that open this file and nothing else, whatever is in it or its name. */
export function inputArguments(path: string): string[] {
  return [
    ...["-protocol_whitelist", "file,pipe", "-format_whitelist", FORMATS],
    ...["-max_pixels", String(DECODED_PIXELS_MAX), "-i", `file:${path}`],
  ];
}
