import {
  type AtelierError,
  asAtelierError,
  type Card,
  isRetryable,
  type JobRecord,
  type Log,
  type Services,
} from "#core";
import type { PlacedMessage } from "../api/discord-api.ts";
import { DISCORD_FILE_MAX_BYTES } from "../components/limits.ts";
import { type DiscordTarget, PLATFORM, targetOf } from "../target.ts";
import { type Draft, type DraftParts, draftCard } from "./draft.ts";
import type { ShownMessages } from "./shown-messages.ts";
import type { Outgoing, Surfaces } from "./surfaces.ts";

interface Place extends PlacedMessage {
  isEphemeral: boolean;
  /** It is the message whose button was pressed. */
  isPressed: boolean;
  /** What the interaction that wrote it left; null where another did. */
  writtenBy: DiscordTarget | null;
}

/**
 * Puts a card in the place of another job's: in its message, and in the one whose button was
 * pressed, where that is another. Their attachments go.
 */
export function createStandIns({
  surfaces,
  messages,
  draftParts,
  services,
  log,
}: {
  surfaces: Surfaces;
  messages: ShownMessages;
  draftParts: DraftParts;
  services: Pick<Services, "jobs">;
  log: Log;
}) {
  async function placesOf(replaced: string, target: DiscordTarget): Promise<Place[]> {
    const parent = await services.jobs.find(replaced);
    const writtenBy = parent?.platform === PLATFORM ? targetOf(parent) : null;
    const message = await messages.find(replaced);
    const { channel, pressed } = target;
    const places: Place[] = [];
    if (message !== null) {
      places.push({ ...message, isPressed: pressed?.id === message.id, writtenBy });
    }
    if (pressed !== undefined && pressed.id !== message?.id) {
      places.push({ ...pressed, channel, isPressed: true, writtenBy: null });
    }
    return places;
  }

  /** The ways to change a message, best first: the bot changes none that only one person sees. */
  function waysTo(place: Place, target: DiscordTarget, message: Outgoing) {
    const ways: (() => Promise<unknown>)[] = [];
    const hasToken = surfaces.hasToken(target);
    if (place.isPressed && target.response === "update" && hasToken) {
      ways.push(() => surfaces.editOriginal(target, message));
    }
    // The token first: the bot itself may be no member of the conversation.
    const { writtenBy } = place;
    if (writtenBy !== null && surfaces.hasToken(writtenBy)) {
      ways.push(() => surfaces.editByToken(writtenBy, place, message));
    }
    if (!place.isEphemeral) ways.push(() => surfaces.update(place, message));
    return ways;
  }

  /**
   * The draft of the stand-in, and whether it is shown in the place of the job's card already.
   * Rejects where it is not, and may be later.
   */
  return async function replace(
    record: JobRecord,
    { replaces: replaced = "", ...standIn }: Card,
  ): Promise<{ draft: Draft; isShown: boolean }> {
    const target = targetOf(record);
    const draft = await draftCard(standIn, draftParts);
    let isShown = false;
    let passing: AtelierError | null = null;
    for (const place of await placesOf(replaced, target)) {
      const fileMaxBytes = Math.min(target.attachmentMaxBytes, DISCORD_FILE_MAX_BYTES);
      const message = await draft.message({ remarks: [], fileMaxBytes });
      let isReplaced = false;
      for (const way of waysTo(place, target, message)) {
        try {
          await way();
          isReplaced = true;
          break;
        } catch (thrown) {
          const error = asAtelierError(thrown);
          if (isRetryable(error)) passing = error;
          const { kind } = error;
          log.warn({ jobId: record.id, kind }, "the card is not replaced in that way");
        }
      }
      isShown ||= isReplaced;
    }
    // What is to go must not stay because Discord was away for a moment.
    if (!isShown && passing !== null) throw passing;
    return { draft, isShown };
  };
}
