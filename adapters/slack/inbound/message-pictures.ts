import { z } from "zod";
import { isPicture, isVideo } from "../api/file-type.ts";
import { fileIdIn } from "../api/file-urls.ts";
import { slackFile, slackId } from "./body.ts";

/** A picture or a video of a message. */
export interface MessagePicture {
  fileId: string;
  title: string;
}

const image = z.object({
  type: z.literal("image"),
  alt_text: z.string().nullish(),
  image_url: z.string().nullish(),
  slack_file: z.object({ id: slackId.nullish(), url: z.string().nullish() }).nullish(),
});

/** The picture that a block shows, on its own or beside a text; null for all others. */
const pictureBlock = z.union([
  image,
  z.object({ accessory: image }).transform(({ accessory }) => accessory),
  z.unknown().transform(() => null),
]);

/** What a message shows; a forwarded message and a link's preview are attachments of theirs. */
const shown = z.object({
  files: z.array(slackFile).nullish(),
  blocks: z.array(pictureBlock).nullish(),
});

/** docs.slack.dev/messaging/formatting-message-text#attachments-fields */
const attachment = z.union([
  shown.extend({ image_url: z.string().nullish(), thumb_url: z.string().nullish() }),
  z.unknown().transform(() => null),
]);

/** The fields of a message that may show pictures. */
export const messagePictures = shown.extend({ attachments: z.array(attachment).nullish() });

/** The pictures and videos that are files in Slack, none of them twice, and whether there are other pictures. */
export function picturesOf({ attachments, ...message }: z.infer<typeof messagePictures>): {
  pictures: MessagePicture[];
  videos: MessagePicture[];
  hasOthers: boolean;
} {
  const attached = (attachments ?? []).filter((each) => each !== null);
  const parts = [message, ...attached];
  const pictures = new Map<string, string>();
  const videos = new Map<string, string>();
  for (const file of parts.flatMap(({ files }) => files ?? [])) {
    if (isVideo(file)) videos.set(file.id, file.title || file.name || "Video");
    else if (isPicture(file)) pictures.set(file.id, file.title || file.name || "Picture");
  }
  let hasOthers = attached.some(({ image_url: url, thumb_url: thumb }) => url || thumb);
  for (const block of parts.flatMap(({ blocks }) => blocks ?? [])) {
    if (block === null) continue;
    const url = block.slack_file?.url ?? block.image_url ?? "";
    const fileId = block.slack_file?.id ?? fileIdIn(url);
    if (fileId === null) hasOthers = true;
    else if (!pictures.has(fileId)) pictures.set(fileId, block.alt_text || "Picture");
  }
  const listed = (files: ReadonlyMap<string, string>) =>
    [...files].map(([fileId, title]) => ({ fileId, title }));
  return { pictures: listed(pictures), videos: listed(videos), hasOthers };
}
