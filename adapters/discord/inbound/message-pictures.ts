import { ComponentType } from "discord-api-types/v10";
import { z } from "zod";
import { messageHead, pressedOf } from "./body.ts";
import { attachmentSchema, type DiscordFile, fileFrom } from "./files.ts";

const PICTURE_NAME = /\.(?:png|jpe?g|gif|webp|avif|heic)$/iu;
const VIDEO_NAME = /\.(?:mp4|m4v|mov|webm|mkv)$/iu;

/** An embed's image, or a component's media (…/components/reference#unfurled-media-item). */
const mediaSchema = z.object({
  url: z.string().max(4_000),
  proxy_url: z.string().max(4_000).nullish(),
  content_type: z.string().nullish(),
  width: z.number().nullish(),
  height: z.number().nullish(),
});
type Media = z.infer<typeof mediaSchema>;

/** What is not as expected shows no picture, and nothing more is asked of it. */
const orNull = <T>(schema: z.ZodType<T>) =>
  z.union([schema, z.unknown().transform(() => null)]).nullish();

const thumbnail = z.object({
  type: z.literal(ComponentType.Thumbnail),
  media: mediaSchema,
  description: z.string().nullish(),
});

const leafSchema = z.union([
  thumbnail,
  z.object({ type: z.literal(ComponentType.Section), accessory: orNull(thumbnail) }),
  z.object({
    type: z.literal(ComponentType.MediaGallery),
    items: z.array(z.object({ media: mediaSchema, description: z.string().nullish() })),
  }),
  z.object({ type: z.literal(ComponentType.File), file: mediaSchema }),
]);

const componentSchema = z.union([
  leafSchema,
  // Containers stand at the top only.
  z.object({
    type: z.literal(ComponentType.Container),
    components: z.array(orNull(leafSchema)),
  }),
]);

const contentSchema = z.object({
  attachments: z.array(orNull(attachmentSchema)).nullish(),
  embeds: z
    .array(orNull(z.object({ image: orNull(mediaSchema), thumbnail: orNull(mediaSchema) })))
    .nullish(),
  components: z.array(orNull(componentSchema)).nullish(),
});
type Content = z.infer<typeof contentSchema>;

/** docs.discord.com/developers/resources/message#message-object; the snapshots are forwarded messages. */
export const messageSchema = messageHead
  .extend({
    ...contentSchema.shape,
    message_snapshots: z.array(orNull(z.object({ message: contentSchema }))).nullish(),
  })
  .transform(({ message_snapshots: snapshots, ...message }) => ({
    head: pressedOf(message),
    contents: [message, ...(snapshots ?? []).flatMap((each) => (each ? [each.message] : []))],
  }));

/**
 * The pictures that a message shows, none of them twice. Where components show them, they are
 * not among its attachments (github.com/discord/discord-api-docs/issues/8277).
 */
export function picturesOf(
  { contents }: { contents: readonly Content[] },
  isFileUrl: (url: string) => boolean,
): DiscordFile[] {
  return onceEach(
    contents.flatMap((content) => filesIn(content, isFileUrl)).filter(isPicture),
    isFileUrl,
  );
}

/** The videos that stand in a message as files of Discord's, none of them twice. */
export function videosOf(
  { contents }: { contents: readonly Content[] },
  isFileUrl: (url: string) => boolean,
): DiscordFile[] {
  return onceEach(
    contents.flatMap((content) => filesIn(content, isFileUrl)).filter(isVideo),
    isFileUrl,
  );
}

function onceEach(
  files: readonly DiscordFile[],
  isFileUrl: (url: string) => boolean,
): DiscordFile[] {
  const found = new Map<string, DiscordFile>();
  for (const file of files) {
    // The same file may come with another signature.
    const [path = ""] = file.attachment.split("?");
    if (isFileUrl(file.attachment) && !found.has(path)) found.set(path, file);
  }
  return [...found.values()];
}

function filesIn(
  { attachments, embeds, components }: Content,
  isFileUrl: (url: string) => boolean,
): DiscordFile[] {
  const fromMedia = (media: Media, description?: string | null): DiscordFile => {
    // A picture from elsewhere is at Discord's own address too.
    const url = isFileUrl(media.url) ? media.url : (media.proxy_url ?? media.url);
    return {
      attachment: url,
      name: description || fileNameIn(url),
      ...(media.content_type ? { contentType: media.content_type } : {}),
      ...(media.width ? { widthPx: media.width } : {}),
      ...(media.height ? { heightPx: media.height } : {}),
    };
  };
  const ofEmbed = (media: Media) => ({ contentType: "image/unknown", ...fromMedia(media) });

  function ofLeaf(leaf: z.infer<typeof leafSchema>): DiscordFile[] {
    switch (leaf.type) {
      case ComponentType.Thumbnail:
        return [fromMedia(leaf.media, leaf.description)];
      case ComponentType.Section:
        return leaf.accessory ? ofLeaf(leaf.accessory) : [];
      case ComponentType.MediaGallery:
        return leaf.items.map(({ media, description }) => fromMedia(media, description));
      case ComponentType.File:
        return [fromMedia(leaf.file)];
    }
  }

  return [
    ...(attachments ?? []).flatMap((each) => (each ? [fileFrom(each)] : [])),
    ...(components ?? []).flatMap((component) => {
      if (!component) return [];
      if (component.type !== ComponentType.Container) return ofLeaf(component);
      return component.components.flatMap((leaf) => (leaf ? ofLeaf(leaf) : []));
    }),
    ...(embeds ?? []).flatMap((embed) =>
      [embed?.image, embed?.thumbnail].flatMap((media) => (media ? [ofEmbed(media)] : [])),
    ),
  ];
}

function isVideo({ contentType, name, attachment }: DiscordFile): boolean {
  if (contentType !== undefined) return contentType.startsWith("video/");
  return VIDEO_NAME.test(name) || VIDEO_NAME.test(fileNameIn(attachment));
}

function isPicture({ contentType, name, attachment }: DiscordFile): boolean {
  if (contentType !== undefined) return contentType.startsWith("image/");
  return PICTURE_NAME.test(name) || PICTURE_NAME.test(fileNameIn(attachment));
}

export function fileNameIn(url: string): string {
  const [path = ""] = url.split("?");
  return path.slice(path.lastIndexOf("/") + 1) || "Picture";
}
