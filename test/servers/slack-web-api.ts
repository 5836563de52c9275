import { setTimeout as sleep } from "node:timers/promises";
import { type JsonRecord, recordOf, recordsOf, textOf } from "./json-record.ts";
import type { LocalSlack } from "./local-slack.ts";
import { refusal, type SlackGrants, tokenProblem } from "./slack-api-rules.ts";
import { blocksProblems, withBlockIds } from "./slack-blocks-gate.ts";
import type { SlackFiles } from "./slack-files.ts";
import type { SlackTriggers } from "./slack-triggers.ts";
import { SLACK_APP, SLACK_BOT_ID } from "./slack-workspace.ts";

interface WebApiOptions {
  local: LocalSlack;
  files: SlackFiles;
  triggers: SlackTriggers;
  grants: () => SlackGrants;
  /** Null where Slack would give no connection. */
  newSocketUrl: () => string | null;
  /** The app wrote or changed a message in a direct message. */
  onOwnDirectMessage: (method: string, channel: string, answer: JsonRecord) => void;
}

export type SlackWebApi = ReturnType<typeof createSlackWebApi>;

/** Answers Web API methods as Slack does: what it would refuse is refused, the rest is done by local-slack. */
export function createSlackWebApi(options: WebApiOptions) {
  const { local, files, triggers, grants } = options;
  /** local-slack renames a view with each update, Slack does not: its names to the first ones. */
  const firstViewIds = new Map<string, string>();

  async function findChannel(named: unknown): Promise<JsonRecord | null> {
    const wanted = textOf(named).replace(/^#/u, "");
    const channels = await local.channels();
    const isDirect = ({ is_im, members }: JsonRecord) =>
      is_im === true && Array.isArray(members) && members.includes(wanted);
    const found = channels.find(({ id, name }) => id === wanted || name === wanted);
    return found ?? channels.find(isDirect) ?? null;
  }

  async function postProblem(method: string, args: JsonRecord): Promise<string | null> {
    const channel = await findChannel(args.channel ?? args.channel_id);
    if (channel === null) return "channel_not_found";
    const members = Array.isArray(channel.members) ? channel.members : [];
    const isPublic = channel.is_private !== true && channel.is_im !== true;
    if (!members.includes(SLACK_APP.botUserId)) {
      const mayPost =
        method === "chat.postMessage" && grants().scopes.includes("chat:write.public");
      if (!isPublic) return "channel_not_found";
      if (!mayPost) return "not_in_channel";
    }
    const isTold = method !== "chat.postEphemeral" || members.includes(args.user);
    return isTold ? null : "user_not_in_channel";
  }

  async function ownMessage(method: string, args: JsonRecord): Promise<JsonRecord | string> {
    const channel = await findChannel(args.channel);
    if (channel === null) return "channel_not_found";
    const messages = await local.messages(textOf(channel.id));
    const message = messages.find(({ ts }) => ts === args.ts);
    if (message === undefined || message.subtype === "ephemeral") return "message_not_found";
    const refused = method === "chat.update" ? "cant_update_message" : "cant_delete_message";
    return message.bot_id === SLACK_BOT_ID ? message : refused;
  }

  async function shownProblems(method: string, args: JsonRecord): Promise<string[]> {
    if (method === "views.publish") return blocksProblems({ view: args.view }, "home", files);
    if (method.startsWith("views.")) return blocksProblems({ view: args.view }, "modal", files);
    const isShown = /^chat\.(?:post|update)/u.test(method);
    return isShown ? blocksProblems(args, "message", files) : [];
  }

  /** Why Slack refuses these arguments; else the arguments that local-slack gets. */
  async function checked(method: string, args: JsonRecord): Promise<JsonRecord | string> {
    if (method === "views.open" || method === "views.push") {
      const refused = triggers.refusalOf(args.trigger_id);
      if (refused !== null) return refused;
    }
    if (method === "views.update" && !(await isModalOpen(local))) return "not_found";
    const posts = method === "chat.postMessage" || method === "chat.postEphemeral";
    const shares = method === "files.completeUploadExternal" && args.channel_id !== undefined;
    if (posts || shares) {
      const refused = await postProblem(method, args);
      if (refused !== null) return refused;
    }
    if (method === "files.info" && (await files.isHidden(textOf(args.file)))) {
      return "file_not_found";
    }
    if (method === "chat.update" || method === "chat.delete") {
      const message = await ownMessage(method, args);
      if (typeof message === "string") return message;
      // What is not given stays (https://docs.slack.dev/reference/methods/chat.update).
      if (method === "chat.update") return { text: message.text, blocks: message.blocks, ...args };
    }
    return args;
  }

  async function afterwards(method: string, args: JsonRecord, answer: JsonRecord) {
    if (method === "files.completeUploadExternal") return files.completed(answer);
    if (method === "files.info") return files.polled(answer);
    if (method === "files.delete") files.deleted(textOf(args.file));
    if (method === "views.update") {
      const now = textOf(recordOf(answer.view).id);
      const asked = textOf(args.view_id);
      if (asked !== "") firstViewIds.set(now, asked);
      return withFirstViewIds(answer);
    }
    if (method === "conversations.info") {
      const channel = await findChannel(args.channel);
      const members = Array.isArray(channel?.members) ? channel.members : [];
      const is_member = members.includes(SLACK_APP.botUserId);
      return { ...answer, channel: { ...recordOf(answer.channel), is_member } };
    }
    const channel = textOf(answer.channel);
    const writes = method === "chat.postMessage" || method === "chat.update";
    if (writes && channel.startsWith("D")) options.onOwnDirectMessage(method, channel, answer);
    return answer;
  }

  function withFirstViewIds(value: JsonRecord): JsonRecord {
    let text = JSON.stringify(value);
    for (const [now, first] of firstViewIds) text = text.replaceAll(now, first);
    return recordOf(JSON.parse(text));
  }

  return {
    withFirstViewIds,

    async answer(method: string, given: JsonRecord, token: string): Promise<JsonRecord> {
      const refused = tokenProblem(method, token, grants());
      if (refused !== null) return refused;
      if (method === "apps.connections.open") {
        const url = options.newSocketUrl();
        return url === null ? refusal("too_many_websockets") : { ok: true, url };
      }
      const problems = await shownProblems(method, given);
      if (problems.length > 0) {
        // Slack does not say whether a view that it refuses uses the trigger_id up: here it does.
        if (method === "views.open") triggers.refusalOf(given.trigger_id);
        const error = problems.some((problem) => problem.includes("no_text"))
          ? "no_text"
          : method.startsWith("views.")
            ? "invalid_arguments"
            : "invalid_blocks";
        return refusal(error, { response_metadata: { messages: problems } });
      }
      const args = await checked(method, withBlockIds(given));
      if (typeof args === "string") return refusal(args);
      const answer = await local.api(method, args);
      return answer.ok === true ? afterwards(method, args, answer) : answer;
    },
  };
}

/** The screen hears of a new dialog a moment after it opened. */
async function isModalOpen(local: LocalSlack): Promise<boolean> {
  for (let tries = 0; tries < 5; tries += 1) {
    if (recordsOf(local.screen.modals()).length > 0) return true;
    await sleep(20);
  }
  return false;
}
