import { z } from "zod";
import { AtelierError, type Attachment } from "#core";
import { snowflake } from "./body.ts";

/** A file that someone gave; `attachment` is its address on Discord's CDN, for `openAttachment`. */
export interface DiscordFile extends Attachment {
  name: string;
  sizeBytes?: number;
  contentType?: string;
  widthPx?: number;
  heightPx?: number;
}

/** docs.discord.com/developers/resources/message#attachment-object */
export const attachmentSchema = z.object({
  id: snowflake,
  filename: z.string().max(1_024),
  url: z.string().max(4_000),
  size: z.number().int().nonnegative(),
  content_type: z.string().nullish(),
  width: z.number().nullish(),
  height: z.number().nullish(),
  /** The name as the person's file had it. */
  title: z.string().nullish(),
});

export const resolvedFilesSchema = z
  .object({ attachments: z.record(z.string(), attachmentSchema).nullish() })
  .nullish();

type ResolvedFiles = z.infer<typeof resolvedFilesSchema>;

/** The file of that id among those that came along; throws `invalid_input` where there is none. */
export function fileOf(
  id: string,
  resolved: ResolvedFiles,
  isFileUrl: (url: string) => boolean,
): DiscordFile {
  const found = resolved?.attachments?.[id];
  if (found === undefined || !isFileUrl(found.url)) {
    throw new AtelierError("invalid_input", "Discord did not send the file along. Try it again.");
  }
  return fileFrom(found);
}

export function fileFrom(attachment: z.infer<typeof attachmentSchema>): DiscordFile {
  const { url, filename, size, content_type: contentType, width, height, title } = attachment;
  return {
    attachment: url,
    name: title || filename,
    ...kindOf(contentType),
    sizeBytes: size,
    ...(contentType ? { contentType } : {}),
    ...(width ? { widthPx: width } : {}),
    ...(height ? { heightPx: height } : {}),
  };
}

/** What Discord takes it for, where it says so. */
function kindOf(contentType: string | null | undefined): Pick<Attachment, "kind"> {
  if (contentType?.startsWith("image/")) return { kind: "image" };
  return contentType?.startsWith("video/") ? { kind: "video" } : {};
}
