import { z } from "zod";
import { AtelierError, type Clock, fetchBounded, shorten } from "#core";
import { isFileUrl } from "./file-urls.ts";
import type { SlackApi } from "./slack-api.ts";
import { slackErrorCode } from "./slack-errors.ts";

/** Up to some megabytes go out; the answer is a word. */
const SEND_TIMEOUT_MS = 30_000;
const ANSWER_MAX_BYTES = 64_000;
/** How long Slack may take to process a file, and the pauses between looks. */
const PROCESSING_MAX_MS = 15_000;
const LOOK_PAUSES_MS = [200, 400, 800, 1_500];
/** docs.slack.dev/reference/methods/files.getUploadURLExternal: above it, `alt_txt_too_large`. */
const SLACK_FILE_ALT_MAX = 1000;

const urlSchema = z.object({ upload_url: z.string(), file_id: z.string() });

export interface UploadedFile {
  bytes: Uint8Array;
  name: string;
  alt: string;
}

/**
 * Uploads one file, shared nowhere, and resolves to its id when Slack has processed it:
 * `files.getUploadURLExternal`, the bytes, `files.completeUploadExternal`, then `files.info`
 * until it has a media type (until then a block that shows it is refused, and Slack names no
 * other sign: https://github.com/slackapi/node-slack-sdk/issues/1865). Does not try again.
 */
export function createUpload({ api, clock }: { api: SlackApi; clock: Clock }) {
  async function send(url: string, bytes: Uint8Array): Promise<void> {
    if (!isFileUrl(url, api.origin)) {
      throw new AtelierError("internal", `Slack names ${new URL(url).host} to upload to.`);
    }
    const { status } = await fetchBounded(
      url,
      {
        method: "POST",
        headers: { "Content-Type": "application/octet-stream" },
        body: Buffer.from(bytes),
      },
      { timeoutMs: SEND_TIMEOUT_MS, maxBytes: ANSWER_MAX_BYTES },
    );
    if (status !== 200) {
      throw new AtelierError("unavailable", `Slack answered ${status} to an upload.`);
    }
  }

  async function isProcessed(id: string): Promise<boolean> {
    try {
      const { file } = await api.call("files.info", (web) => web.files.info({ file: id }));
      return (file?.mimetype ?? "") !== "";
    } catch (thrown) {
      if (slackErrorCode(thrown) === "file_not_found") return false;
      throw thrown;
    }
  }

  async function awaitProcessed(id: string): Promise<void> {
    const endMs = clock.nowMs() + PROCESSING_MAX_MS;
    for (let look = 0; !(await isProcessed(id)); look++) {
      if (clock.nowMs() >= endMs) {
        throw new AtelierError("unavailable", "Slack did not process an upload in time.");
      }
      await clock.sleep(LOOK_PAUSES_MS[look] ?? 2_000);
    }
  }

  return async function upload({ bytes, name, alt }: UploadedFile): Promise<string> {
    // Not the typed method: it knows the argument by another name than Slack does.
    const { upload_url, file_id } = await api.call("files.getUploadURLExternal", async (web) =>
      urlSchema.parse(
        await web.apiCall("files.getUploadURLExternal", {
          filename: name,
          length: bytes.byteLength,
          alt_txt: shorten(alt, SLACK_FILE_ALT_MAX),
        }),
      ),
    );
    try {
      await send(upload_url, bytes);
      await api.call("files.completeUploadExternal", (web) =>
        web.files.completeUploadExternal({ files: [{ id: file_id, title: name }] }),
      );
      await awaitProcessed(file_id);
    } catch (thrown) {
      // Nobody will see it, and nothing else knows its id: what is there of it must not stay.
      await api.call("files.delete", (web) => web.files.delete({ file: file_id })).catch(() => {});
      throw thrown;
    }
    return file_id;
  };
}
