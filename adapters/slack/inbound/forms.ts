import { z } from "zod";
import { AtelierError } from "#core";
import { responseUrlOf } from "../api/response-url.ts";
import type { InboundParts } from "../inbound.ts";
import type { SlackTarget } from "../target.ts";
import { check, checkTeam, slackId, slackTs, threadOf, triggerId } from "./body.ts";
import { type MessagePicture, messagePictures, picturesOf } from "./message-pictures.ts";
import { type ModalMetadata, readModalMetadata } from "./modal-metadata.ts";
import { decodeEntities } from "./typed-text.ts";

export interface SlashCommandInbound {
  deliveryId: string;
  triggerId: string;
  /** As it was typed, such as `/imagine a red fox`. */
  line: string;
  /** Whether nothing stands after the command's name. */
  isEmpty: boolean;
  origin: SlackTarget;
}

export interface MessageShortcutInbound {
  deliveryId: string;
  triggerId: string;
  /** The message's pictures, none of them twice. */
  pictures: readonly MessagePicture[];
  /** Its videos likewise. */
  videos: readonly MessagePicture[];
  /** Whether it shows a picture that is not a file in Slack. */
  hasOtherPictures: boolean;
  origin: SlackTarget;
}

/** `view.state.values`: block id, action id, the element's state. */
type StateValues = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

export interface SubmissionInbound {
  /** One for each modal that was opened: it is submitted once. */
  deliveryId: string;
  /** The modal's `callback_id`. */
  commandName: string;
  stateValues: StateValues;
  metadata: ModalMetadata;
}

const person = z.object({ id: slackId, team_id: slackId.nullish() });
const team = z.object({ id: slackId });

/** docs.slack.dev/reference/slash-commands: the form's fields. */
const slashCommandSchema = z.object({
  team_id: slackId,
  channel_id: slackId,
  user_id: slackId,
  command: z.string().regex(/^\/\S{1,31}$/u),
  text: z.string().default(""),
  response_url: z.string(),
  trigger_id: triggerId,
});

/** docs.slack.dev/reference/interaction-payloads/shortcuts-interaction-payload */
const messageShortcutSchema = z.object({
  type: z.literal("message_action"),
  trigger_id: triggerId,
  response_url: z.string(),
  team,
  user: person,
  channel: z.object({ id: slackId }),
  message: messagePictures.extend({ ts: slackTs, thread_ts: slackTs.nullish() }),
});

/** docs.slack.dev/reference/interaction-payloads/view-interactions-payload */
const submissionSchema = z.object({
  type: z.literal("view_submission"),
  team,
  user: person,
  view: z.object({
    id: slackId,
    callback_id: z.string().min(1),
    private_metadata: z.string(),
    state: z.object({ values: z.record(z.string(), z.record(z.string(), z.unknown())) }),
  }),
});

/** Slash commands, message shortcuts and submitted modals. */
export function createFormReader({ self, clock, isExpectedUrl }: InboundParts) {
  return {
    readSlashCommand(body: unknown): SlashCommandInbound {
      const form = check(slashCommandSchema, body);
      checkTeam(self(), form.team_id);
      const text = decodeEntities(form.text).trim();
      return {
        deliveryId: `command:${form.trigger_id}`,
        triggerId: form.trigger_id,
        line: `${form.command} ${text}`.trim(),
        isEmpty: text === "",
        origin: {
          surface: "channel",
          team: form.team_id,
          user: form.user_id,
          channel: form.channel_id,
          ...responseUrlOf(form.response_url, { clock, isExpectedUrl }),
        },
      };
    },

    readMessageShortcut(body: unknown): MessageShortcutInbound {
      const shortcut = check(messageShortcutSchema, body);
      const { message, user } = shortcut;
      checkTeam(self(), shortcut.team.id, user.team_id);
      const { pictures, videos, hasOthers } = picturesOf(message);
      return {
        deliveryId: `shortcut:${shortcut.trigger_id}`,
        triggerId: shortcut.trigger_id,
        pictures,
        videos,
        hasOtherPictures: hasOthers,
        origin: {
          surface: "channel",
          team: shortcut.team.id,
          user: user.id,
          channel: shortcut.channel.id,
          ...threadOf(message),
          ...responseUrlOf(shortcut.response_url, { clock, isExpectedUrl }),
        },
      };
    },

    readSubmission(body: unknown): SubmissionInbound {
      const { view, user, team } = check(submissionSchema, body);
      checkTeam(self(), team.id, user.team_id);
      const metadata = readModalMetadata(view.private_metadata);
      const { origin } = metadata;
      const { responseUrl } = origin;
      const isAsWritten =
        origin.team === team.id &&
        origin.user === user.id &&
        (responseUrl === undefined || isExpectedUrl(responseUrl));
      if (!isAsWritten) {
        throw new AtelierError("invalid_input", "This form was opened for someone else.");
      }
      return {
        deliveryId: `submission:${view.id}`,
        commandName: view.callback_id,
        stateValues: view.state.values,
        metadata,
      };
    },
  };
}
