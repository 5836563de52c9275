import {
  type AdapterNotes,
  type Args,
  AtelierError,
  type Attachment,
  type Command,
  DOUBLE_PRESS_MS,
  decodeAction,
  findClosestCommand,
  getCommand,
  type Inbound,
  type Intake,
  isFinished,
  jobIdFrom,
  parseCommandLine,
  type Received,
  readArgs,
  type Services,
  shorten,
} from "#core";
import type { Forms } from "./forms.ts";
import type { ActionInbound } from "./inbound/actions.ts";
import type { HomeOpenedInbound, MessageInbound } from "./inbound/events.ts";
import type {
  MessageShortcutInbound,
  SlashCommandInbound,
  SubmissionInbound,
} from "./inbound/forms.ts";
import { renderQueued, type SlackMessage } from "./render.ts";
import { identityOf, PLATFORM, placeOf, type SlackTarget, shownJobKey } from "./target.ts";

/** What an accepted command is told about at once. */
export interface Accepted {
  message: SlackMessage;
  /** Whether it was said before, or something in the channel says so now. */
  isShownElsewhere: boolean;
}

const wordless = new AtelierError(
  "invalid_input",
  "Say what the picture should become, in the message that brings it.",
);
const wordlessVideo = new AtelierError(
  "invalid_input",
  "Write addvideo in the message that brings the video, or choose “Add this video” in its menu.",
);

/** Makes jobs of what comes in. Each resolves once the job is durable, with what to say at once, if anything. */
export function createReception({
  services,
  intake,
  notes,
  forms,
}: {
  services: Services;
  intake: Intake;
  notes: AdapterNotes;
  forms: Forms;
}) {
  const { commands, jobs, queue, clock } = services;

  async function inboundOf(
    deliveryId: string,
    origin: SlackTarget,
  ): Promise<Omit<Inbound, "args">> {
    const threadOf =
      origin.threadTs === undefined ? null : await notes.get(shownJobKey(origin, origin.threadTs));
    return {
      id: jobIdFrom(`${PLATFORM}:${deliveryId}`),
      user: identityOf(origin),
      platform: PLATFORM,
      place: placeOf(origin),
      target: origin,
      ...(typeof threadOf === "string" ? { threadOf } : {}),
    };
  }

  async function take(
    command: Command,
    args: Args,
    { deliveryId, origin }: { deliveryId: string; origin: SlackTarget },
  ): Promise<Accepted | null> {
    const inbound = await inboundOf(deliveryId, origin);
    const received = await intake.receiveCommand(command, { ...inbound, args });
    return accepted(command, received);
  }

  async function accepted(
    command: Command,
    { jobId, isNew, isPrivate }: Received,
  ): Promise<Accepted | null> {
    if (command.pace !== "queued") return null;
    if (!isNew && isFinished((await jobs.find(jobId))?.status ?? "expired")) return null;
    const position = queue.position(jobId);
    return {
      message: renderQueued({ jobId, position }),
      isShownElsewhere: !isNew || (position === null && !isPrivate),
    };
  }

  const help = (about: Args, from: { deliveryId: string; origin: SlackTarget }) =>
    take(getCommand("help", commands), about, from);

  return {
    async slashCommand(inbound: SlashCommandInbound): Promise<Accepted | null> {
      const { line, isEmpty } = inbound;
      if (isEmpty) {
        const command = getCommand(line.trim().replace(/^\//u, ""), commands);
        if (command.pace === "queued") {
          await forms.open({ ...inbound, command });
          return null;
        }
        const takesNothing = Object.values(command.options).every(({ required }) => !required);
        if (!takesNothing) return help({ command: command.name }, inbound);
      }
      const { command, args } = parseCommandLine(line, commands);
      return take(command, args, inbound);
    },

    async action(inbound: ActionInbound): Promise<Accepted | null> {
      const { action, deliveryId, earlierDeliveryId, origin } = inbound;
      const earlier = await jobs.find(jobIdFrom(`${PLATFORM}:${earlierDeliveryId}`));
      const earlierAtMs = earlier?.createdAtMs ?? (await forms.openedAtMs(earlierDeliveryId));
      if (earlierAtMs !== null && clock.nowMs() - earlierAtMs < DOUBLE_PRESS_MS) return null;
      if (await forms.openForButton(inbound)) return null;
      const received = await intake.receiveAction(action, await inboundOf(deliveryId, origin));
      const { command: pressed } = decodeAction(action);
      const command = commands.find(({ name }) => name === pressed);
      return command === undefined ? null : accepted(command, received);
    },

    /** An entry of a message's menu: its only picture or video is given to the command, else a form opens. */
    async messageShortcut(inbound: MessageShortcutInbound, name: string): Promise<Accepted | null> {
      const command = getCommand(name, commands);
      const { messageEntry: entry } = command;
      if (entry === undefined) {
        throw new AtelierError("invalid_input", "This entry does nothing any more.");
      }
      const [only, ...others] = entry.takes === "video" ? inbound.videos : inbound.pictures;
      if (entry.opensForm || only === undefined || others.length > 0) {
        await forms.openForMessage(inbound, command, entry);
        return null;
      }
      const args = readArgs(command, {}, [{ attachment: only.fileId, kind: entry.takes }]);
      return take(command, args, inbound);
    },

    /** Throws `invalid_input` with the option that is wrong, where one is. */
    async submission(inbound: SubmissionInbound): Promise<Accepted | null> {
      const { command, args } = forms.read(inbound);
      return take(command, args, { ...inbound, origin: inbound.metadata.origin });
    },

    async message(inbound: MessageInbound): Promise<Accepted | null> {
      const { line, text, fileIds, videoIds } = inbound;
      if (line === null) {
        if (videoIds.length > 0) throw wordlessVideo;
        if (fileIds.length > 0) throw wordless;
        const [word = ""] = text.split(/\s/u);
        const close = findClosestCommand(word, commands);
        if (close === null || close === "help") return help({}, inbound);
        throw new AtelierError(
          "invalid_input",
          `I do not know “${shorten(word, 40)}”. Did you mean ${close}?`,
        );
      }
      const attachments = fileIds.map(
        (attachment): Attachment => ({
          attachment,
          ...(videoIds.includes(attachment) ? { kind: "video" } : {}),
        }),
      );
      const { command, args } = parseCommandLine(line, commands, attachments);
      return take(command, args, inbound);
    },

    async homeOpened(inbound: HomeOpenedInbound): Promise<null> {
      await take(getCommand("history", commands), {}, inbound);
      return null;
    },
  };
}

export type Reception = ReturnType<typeof createReception>;
