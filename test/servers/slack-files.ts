import { type JsonRecord, recordOf, recordsOf, textOf } from "./json-record.ts";
import type { LocalSlack } from "./local-slack.ts";
import { SLACK_APP } from "./slack-workspace.ts";

/** What blocks can show (https://docs.slack.dev/reference/block-kit/composition-objects/slack-file-object). */
const SLACK_SHOWN_TYPES: readonly unknown[] = ["png", "jpg", "jpeg", "gif"];

/** How long Slack works on a file after its upload is complete: so many polls, and so long. */
export interface FileProcessing {
  readonly polls: number;
  readonly ms: number;
}

interface OwnFile {
  completedAtMs: number;
  polls: number;
  deleted: boolean;
}

export type SlackFiles = ReturnType<typeof createSlackFiles>;

/**
 * What Slack does with a file in the background: until it is done, `files.info` knows neither its
 * type nor its thumbnails, and no block may show it (https://docs.slack.dev/changelog/2024-04-a-better-way-to-upload-files-is-here-to-stay).
 */
export function createSlackFiles(local: LocalSlack, processing: () => FileProcessing) {
  const own = new Map<string, OwnFile>();

  function isProcessed(id: string): boolean {
    const file = own.get(id);
    if (file === undefined) return true;
    const { polls, ms } = processing();
    return file.polls >= polls && Date.now() - file.completedAtMs >= ms;
  }

  /** The bot sees its own files, those given to its dialogs, and those of its conversations. */
  async function isSeen(file: JsonRecord): Promise<boolean> {
    const shared = [file.channels, file.groups, file.ims].flatMap((ids) =>
      Array.isArray(ids) ? ids : [],
    );
    if (file.user === SLACK_APP.botUserId || shared.length === 0) return true;
    return (await local.channels()).some(({ id, members }) => {
      const hasBot = Array.isArray(members) && members.includes(SLACK_APP.botUserId);
      return hasBot && shared.includes(id);
    });
  }

  /** The file, whoever sees it; null where there is none. */
  async function find(id: string): Promise<JsonRecord | null> {
    const { file } = id === "" ? {} : await local.api("files.info", { file: id });
    return file === undefined ? null : recordOf(file);
  }

  return {
    /** Whether Slack keeps the file from the bot. */
    async isHidden(id: string): Promise<boolean> {
      const file = await find(id);
      return file !== null && !(await isSeen(file));
    },

    /** The answer of `files.completeUploadExternal`: ids and titles, nothing yet of the pictures. */
    completed(answer: JsonRecord): JsonRecord {
      const files = recordsOf(answer.files).map(({ id, title }) => ({ id, title }));
      for (const { id } of files) {
        own.set(textOf(id), { completedAtMs: Date.now(), polls: 0, deleted: false });
      }
      return { ...answer, files };
    },

    /** The answer of `files.info`, without what is not known yet. */
    polled(answer: JsonRecord): JsonRecord {
      const file = recordOf(answer.file);
      const id = textOf(file.id);
      if (isProcessed(id)) return answer;
      const known = own.get(id);
      if (known !== undefined) known.polls += 1;
      const isThumb = (name: string) => name.startsWith("thumb_");
      const plain = Object.entries(file).filter(([name]) => !isThumb(name));
      const bare = { ...Object.fromEntries(plain), mimetype: "", filetype: "", pretty_type: "" };
      return { ...answer, file: bare };
    },

    deleted(id: string): void {
      const file = own.get(id);
      if (file !== undefined) file.deleted = true;
    },

    /** Ids of the app's files that it has neither deleted nor left unfinished. */
    kept: () => [...own].filter(([, { deleted }]) => !deleted).map(([id]) => id),

    /** Why the files that blocks name cannot be shown; empty when they can. */
    async problems(blocks: unknown): Promise<string[]> {
      const checks = slackFilesOf(blocks).map(async (named) => {
        const id = textOf(named.id) || idInUrl(textOf(named.url));
        const file = await find(id);
        if (file === null || !(await isSeen(file)))
          return [`[ERROR] invalid slack file [${id || textOf(named.url)}]`];
        if (!isProcessed(id)) return [`[ERROR] invalid slack file, still processed [${id}]`];
        const isShown = SLACK_SHOWN_TYPES.includes(file.filetype);
        return isShown ? [] : [`[ERROR] invalid slack file, ${file.filetype} [${id}]`];
      });
      return (await Promise.all(checks)).flat();
    },
  };
}

/** Every `slack_file` below the value. */
function slackFilesOf(value: unknown): JsonRecord[] {
  if (Array.isArray(value)) return value.flatMap(slackFilesOf);
  const entries = Object.entries(recordOf(value));
  return entries.flatMap(([name, below]) =>
    name === "slack_file" ? [recordOf(below)] : slackFilesOf(below),
  );
}

/** local-slack's `url_private` is `…/files-pri/{team}-{file}/{name}`, its permalink `…/files/{user}/{file}/{name}`. */
function idInUrl(url: string): string {
  return /[-/](F[A-Z0-9]+)\//u.exec(url)?.[1] ?? "";
}
