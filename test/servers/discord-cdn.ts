import { createHmac, randomBytes } from "node:crypto";
import sharp from "sharp";
import type { DiscordSnowflakes } from "./discord-snowflakes.ts";
import { DISCORD_APP } from "./discord-workspace.ts";
import type { JsonRecord } from "./json-record.ts";

/** Links live a day (https://docs.discord.com/developers/reference#signed-attachment-cdn-urls). */
const DISCORD_LINK_SECONDS = 86_400;

export interface StoredFile {
  readonly id: string;
  readonly channel: string;
  readonly name: string;
  readonly bytes: Buffer;
  readonly description: string | null;
  readonly contentType: string | null;
  readonly widthPx: number | null;
  readonly heightPx: number | null;
  /** Given to a command or a form: shared nowhere. */
  readonly isEphemeral: boolean;
}

interface NewFile {
  channel: string;
  name: string;
  bytes: Buffer;
  description?: string | null;
  isEphemeral?: boolean;
}

export type DiscordCdn = ReturnType<typeof createDiscordCdn>;

/** Discord's files, and links to them that are signed and expire. */
export function createDiscordCdn(url: () => string, snowflakes: DiscordSnowflakes) {
  const files = new Map<string, StoredFile>();
  let secret = randomBytes(16);
  let linkSeconds = DISCORD_LINK_SECONDS;

  function pathOf({ id, channel, name, isEphemeral }: StoredFile): string {
    const folder = isEphemeral
      ? `/ephemeral-attachments/${DISCORD_APP.id}/${id}`
      : `/attachments/${channel}/${id}`;
    return `${folder}/${encodeURIComponent(name)}`;
  }

  function proof(path: string, ex: string, is: string): string {
    return createHmac("sha256", secret).update(`${path} ${ex} ${is}`).digest("hex");
  }

  function signedUrl(file: StoredFile): string {
    const path = pathOf(file);
    const nowSeconds = Math.floor(Date.now() / 1000);
    const ex = Math.floor(nowSeconds + linkSeconds).toString(16);
    const is = nowSeconds.toString(16);
    return `${url()}${path}?ex=${ex}&is=${is}&hm=${proof(path, ex, is)}&`;
  }

  function get(id: string): StoredFile {
    const file = files.get(id);
    if (file === undefined) throw new Error(`The CDN has no file ${id}.`);
    return file;
  }

  return {
    get,
    find: (id: string) => files.get(id) ?? null,

    async store(given: NewFile): Promise<StoredFile> {
      const shape = await sharp(given.bytes)
        .metadata()
        .catch(() => null);
      const file: StoredFile = {
        description: null,
        isEphemeral: false,
        ...given,
        id: snowflakes.next(),
        name: given.name.replaceAll(/[^\w.-]/gu, "_"),
        contentType: shape === null ? null : `image/${shape.format}`,
        widthPx: shape?.width ?? null,
        heightPx: shape?.height ?? null,
      };
      files.set(file.id, file);
      return file;
    },

    /** As messages and `resolved` carry it, with a new link. */
    attachment(id: string): JsonRecord {
      const file = get(id);
      const link = signedUrl(file);
      return {
        id,
        filename: file.name,
        size: file.bytes.length,
        url: link,
        proxy_url: link,
        ...(file.contentType === null ? {} : { content_type: file.contentType }),
        ...(file.widthPx === null ? {} : { width: file.widthPx, height: file.heightPx }),
        ...(file.description === null ? {} : { description: file.description }),
        ...(file.isEphemeral ? { ephemeral: true } : {}),
      };
    },

    /** As components carry it: https://docs.discord.com/developers/components/reference#unfurled-media-item */
    media(id: string): JsonRecord {
      const file = get(id);
      const link = signedUrl(file);
      return {
        id,
        url: link,
        proxy_url: link,
        width: file.widthPx,
        height: file.heightPx,
        content_type: file.contentType,
        loading_state: 2,
        attachment_id: id,
      };
    },

    /** The file that one of the CDN's own links leads to, expired or not. */
    idInUrl(link: string): string | null {
      if (!link.startsWith(url())) return null;
      const id = new URL(link).pathname.split("/")[3] ?? "";
      return files.has(id) ? id : null;
    },

    /** The file, or null where the link is not right or no longer. */
    open(pathAndQuery: string): StoredFile | null {
      const { pathname, searchParams } = new URL(pathAndQuery, url());
      const file = files.get(pathname.split("/")[3] ?? "");
      if (file === undefined || pathOf(file) !== pathname) return null;
      const ex = searchParams.get("ex") ?? "";
      const is = searchParams.get("is") ?? "";
      const isFresh = Number.parseInt(ex, 16) * 1000 > Date.now();
      return isFresh && proof(pathname, ex, is) === searchParams.get("hm") ? file : null;
    },

    /** As if a day had passed for every link that was given out. */
    expireLinks() {
      secret = randomBytes(16);
    },
    /** How long links live from now on. */
    linksLive(seconds: number) {
      linkSeconds = seconds;
    },
    /** Gone, as files that a command was given are after a while. */
    forget: (id: string) => files.delete(id),
  };
}
