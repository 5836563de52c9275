const HEIC = "HEIC pictures must be converted first, for example by exporting them as JPEG.";

/** What the picker offers: all that the server reads. */
export const PICTURE_TYPES = "image/jpeg,image/png,image/webp,image/gif,image/avif";
export const VIDEO_TYPES = "video/mp4,video/quicktime,video/webm,video/x-matroska,.mkv,.mov,.m4v";

const videoTypes: Readonly<Record<string, string>> = {
  mp4: "video/mp4",
  m4v: "video/mp4",
  mov: "video/quicktime",
  webm: "video/webm",
  mkv: "video/x-matroska",
};

/** The type that the server is told; by the name where the browser does not know it. */
export function mediaTypeOf({ name, type }: Pick<File, "name" | "type">): string {
  if (type !== "") return type;
  const [, extension = ""] = /\.(\w{2,4})$/u.exec(name) ?? [];
  return videoTypes[extension.toLowerCase()] ?? "application/octet-stream";
}

export function isVideo(file: Pick<File, "name" | "type">): boolean {
  return mediaTypeOf(file).startsWith("video/");
}

/** The sentence for a file that need not be uploaded to know that it cannot be used, or null. */
export function attachmentProblem(file: Pick<File, "name" | "type">): string | null {
  const { name, type } = file;
  // Browsers that do not know the type leave it empty.
  if (/^image\/hei[cf]/iu.test(type) || /\.hei[cf]$/iu.test(name)) return HEIC;
  return type.startsWith("image/") || isVideo(file)
    ? null
    : `“${name}” is neither a picture nor a video. Attach JPEG, PNG, WebP, GIF or AVIF, or MP4, MOV, WebM or MKV.`;
}
