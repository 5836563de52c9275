import { z } from "zod";
import {
  AtelierError,
  type Attachment,
  type BoundedResponse,
  fetchBounded,
  type Services,
  type StoredInput,
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
  mimetype: z.string().optional(),
  filetype: z.string().optional(),
  size: z.number().optional(),
  url_private: z.string().optional(),
  url_private_download: z.string().optional(),
});

const CANNOT_SEE =
  "I cannot see that picture: it was deleted, or is in a conversation that I am not in. Invite me there, or send it to me.";
const LACKS_FILES_READ =
  "I lack the scope files:read. An admin adds it under OAuth & Permissions and reinstalls the app.";

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
  async function locate(id: string): Promise<string> {
    try {
      const answer = await api.call("files.info", (web) => web.files.info({ file: id }));
      return downloadUrl(fileSchema.parse(answer.file ?? {}));
    } catch (thrown) {
      const code = slackErrorCode(thrown);
      if (code !== "file_not_found" && code !== "file_deleted") throw thrown;
      throw new AtelierError("not_allowed", CANNOT_SEE, { cause: thrown });
    }
  }

  function downloadUrl(file: z.infer<typeof fileSchema>): string {
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
    const url = file.url_private_download ?? file.url_private;
    if (url === undefined) throw new AtelierError("not_allowed", CANNOT_SEE);
    return url;
  }

  /** The token goes to Slack's own hosts only, so each redirect is looked at before it is followed. */
  async function download(url: string, redirectsLeft = REDIRECTS_MAX): Promise<BoundedResponse> {
    if (!isFileUrl(url, api.origin)) {
      throw new AtelierError(
        "invalid_input",
        "That picture is kept outside Slack. Upload it here instead.",
      );
    }
    const response = await fetchBounded(
      url,
      { headers: { Authorization: `Bearer ${botToken}` } },
      { timeoutMs: DOWNLOAD_TIMEOUT_MS, maxBytes: DOWNLOAD_MAX_BYTES },
    );
    const next = response.headers.get("location");
    if (response.status < 300 || response.status >= 400 || next === null) return response;
    if (redirectsLeft === 0) throw new AtelierError("not_allowed", LACKS_FILES_READ);
    return download(new URL(next, url).href, redirectsLeft - 1);
  }

  return {
    /** The port's `openAttachment`: an attachment is the id of a Slack file. */
    async open({ attachment }: Attachment): Promise<StoredInput> {
      if (!fileIdSchema.safeParse(attachment).success) {
        throw new AtelierError(
          "invalid_input",
          "That is no file of Slack's. Attach the picture again.",
        );
      }
      const { status, headers, bytes } = await download(await locate(attachment));
      // Without the scope Slack answers 200 with its login page, not with an error.
      if (headers.get("content-type")?.startsWith("text/html")) {
        throw new AtelierError("not_allowed", LACKS_FILES_READ);
      }
      if (status === 403 || status === 404) throw new AtelierError("not_allowed", CANNOT_SEE);
      if (status !== 200) {
        throw new AtelierError(
          "unavailable",
          "Slack does not give me that picture just now. Try again in a minute.",
        );
      }
      return storeInput(bytes, services);
    },
  };
}
