/** What Slack says of a file's type; nothing of one that it has just taken. */
export interface SlackFileType {
  mimetype?: string | null | undefined;
  filetype?: string | null | undefined;
}

const PICTURE_TYPES = ["png", "jpg", "jpeg", "gif", "webp", "avif", "heic"];
/** What blocks can show (docs.slack.dev/reference/block-kit/composition-objects/slack-file-object). */
const SLACK_SHOWN_TYPES = ["png", "jpg", "jpeg", "gif"];

/** Whether the file may be a picture that can be changed; its bytes tell. */
export function isPicture({ mimetype, filetype }: SlackFileType): boolean {
  const isImage = mimetype?.startsWith("image/") === true && mimetype !== "image/svg+xml";
  return isImage || PICTURE_TYPES.includes(filetype ?? "");
}

const VIDEO_TYPES = ["mp4", "m4v", "mov", "webm", "mkv"];

/** Whether the file may be a video; its bytes tell. */
export function isVideo({ mimetype, filetype }: SlackFileType): boolean {
  return mimetype?.startsWith("video/") === true || VIDEO_TYPES.includes(filetype ?? "");
}

/** Whether blocks can show the file. */
export function isShown({ filetype }: SlackFileType): boolean {
  return SLACK_SHOWN_TYPES.includes(filetype ?? "");
}
