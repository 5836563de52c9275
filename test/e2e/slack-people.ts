import { type JsonRecord, recordOf, recordsOf, textOf } from "../servers/json-record.ts";
import type { Delivery } from "../servers/slack-deliveries.ts";
import { globalShortcut, messageShortcut, pressInView } from "../servers/slack-payloads.ts";
import type { SlackProxy } from "../servers/slack-proxy.ts";
import { SLACK_APP } from "../servers/slack-workspace.ts";
import { type FieldValue, filledFields } from "./slack-forms.ts";
import { elementsOf, type SlackMessage, type SlackScreen } from "./slack-screen.ts";

export interface PersonsFile {
  name: string;
  bytes: Uint8Array;
}

interface SayOptions {
  /** The message under which it is said. */
  thread?: Pick<SlackMessage, "ts">;
  files?: readonly PersonsFile[];
}

interface ModalValues {
  /** By the field's label; what is left out stays as the dialog opened. */
  fields?: Readonly<Record<string, FieldValue>>;
  /** Pictures for file fields, by label. */
  files?: Readonly<Record<string, readonly PersonsFile[]>>;
}

export type SlackPeople = ReturnType<typeof createSlackPeople>;

/**
 * What a person can do in the workspace. Commands, presses, shortcuts and dialogs resolve when the
 * bot has acknowledged, or 3 s later; what is said, when it stands in the channel.
 */
export function createSlackPeople(proxy: SlackProxy, screen: SlackScreen) {
  const { local, deliveries } = proxy;

  async function directChannel(user: string): Promise<string> {
    const channels = await local.channels();
    const isTheirs = ({ is_im, members }: JsonRecord) =>
      is_im === true && Array.isArray(members) && members.includes(user);
    const id = textOf(channels.find(isTheirs)?.id);
    if (id === "") throw new Error(`${user} has no direct messages with the bot.`);
    return id;
  }

  async function upload(
    user: string,
    channel: string,
    files: readonly PersonsFile[],
    { text = "", thread }: { text?: string; thread?: Pick<SlackMessage, "ts"> } = {},
  ): Promise<SlackMessage> {
    const form = new FormData();
    form.set("user", user);
    form.set("channel", channel);
    form.set("text", text);
    if (thread !== undefined) form.set("thread_ts", thread.ts);
    for (const { name, bytes } of files) form.append("file", new Blob([bytes.slice()]), name);
    return said(channel, await local.control("upload", form));
  }

  async function say(
    user: string,
    channel: string,
    text: string,
    { thread, files = [] }: SayOptions = {},
  ): Promise<SlackMessage> {
    const inThread = thread === undefined ? {} : { thread };
    if (files.length > 0) return upload(user, channel, files, { text, ...inThread });
    const thread_ts = thread?.ts;
    return said(channel, await local.control("message", { user, channel, text, thread_ts }));
  }

  async function said(channel: string, { message }: JsonRecord): Promise<SlackMessage> {
    const ts = textOf(recordOf(message).ts);
    return screen.waitFor("message of their own", () => screen.find({ channel, ts }));
  }

  /** The file as a dialog's field holds it: theirs, shared nowhere. */
  async function unsharedFile(user: string, { name, bytes }: PersonsFile): Promise<JsonRecord> {
    const asked = await local.api("files.getUploadURLExternal", {
      filename: name,
      length: bytes.length,
    });
    await fetch(textOf(asked.upload_url), { method: "POST", body: bytes.slice() });
    const files = [{ id: asked.file_id, title: name }];
    const done = await local.api("files.completeUploadExternal", { files });
    return { ...recordsOf(done.files)[0], user };
  }

  /** The last delivery since then that fits. */
  function delivered(since: number, fits: (delivery: Delivery) => boolean): Delivery {
    const found = deliveries.all.slice(since).findLast(fits);
    if (found === undefined) throw new Error("Nothing was delivered to the bot.");
    return found;
  }

  async function press(user: string, message: SlackMessage, label: string): Promise<Delivery> {
    const button = buttonOf(message.blocks, label);
    const { type, action_id, block_id, value, text } = button;
    const since = deliveries.all.length;
    const action = { type, action_id, block_id, value, text };
    await local.control("interact", {
      user,
      channel: message.channel,
      messageTs: message.ts,
      action,
    });
    return delivered(since, ({ payload }) => payload.type === "block_actions");
  }

  async function pressIn(user: string, view: JsonRecord | null, label: string): Promise<void> {
    if (view === null) throw new Error(`There is no view on which to press "${label}".`);
    const { type, action_id, block_id, value, text } = buttonOf(recordsOf(view.blocks), label);
    const action = { type, action_id, block_id, value, text };
    const at = { channel: await directChannel(user), ts: "0" };
    await proxy.inject(user, at, (injected) => pressInView(injected, view, action));
  }

  return {
    /** Types a slash command, arguments and all: `/imagine a red fox`. */
    async command(user: string, channel: string, typed: string): Promise<Delivery> {
      const [command = "", ...words] = typed.split(" ");
      const text = words.join(" ");
      const since = deliveries.all.length;
      await local.control("command", { user, channel, command, text });
      const isIt = ({ payload }: Delivery) => payload.command === command && payload.text === text;
      return delivered(since, isIt);
    },

    say,
    upload,
    directChannel,

    mention: (user: string, channel: string, text: string, options: SayOptions = {}) =>
      say(user, channel, `<@${SLACK_APP.botUserId}> ${text}`, options),

    async directMessage(user: string, text: string, files: readonly PersonsFile[] = []) {
      return say(user, await directChannel(user), text, { files });
    },

    press,
    pressHome: (user: string, label: string) => pressIn(user, screen.home(user), label),
    pressModal: (user: string, label: string) => pressIn(user, screen.modal(), label),

    /** Right-click on a message, and one of the app's entries. */
    shortcut: (user: string, callbackId: string, message: SlackMessage) =>
      proxy.inject(user, message, (injected) => messageShortcut(injected, callbackId)),

    /** From Slack's lightning menu. */
    async globalShortcut(user: string, callbackId: string): Promise<void> {
      const at = { channel: await directChannel(user), ts: "0" };
      await proxy.inject(user, at, (injected) => globalShortcut(injected, callbackId));
    },

    /** Fills in the open dialog and sends it; resolves with the errors at its fields, by block id. */
    async submitModal(user: string, { fields = {}, files = {} }: ModalValues = {}) {
      const view = screen.modal();
      if (view === null) throw new Error("There is no open dialog.");
      const chosen = await Promise.all(
        Object.entries(files).map(async ([label, ofField]) => [
          label,
          await Promise.all(ofField.map((file) => unsharedFile(user, file))),
        ]),
      );
      const values = filledFields(view, { ...fields, ...Object.fromEntries(chosen) });
      const before = local.screen.changes();
      local.screen.send({ t: "view_submit", user, values });
      const isDone = () => (local.screen.changes() > before ? true : null);
      await screen.waitFor("answer to the dialog", isDone, { withinMs: 5000 });
      return local.screen.modalErrors();
    },

    closeModal: (user: string) => local.screen.send({ t: "view_close", user }),

    openHome: (user: string) => local.control("open-home", { user }),
  };
}

function buttonOf(blocks: readonly JsonRecord[], label: string): JsonRecord {
  const buttons = elementsOf(blocks).filter(({ type }) => type === "button");
  const nameOf = ({ text }: JsonRecord) => textOf(recordOf(text).text);
  const found = buttons.find((button) => nameOf(button) === label);
  if (found !== undefined) return found;
  throw new Error(`There is no button "${label}": there are ${buttons.map(nameOf).join(", ")}.`);
}
