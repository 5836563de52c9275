import {
  type AdapterNotes,
  asAtelierError,
  type CardImage,
  type Clock,
  type ErrorKind,
  type Log,
  type Services,
} from "#core";
import { createSteadyNotes } from "../steady-notes.ts";
import type { SlackApi } from "./slack-api.ts";
import { slackErrorCode } from "./slack-errors.ts";
import { createUpload } from "./upload.ts";

/** An upload that broke is begun anew, up to this often. */
const UPLOAD_TRIES = 3;
const UPLOAD_PAUSE_MS = 500;
/** What trying again does not change. */
const FINAL_KINDS: readonly ErrorKind[] = ["not_allowed", "misconfigured", "invalid_input"];
const GONE_CODES = ["file_not_found", "file_deleted"];

/** A picture as a file in Slack, or why it is none. */
export type EnsuredFile = { id: string } | { id: null; problem: string | null };

export type SlackFiles = ReturnType<typeof createSlackFiles>;

/** Our pictures as files of the workspace: each is uploaded once, however many messages show it. */
export function createSlackFiles({
  api,
  notes: unsteadyNotes,
  services,
  clock,
  log,
}: {
  api: SlackApi;
  notes: AdapterNotes;
  services: Pick<Services, "stores" | "pictures">;
  clock: Clock;
  log: Log;
}) {
  const notes = createSteadyNotes({ notes: unsteadyNotes, clock });
  const upload = createUpload({ api, clock });
  const underWay = new Map<string, Promise<EnsuredFile>>();
  const noteOf = (key: string) => `file#${key}`;

  async function find(key: string): Promise<string | null> {
    const note = await notes.get(noteOf(key));
    return typeof note === "string" ? note : null;
  }

  /** One that is gone already is no error. */
  async function deleteFile(id: string): Promise<void> {
    try {
      await api.call("files.delete", (web) => web.files.delete({ file: id }));
    } catch (thrown) {
      if (!GONE_CODES.includes(slackErrorCode(thrown) ?? "")) throw thrown;
    }
  }

  async function make(image: CardImage): Promise<EnsuredFile> {
    const { store, key } = image.blob;
    try {
      const known = await find(key);
      if (known !== null) return { id: known };
      const blob = await services.stores[store].get(key);
      if (blob === null) return { id: null, problem: null };
      const id = await uploadWithTries(image, await showable(blob));
      try {
        await notes.put(noteOf(key), id);
      } catch (thrown) {
        // Delete would not find it.
        await deleteFile(id).catch(() => {});
        throw thrown;
      }
      return { id };
    } catch (thrown) {
      const error = asAtelierError(thrown);
      log.warn({ key, kind: error.kind, err: error }, "picture is shown as a link");
      return { id: null, problem: error.kind === "not_allowed" ? error.message : null };
    }
  }

  /** Image blocks take PNG, JPEG and GIF only (docs.slack.dev/reference/block-kit/composition-objects/slack-file-object). */
  async function showable({ bytes, mediaType }: { bytes: Uint8Array; mediaType: string }) {
    if (mediaType === "image/jpeg") return { bytes, extension: "jpg" };
    return { bytes: await services.pictures.convert(bytes, "png"), extension: "png" };
  }

  async function uploadWithTries(
    image: CardImage,
    { bytes, extension }: { bytes: Uint8Array; extension: string },
  ): Promise<string> {
    const name =
      image.blob.key
        .split("/")
        .at(-1)
        ?.replace(/\.[a-z]+$/u, "") ?? "picture";
    const file = { bytes, name: `${name}.${extension}`, alt: image.alt };
    for (let triesLeft = UPLOAD_TRIES; ; triesLeft--) {
      try {
        return await upload(file);
      } catch (thrown) {
        const error = asAtelierError(thrown);
        if (FINAL_KINDS.includes(error.kind) || triesLeft === 1) throw thrown;
        log.warn({ key: image.blob.key, kind: error.kind, err: error }, "upload is begun anew");
        await clock.sleep(UPLOAD_PAUSE_MS);
      }
    }
  }

  return {
    /** The file that shows the blob of that key, or null when it was not uploaded yet. */
    find,

    /**
     * The picture as a file that a block can show; uploads it unless that was done. The id is
     * null when it was deleted here or cannot be uploaded: then a link stands in its place, and
     * `problem` is a sentence where somebody can do something about it. Never rejects.
     */
    ensure(image: CardImage): Promise<EnsuredFile> {
      const { key } = image.blob;
      const running = underWay.get(key);
      if (running !== undefined) return running;
      const made = make(image).finally(() => underWay.delete(key));
      underWay.set(key, made);
      return made;
    },

    /**
     * Forgets the picture's file when somebody deleted it in Slack, so that `ensure` uploads it
     * again; says whether it was so.
     */
    async forgetIfGone(key: string): Promise<boolean> {
      const id = await find(key);
      if (id === null) return false;
      try {
        const { file } = await api.call("files.info", (web) => web.files.info({ file: id }));
        if (file?.mode !== "tombstone") return false;
      } catch (thrown) {
        if (!GONE_CODES.includes(slackErrorCode(thrown) ?? "")) return false;
      }
      await notes.delete(noteOf(key));
      return true;
    },

    /** Deletes the picture's file in Slack; one that is gone already is no error. */
    async remove(key: string): Promise<void> {
      const id = await find(key);
      if (id === null) return;
      await deleteFile(id);
      await notes.delete(noteOf(key));
    },
  };
}
