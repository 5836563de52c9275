import type { RawFile } from "@discordjs/rest";
import { type CardImage, type OutputFormat, type Services, shorten } from "#core";

/** docs.discord.com/developers/reference#uploading-files: what one request may have, whatever is in it. */
const DISCORD_REQUEST_MAX_BYTES = 25 * 1024 * 1024;
/** For the JSON and the lines between the files. */
const REQUEST_REST_BYTES = 256 * 1024;
/** docs.discord.com/developers/resources/message#attachment-object */
const DISCORD_ATTACHMENT_DESCRIPTION_MAX = 1024;
/** A picture that is still too large is shown with fewer pixels, but never with fewer than these. */
const PIXELS_MIN = 100_000;
const BYTES_MAX = 64 * 1024 * 1024;

/** How a picture comes to Discord, or that it does not. */
export interface PictureFile {
  /** Null where a link stands in its place. */
  file: (RawFile & { name: string; description: string }) | null;
  fit: "whole" | "reduced" | "too_large" | "gone";
}

interface Loaded {
  image: CardImage;
  bytes: Uint8Array | null;
  /** What the next step makes smaller. */
  source: Uint8Array | null;
  mediaType: string;
  stepsDone: number;
}

export type PictureFiles = ReturnType<typeof createPictureFiles>;

/**
 * A card's pictures as files that Discord takes: as they are, else encoded anew, else with fewer
 * pixels, else not at all.
 */
export function createPictureFiles(services: Pick<Services, "stores" | "pictures">) {
  const { pictures, stores } = services;

  async function load(image: CardImage): Promise<Loaded> {
    const blob = await stores[image.blob.store].get(image.blob.key, { maxBytes: BYTES_MAX });
    const bytes = blob?.bytes ?? null;
    const { mediaType } = image;
    return { image, bytes, source: bytes, mediaType, stepsDone: 0 };
  }

  async function encoded(loaded: Loaded, source: Uint8Array, format: OutputFormat) {
    const bytes = await pictures.convert(source, format);
    return { ...loaded, bytes, mediaType: `image/${format}`, stepsDone: loaded.stepsDone + 1 };
  }

  /** The next smaller form; without bytes where there is none. JPEG first: people save what they see. */
  async function smaller(loaded: Loaded): Promise<Loaded> {
    const { source, image, stepsDone } = loaded;
    const none: Loaded = { ...loaded, bytes: null };
    if (source === null) return none;
    try {
      if (stepsDone === 0) return await encoded(loaded, source, "jpeg");
      if (stepsDone === 1) return await encoded(loaded, source, "webp");
      const maxPixels = Math.floor((image.widthPx * image.heightPx) / 2 ** (stepsDone - 1));
      if (maxPixels < PIXELS_MIN) return none;
      const fitted = await pictures.fit(source, { minSidePx: 1, maxPixels });
      return await encoded(loaded, fitted.bytes, "webp");
    } catch {
      // What cannot be converted is shown by a link, like what is too large.
      return none;
    }
  }

  /** Within `maxBytes`, or without bytes. */
  async function within(given: Loaded, maxBytes: number): Promise<Loaded> {
    let loaded = given;
    while (loaded.bytes !== null && loaded.bytes.byteLength > maxBytes) {
      loaded = await smaller(loaded);
    }
    return loaded;
  }

  return {
    /** In the order of the images; each within `maxBytes`, and all within one request. */
    async prepare(images: readonly CardImage[], maxBytes: number): Promise<PictureFile[]> {
      const roomBytes = DISCORD_REQUEST_MAX_BYTES - REQUEST_REST_BYTES;
      const all: Loaded[] = [];
      for (const image of images) {
        all.push(await within(await load(image), Math.min(maxBytes, roomBytes)));
      }
      for (;;) {
        const totalBytes = all.reduce((sum, { bytes }) => sum + (bytes?.byteLength ?? 0), 0);
        if (totalBytes <= roomBytes) break;
        const sizes = all.map(({ bytes }) => bytes?.byteLength ?? 0);
        const largest = sizes.indexOf(Math.max(...sizes));
        const found = all[largest];
        if (found === undefined) break;
        all[largest] = await within(found, Math.max(...sizes) - 1);
      }
      return all.map(pictureFile);
    },
  };
}

function pictureFile(loaded: Loaded, index: number): PictureFile {
  const { bytes, source, image, mediaType, stepsDone } = loaded;
  if (source === null) return { file: null, fit: "gone" };
  if (bytes === null) return { file: null, fit: "too_large" };
  const format = mediaType.slice("image/".length);
  const description = shorten(image.alt, DISCORD_ATTACHMENT_DESCRIPTION_MAX);
  const name = `${baseName(image.blob.key)}-${index + 1}.${format === "jpeg" ? "jpg" : format}`;
  const file = { name, description, data: Buffer.from(bytes), contentType: mediaType };
  return { file, fit: stepsDone === 0 ? "whole" : "reduced" };
}

/** From the blob's key, with characters only that Discord leaves as they are. */
function baseName(key: string): string {
  const last = key.split("/").at(-1) ?? "";
  return last.replace(/\.[a-z]+$/u, "").replaceAll(/[^\w-]/gu, "-") || "picture";
}
