import type { APIInteractionResponse } from "discord-api-types/v10";
import {
  type AdapterNotes,
  type Args,
  type Attachment,
  type Command,
  DOUBLE_PRESS_MS,
  type Inbound,
  type Intake,
  isFinished,
  jobIdFrom,
  type RawArgs,
  type Received,
  readArgs,
  type Services,
} from "#core";
import { deferred, nothing } from "./answers.ts";
import { inOptionWords } from "./components/option-words.ts";
import { checkPermissions } from "./delivery/permissions.ts";
import { FormFailure, type Forms } from "./forms.ts";
import type { ActionInbound, AgainInbound } from "./inbound/actions.ts";
import type { CommandInbound, MessageCommandInbound } from "./inbound/commands.ts";
import type { SubmissionInbound } from "./inbound/submissions.ts";
import { type DiscordTarget, identityOf, PLATFORM, placeOf, shownJobKey } from "./target.ts";

/** Makes jobs of what comes in. Each resolves once the job is durable, with the first response. */
export function createReception({
  services,
  intake,
  notes,
  forms,
  announce,
}: {
  services: Services;
  intake: Intake;
  notes: AdapterNotes;
  forms: Forms;
  /** Shows that the job waits, where it does; returns at once. */
  announce: (jobId: string, origin: DiscordTarget) => void;
}) {
  const { jobs, clock } = services;

  function inboundOf(deliveryId: string, origin: DiscordTarget): Omit<Inbound, "args"> {
    // Once an answer is deferred for everyone, everyone reads why there is none.
    if (origin.response === "public") checkPermissions(origin);
    return {
      id: jobIdFrom(`${PLATFORM}:${deliveryId}`),
      user: identityOf(origin),
      platform: PLATFORM,
      place: placeOf(origin),
      target: origin,
    };
  }

  /** What a second delivery of something is answered with: the same, while it can be. */
  async function firstResponse(
    { jobId, isNew }: Received,
    origin: DiscordTarget,
  ): Promise<APIInteractionResponse> {
    if (isNew) {
      announce(jobId, origin);
      return deferred(origin);
    }
    const isOver = isFinished((await jobs.find(jobId))?.status ?? "expired");
    return isOver && origin.pressed !== undefined ? nothing() : deferred(origin);
  }

  async function take(
    command: Command,
    args: Args,
    deliveryId: string,
    origin: DiscordTarget,
  ): Promise<APIInteractionResponse> {
    const received = await intake.receiveCommand(command, {
      ...inboundOf(deliveryId, origin),
      args,
    });
    return firstResponse(received, origin);
  }

  async function press(
    action: string,
    deliveryId: string,
    origin: DiscordTarget,
  ): Promise<APIInteractionResponse> {
    const received = await intake.receiveAction(action, inboundOf(deliveryId, origin));
    return firstResponse(received, origin);
  }

  return {
    async command(inbound: CommandInbound): Promise<APIInteractionResponse> {
      const { command, raw, files, isEmpty, deliveryId, origin } = inbound;
      if (isEmpty && command.pace === "queued") {
        return forms.open({ command, user: identityOf(origin) });
      }
      return inOptionWords(command, async () =>
        take(command, readArgs(command, raw, files.map(attached)), deliveryId, origin),
      );
    },

    /** An entry of a message's menu: what it shows is given to a command, or a button of its job pressed. */
    async message(inbound: MessageCommandInbound): Promise<APIInteractionResponse> {
      const { command, entry, pictures, videos, deliveryId, origin } = inbound;
      if (entry !== undefined) {
        const files = entry.takes === "video" ? videos : pictures;
        const [only] = files;
        if (entry.opensForm || files.length !== 1 || only === undefined) {
          return forms.openForFiles(command, entry, files, identityOf(origin));
        }
        const { pressed: _message, ...here } = origin;
        const nothingTyped: RawArgs = {};
        const args = readArgs(command, nothingTyped, [attached(only)]);
        return take(command, args, deliveryId, here);
      }
      const jobId = await notes.get(shownJobKey(origin.pressed?.id ?? ""));
      return forms.ofShownJob(jobId, (id) =>
        press(`v1.${command.name}.${id}.0`, deliveryId, origin),
      );
    },

    async action(inbound: ActionInbound): Promise<APIInteractionResponse> {
      const { action, deliveryId, earlierDeliveryId, origin } = inbound;
      const opened = await forms.openForButton(action, identityOf(origin));
      if (opened !== null) return opened;
      const earlier = await jobs.find(jobIdFrom(`${PLATFORM}:${earlierDeliveryId}`));
      if (earlier !== null && clock.nowMs() - earlier.createdAtMs < DOUBLE_PRESS_MS) {
        return nothing();
      }
      const received = await intake.receiveAction(action, inboundOf(deliveryId, origin));
      return received.isNew ? firstResponse(received, origin) : nothing();
    },

    async submission(inbound: SubmissionInbound): Promise<APIInteractionResponse> {
      try {
        const { command, args } = await forms.read(inbound);
        return await take(command, args, inbound.deliveryId, inbound.origin);
      } catch (thrown) {
        const tryAgain = await forms.keep(inbound).catch(() => undefined);
        throw new FormFailure(thrown, tryAgain);
      }
    },

    again: ({ customId, origin }: AgainInbound): Promise<APIInteractionResponse> =>
      forms.openAgain(customId, identityOf(origin)),
  };
}

export type Reception = ReturnType<typeof createReception>;

const attached = ({ attachment, kind }: Attachment): Attachment => ({
  attachment,
  ...(kind === undefined ? {} : { kind }),
});
