import { DISCORD_COMMAND_TYPE } from "../servers/discord-command-rules.ts";
import { componentsBelow, DISCORD_COMPONENT } from "../servers/discord-component-rules.ts";
import type { Delivery } from "../servers/discord-deliveries.ts";
import { contextOf } from "../servers/discord-payloads.ts";
import type { DiscordProxy } from "../servers/discord-proxy.ts";
import {
  DISCORD_APP,
  DISCORD_DIRECT_CHANNELS,
  DISCORD_GUILD,
} from "../servers/discord-workspace.ts";
import { type JsonRecord, recordsOf, textOf } from "../servers/json-record.ts";
import { type FieldValue, filledModal } from "./discord-forms.ts";
import {
  givenOptions,
  type OptionValues,
  type PersonsFile,
  typedValues,
} from "./discord-options.ts";
import type { DiscordMessage, DiscordScreen } from "./discord-screen.ts";

interface ModalValues {
  /** By the field's label; what is left out stays as the dialog opened. */
  fields?: Readonly<Record<string, FieldValue>>;
  /** Pictures for file fields, by label. */
  files?: Readonly<Record<string, readonly PersonsFile[]>>;
}

export type DiscordPeople = ReturnType<typeof createDiscordPeople>;

/**
 * What a person can do in the server. Commands, presses and dialogs resolve at the bot's first
 * response, or 3 s later; what is said, when it stands in the channel.
 */
export function createDiscordPeople(proxy: DiscordProxy, screen: DiscordScreen) {
  const { cdn, commands, payloads, messages, modals, twin } = proxy;

  const guildOf = (channel: string) => (contextOf(channel) === 0 ? DISCORD_GUILD.id : "");

  function directChannel(user: string): string {
    const found = Object.entries(DISCORD_DIRECT_CHANNELS).find(
      ([, members]) => members.includes(user) && members.includes(DISCORD_APP.botUserId),
    );
    if (found === undefined) throw new Error(`${user} has no direct messages with the bot.`);
    return found[0];
  }

  /** The person's file as a command or a dialog holds it: shared nowhere. */
  async function unsharedFile(channel: string, { name, bytes }: PersonsFile): Promise<string> {
    const file = { channel, name, bytes: Buffer.from(bytes), isEphemeral: true };
    return (await cdn.store(file)).id;
  }

  function registeredCommand(name: string, channel: string): JsonRecord {
    return commands.find(name, guildOf(channel));
  }

  /** Types a slash command: `/imagine a red fox --ar 16:9`, or its name and the values. */
  async function command(
    user: string,
    channel: string,
    typed: string,
    values?: OptionValues,
  ): Promise<Delivery> {
    const [name = "", ...words] = typed.replace(/^\//u, "").split(" ");
    const registered = registeredCommand(name, channel);
    const filled = values ?? typedValues(registered, words.join(" "));
    const fileIds: Record<string, string> = {};
    for (const [option, value] of Object.entries(filled)) {
      if (typeof value === "object") fileIds[option] = await unsharedFile(channel, value);
    }
    const given = givenOptions(registered, filled, fileIds);
    return proxy.interact(payloads.slash(user, channel, registered, given));
  }

  /** Types into an option that completes itself; resolves with what is proposed. */
  async function autocomplete(
    user: string,
    channel: string,
    name: string,
    values: OptionValues,
    focused: string,
  ): Promise<readonly JsonRecord[]> {
    const registered = registeredCommand(name, channel);
    const option = recordsOf(registered.options).find((one) => one.name === focused);
    if (option?.autocomplete !== true)
      throw new Error(`"${focused}" of /${name} proposes nothing.`);
    const given = givenOptions(registered, { [focused]: "", ...values }, {}, focused);
    const { answer } = await proxy.interact(
      payloads.autocomplete(user, channel, registered, given),
    );
    if (answer === null) throw new Error(`There was no proposal for "${focused}" within 3 s.`);
    return recordsOf(answer.data.choices);
  }

  function messageOf(id: string): JsonRecord {
    const raw = messages.raw(id);
    if (raw === null) throw new Error(`The message ${id} is deleted.`);
    return messages.shown(raw);
  }

  /** The message as it is now, for someone who sees it. */
  function messageFor(user: string, { id }: Pick<DiscordMessage, "id">): JsonRecord {
    const { onlyFor } = messages.factsOf(id);
    if (onlyFor === null || onlyFor === user) return messageOf(id);
    throw new Error(`${user} does not see the message: it is only for ${onlyFor}.`);
  }

  async function interactWith(
    user: string,
    { id, channel }: Pick<DiscordMessage, "id" | "channel">,
    data: JsonRecord,
  ): Promise<Delivery> {
    const message = messageFor(user, { id });
    return proxy.interact(payloads.press(user, channel, message, data), id);
  }

  async function press(user: string, message: DiscordMessage, label: string): Promise<Delivery> {
    const now = componentsBelow(messageFor(user, message)).map(({ component }) => component);
    const buttons = now.filter(({ type }) => type === DISCORD_COMPONENT.button);
    const found = buttons.find((button) => button.label === label);
    if (found === undefined) {
      const labels = buttons.map((button) => textOf(button.label)).join(", ");
      throw new Error(`There is no button "${label}": there are ${labels || "none"}.`);
    }
    if (found.disabled === true) throw new Error(`The button "${label}" cannot be pressed.`);
    if (typeof found.url === "string") throw new Error(`"${label}" is a link: ${found.url}`);
    const { custom_id, id } = found;
    const data = { custom_id, id, component_type: DISCORD_COMPONENT.button };
    return interactWith(user, message, data);
  }

  /** Picks from the message's select menu, by the options' labels. */
  async function choose(user: string, message: DiscordMessage, ...labels: readonly string[]) {
    const select = componentsBelow(messageFor(user, message))
      .map(({ component }) => component)
      .find(({ type }) => type === DISCORD_COMPONENT.stringSelect);
    if (select === undefined) throw new Error("The message has no select menu.");
    const values = labels.map((label) => {
      const found = recordsOf(select.options).find((option) => option.label === label);
      if (found === undefined) throw new Error(`The select menu has no option "${label}".`);
      return found.value;
    });
    const { custom_id, id } = select;
    const data = { custom_id, id, component_type: DISCORD_COMPONENT.stringSelect, values };
    return interactWith(user, message, data);
  }

  /** Right-click on a message, Apps, and one of the app's entries. */
  async function messageCommand(
    user: string,
    name: string,
    message: DiscordMessage,
  ): Promise<Delivery> {
    const { channel } = message;
    const registered = commands.find(name, guildOf(channel), DISCORD_COMMAND_TYPE.message);
    return proxy.interact(payloads.onMessage(user, channel, registered, messageFor(user, message)));
  }

  async function say(
    user: string,
    channel: string,
    text: string,
    { files = [] }: { files?: readonly PersonsFile[] } = {},
  ): Promise<DiscordMessage> {
    const ids = [];
    for (const { name, bytes } of files) {
      const file = await cdn.store({ channel, name, bytes: Buffer.from(bytes) });
      ids.push(file.id);
    }
    const id = await twin.personsMessage(user, channel, text, ids);
    await messages.refresh(channel, id);
    const own = await screen.find({ id });
    if (own === null) throw new Error("What was said does not stand in the channel.");
    return own;
  }

  return {
    command,
    autocomplete,
    press,
    choose,
    messageCommand,
    say,
    directChannel,

    upload: (
      user: string,
      channel: string,
      files: readonly PersonsFile[],
      { text = "" }: { text?: string } = {},
    ) => say(user, channel, text, { files }),

    /** A person's own message, or one that a moderator takes away. */
    async deleteMessage({ channel, id }: Pick<DiscordMessage, "channel" | "id">): Promise<void> {
      await twin.deletePersonsMessage(channel, id);
      messages.forget(id);
    },
    /** Takes away what only they see. */
    dismiss: ({ id }: Pick<DiscordMessage, "id">) => messages.forget(id),

    /** Fills in the open dialog and sends it. */
    async submitModal(user: string, { fields = {}, files = {} }: ModalValues = {}) {
      const open = screen.openModal(user);
      if (open === null) throw new Error(`There is no open dialog before ${user}.`);
      const { modal, channel, messageId } = open;
      const fileIds: Record<string, string[]> = {};
      for (const [label, ofField] of Object.entries(files)) {
        fileIds[label] = await Promise.all(ofField.map((file) => unsharedFile(channel, file)));
      }
      const ids = Object.values(fileIds).flat();
      const attachments = Object.fromEntries(ids.map((id) => [id, cdn.attachment(id)]));
      const data = {
        custom_id: modal.custom_id,
        components: filledModal(modal, { fields, fileIds }),
        ...(ids.length === 0 ? {} : { resolved: { attachments } }),
      };
      modals.delete(user);
      const source = messageId === null ? null : messageOf(messageId);
      return proxy.interact(payloads.modal(user, channel, data, source), messageId);
    },
    closeModal: (user: string) => modals.delete(user),

    /** Registers commands as the bot's operator would: global ones, or those of a guild. */
    async register(list: readonly object[], guild = ""): Promise<void> {
      const inGuild = guild === "" ? "" : `/guilds/${guild}`;
      const path = `/v10/applications/${DISCORD_APP.id}${inGuild}/commands`;
      const answer = await fetch(proxy.apiUrl + path, {
        method: "PUT",
        body: JSON.stringify(list),
        headers: {
          Authorization: `Bot ${DISCORD_APP.botToken}`,
          "Content-Type": "application/json",
        },
      });
      if (!answer.ok) throw new Error(`Discord refused the commands: ${await answer.text()}`);
    },
  };
}
