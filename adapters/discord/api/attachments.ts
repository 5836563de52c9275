import {
  type AdapterNotes,
  AtelierError,
  type Attachment,
  asAtelierError,
  type BoundedResponse,
  fetchBounded,
  type GivenVideo,
  getInput,
  type Log,
  type SaveVideo,
  type Services,
  type StoredInput,
  saveResponse,
  storeInput,
} from "#core";
import { isAttachmentUrl } from "./attachment-url.ts";
import type { DiscordApi } from "./discord-api.ts";

const DOWNLOAD_TIMEOUT_MS = 30_000;
const DOWNLOAD_MAX_BYTES = 25_000_000;

const GONE = "That file is not on Discord any more. Attach it again.";
const AWAY = "Discord does not give me that file just now. Try again in a minute.";

/** Brings pictures that people sent in Discord into the input store. */
export function createDiscordAttachments({
  api,
  notes,
  services,
  log,
}: {
  api: Pick<DiscordApi, "origin" | "refreshUrl">;
  notes: AdapterNotes;
  services: Pick<Services, "stores" | "pictures">;
  log: Log;
}) {
  const underWay = new Map<string, Promise<StoredInput>>();

  function checkUrl(url: string): void {
    if (isAttachmentUrl(url, api.origin)) return;
    throw new AtelierError(
      "invalid_input",
      "That is no file of Discord's. Attach the file itself.",
    );
  }

  /** One request to Discord's CDN, whose failures are told apart from ours. */
  async function asked<T>(
    url: string,
    request: () => Promise<T>,
    signal?: AbortSignal,
  ): Promise<T> {
    checkUrl(url);
    try {
      return await request();
    } catch (thrown) {
      if (thrown instanceof AtelierError || signal?.aborted === true) throw thrown;
      throw new AtelierError("unavailable", AWAY, { cause: thrown });
    }
  }

  function download(url: string): Promise<BoundedResponse> {
    const limits = { timeoutMs: DOWNLOAD_TIMEOUT_MS, maxBytes: DOWNLOAD_MAX_BYTES };
    return asked(url, () => fetchBounded(url, {}, limits));
  }

  /** A link to the same file that has not run out; null where there is none. */
  async function refreshed(url: string): Promise<string | null> {
    try {
      return await api.refreshUrl(url);
    } catch (thrown) {
      log.warn({ kind: asAtelierError(thrown).kind }, "a file's link could not be made anew");
      return null;
    }
  }

  /** The file, with a new link where that one has run out. */
  async function gotten<T extends { status: number }>(
    url: string,
    get: (url: string) => Promise<T>,
  ): Promise<T> {
    let response = await get(url);
    if (isRunOut(response)) {
      const next = await refreshed(url);
      if (next !== null) response = await get(next);
    }
    if (isRunOut(response)) throw new AtelierError("not_found", GONE);
    // A redirect, too: where it leads is not looked at.
    if (response.status !== 200) throw new AtelierError("unavailable", AWAY);
    return response;
  }

  async function load(url: string): Promise<StoredInput> {
    const { bytes } = await gotten(url, download);
    const stored = await storeInput(bytes, services);
    await notes.put(copyKey(url), stored.sha256);
    return stored;
  }

  function loadOnce(url: string): Promise<StoredInput> {
    const running = underWay.get(url);
    if (running !== undefined) return running;
    const loading = load(url).finally(() => underWay.delete(url));
    underWay.set(url, loading);
    return loading;
  }

  /** What was copied before, while the input store keeps it. */
  async function findCopy(url: string): Promise<StoredInput | null> {
    const sha256 = await notes.get(copyKey(url));
    return typeof sha256 === "string" ? getInput(sha256, services).catch(() => null) : null;
  }

  return {
    /** The port's `openAttachment`: an attachment is a link of Discord's CDN, which runs out. */
    async open({ attachment: url }: Attachment): Promise<StoredInput> {
      return (await findCopy(url)) ?? loadOnce(url);
    },

    /** The port's `saveVideo`: piece by piece, from Discord's own hosts. */
    async saveVideo({ attachment: url }: Attachment, options: SaveVideo): Promise<GivenVideo> {
      const { signal } = options;
      const { headers } = await gotten(url, (link) =>
        asked(link, () => saveResponse(link, {}, options), signal),
      );
      const mediaType = headers.get("content-type") ?? "application/octet-stream";
      return { title: fileNameIn(url), mediaType };
    },

    /**
     * Copies what came along now: Discord drops it after a while, and its job may wait. Never
     * rejects; whoever opens it tries again.
     */
    async copy(attachments: readonly Attachment[]): Promise<void> {
      const copies = attachments.map(({ attachment }) => loadOnce(attachment));
      for (const copied of await Promise.allSettled(copies)) {
        if (copied.status === "rejected") {
          log.info({ kind: asAtelierError(copied.reason).kind }, "an attachment was not copied");
        }
      }
    },
  };
}

/** Without what only signs the link. */
const copyKey = (url: string) => `copy#${url.split("?")[0] ?? url}`;

/** The CDN says so of a link that ran out as of a file that is gone. */
function isRunOut({ status }: { status: number }): boolean {
  return status === 401 || status === 403 || status === 404 || status === 410;
}

/** The last part of the path, as people named the file. */
function fileNameIn(url: string): string {
  const name = new URL(url).pathname.split("/").at(-1) ?? "";
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}
