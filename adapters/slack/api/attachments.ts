import { z } from "zod";
import {
  AtelierError,
  type Attachment,
  fetchBounded,
  type GivenVideo,
  type SaveVideo,
  type Services,
  type StoredInput,
  saveResponse,
  storeInput,
} from "#core";
import { isPicture } from "./file-type.ts";
import { isFileUrl } from "./file-urls.ts";
import type { SlackApi } from "./slack-api.ts";
import { slackErrorCode } from "./slack-errors.ts";

const DOWNLOAD_TIMEOUT_MS = 30_000;
const DOWNLOAD_MAX_BYTES = 25_000_000;
const REDIRECTS_MAX = 2;

const fileIdSchema = z.string().regex(/^F[A-Z0-9]+$/u);
const fileSchema = z.object({
  title: z.string().optional(),
  name: z.string().optional(),
  mimetype: z.string().optional(),
  filetype: z.string().optional(),
  size: z.number().optional(),
  url_private: z.string().optional(),
  url_private_download: z.string().optional(),
});

const CANNOT_SEE =
  "I cannot see that file: it was deleted, or is in a conversation that I am not in. Invite me there, or send it to me.";
const LACKS_FILES_READ =
  "I lack the scope files:read. An admin adds it under OAuth & Permissions and reinstalls the app.";

const AWAY = "Slack does not give me that file just now. Try again in a minute.";

type SlackFile = z.infer<typeof fileSchema>;

/** Brings pictures that people sent in Slack into the input store. */
export function createSlackAttachments({
  api,
  botToken,
  services,
}: {
  api: SlackApi;
  botToken: string;
  services: Pick<Services, "stores" | "pictures">;
}) {
  async function look(id: string): Promise<SlackFile> {
    if (!fileIdSchema.safeParse(id).success) {
      throw new AtelierError("invalid_input", "That is no file of Slack's. Attach it again.");
    }
    try {
      const answer = await api.call("files.info", (web) => web.files.info({ file: id }));
      return fileSchema.parse(answer.file ?? {});
    } catch (thrown) {
      const code = slackErrorCode(thrown);
      if (code !== "file_not_found" && code !== "file_deleted") throw thrown;
      throw new AtelierError("not_allowed", CANNOT_SEE, { cause: thrown });
    }
  }

  function pictureUrl(file: SlackFile): string {
    // Slack does not know the type of what it has just taken; the bytes tell.
    if (file.mimetype !== undefined && file.mimetype !== "" && !isPicture(file)) {
      throw new AtelierError(
        "invalid_input",
        "That file is no picture. Send JPEG, PNG, WebP, GIF or AVIF.",
      );
    }
    if ((file.size ?? 0) > DOWNLOAD_MAX_BYTES) {
      throw new AtelierError(
        "invalid_input",
        "That picture is over 25 MB, the most I take. Send a smaller one.",
      );
    }
    return urlOf(file);
  }

  function urlOf(file: SlackFile): string {
    const url = file.url_private_download ?? file.url_private;
    if (url === undefined) throw new AtelierError("not_allowed", CANNOT_SEE);
    return url;
  }

  /** The token goes to Slack's own hosts only, so each redirect is looked at before it is followed. */
  async function gotten<T extends { status: number; headers: Headers }>(
    url: string,
    get: (url: string, init: { headers: Record<string, string> }) => Promise<T>,
    redirectsLeft = REDIRECTS_MAX,
  ): Promise<T> {
    if (!isFileUrl(url, api.origin)) {
      throw new AtelierError(
        "invalid_input",
        "That file is kept outside Slack. Upload it here instead.",
      );
    }
    const response = await get(url, { headers: { Authorization: `Bearer ${botToken}` } });
    const { status, headers } = response;
    const next = headers.get("location");
    if (status >= 300 && status < 400 && next !== null) {
      if (redirectsLeft === 0) throw new AtelierError("not_allowed", LACKS_FILES_READ);
      return gotten(new URL(next, url).href, get, redirectsLeft - 1);
    }
    // Without the scope Slack answers 200 with its login page, not with an error.
    if (isPage(headers)) throw new AtelierError("not_allowed", LACKS_FILES_READ);
    if (status === 403 || status === 404) throw new AtelierError("not_allowed", CANNOT_SEE);
    if (status !== 200) throw new AtelierError("unavailable", AWAY);
    return response;
  }

  return {
    /** The port's `openAttachment`: an attachment is the id of a Slack file. */
    async open({ attachment }: Attachment): Promise<StoredInput> {
      const limits = { timeoutMs: DOWNLOAD_TIMEOUT_MS, maxBytes: DOWNLOAD_MAX_BYTES };
      const url = pictureUrl(await look(attachment));
      const { bytes } = await gotten(url, (link, init) => fetchBounded(link, init, limits));
      return storeInput(bytes, services);
    },

    /** The port's `saveVideo`: piece by piece, from Slack's own hosts. */
    async saveVideo({ attachment }: Attachment, options: SaveVideo): Promise<GivenVideo> {
      const file = await look(attachment);
      const { title, name, mimetype = "application/octet-stream", size = 0 } = file;
      if (size > options.maxBytes) {
        const most = Math.floor(options.maxBytes / 1_000_000).toLocaleString("en");
        throw new AtelierError(
          "invalid_input",
          `That video is over ${most} MB, the most I take. Send a shorter or smaller one.`,
        );
      }
      try {
        await gotten(urlOf(file), (link, init) =>
          saveResponse(link, init, options, (headers) => !isPage(headers)),
        );
      } catch (thrown) {
        if (thrown instanceof AtelierError || options.signal.aborted) throw thrown;
        throw new AtelierError("unavailable", AWAY, { cause: thrown });
      }
      return { title: title || name || "Video", mediaType: mimetype };
    },
  };
}

function isPage(headers: Headers): boolean {
  return headers.get("content-type")?.startsWith("text/html") === true;
}
