import { AtelierError } from "../../errors.ts";

/** What is wrong with a file, for the person who gave it. */
function invalidVideo(message: string, cause?: unknown): AtelierError {
  return new AtelierError("invalid_input", message, { code: "InvalidVideo", cause });
}

export const notAVideo = (cause?: unknown) =>
  invalidVideo(
    "This file is no video that can be read here. Give an MP4, MOV, WebM or MKV.",
    cause,
  );

export const cutOff = (cause?: unknown) =>
  invalidVideo(
    "This video is cut off: the file ends before the video does. Save or upload it again.",
    cause,
  );

export const noPictures = (cause?: unknown) =>
  invalidVideo("This video has no pictures that can be read. Export it again, e.g. as MP4.", cause);

export const audioOnly = () =>
  invalidVideo("This file has sound but no pictures. Give a video with a picture track.");

export const tooLong = (maxHours: number) =>
  invalidVideo(`This video is longer than ${hours(maxHours)}. Cut it into parts.`);

export const tooLarge = (sizeBytes: number, maxBytes: number) =>
  invalidVideo(
    `This video has ${megabytes(sizeBytes)}; at most ${megabytes(maxBytes)} can be taken. Make it smaller, or cut it into parts.`,
  );

export const tookTooLong = (cause?: unknown) =>
  invalidVideo(
    "This video took too long to read. Convert it to a common format such as MP4 with H.264, or cut it into parts.",
    cause,
  );

export const missingProgram = (program: string, cause: unknown) =>
  new AtelierError(
    "misconfigured",
    `${program} is not there. Install ffmpeg (apt install ffmpeg, brew install ffmpeg), or put it on the PATH of this process.`,
    { cause },
  );

function hours(count: number): string {
  return count === 1 ? "an hour" : `${count} hours`;
}

function megabytes(bytes: number): string {
  return bytes >= 1e9 ? `${(bytes / 1e9).toFixed(1)} GB` : `${(bytes / 1e6).toFixed(1)} MB`;
}
