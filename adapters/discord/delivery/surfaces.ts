import { MessageFlags } from "discord-api-types/v10";
import type { Clock } from "#core";
import type {
  CallOptions,
  DiscordApi,
  OutgoingMessage,
  PlacedMessage,
} from "../api/discord-api.ts";
import { isUnknownYet } from "../api/discord-errors.ts";
import type { DiscordMessage } from "../render.ts";
import { DISCORD_TOKEN_MS, type DiscordTarget } from "../target.ts";

/** A message that can be changed later. */
export interface ShownMessage extends PlacedMessage {
  /** Only its interaction's token changes it. */
  isEphemeral: boolean;
  /** It is what the interaction's `@original` stands for. */
  isOriginal: boolean;
}

/** A message and its files, about to leave. */
export interface Outgoing extends OutgoingMessage {
  body: DiscordMessage & { attachments: readonly object[] };
}

/** Nobody is sure of a token's last moments: Discord's clock is another. */
const TOKEN_MARGIN_MS = 10_000;
/** Discord has taken the first response by then, or never will. */
const UNANSWERED_MAX_MS = 4_000;
/** Pauses before a call that was ahead of the first response is made again. */
const UNANSWERED_PAUSES_MS = [150, 300, 600, 1_200, 1_200];

type Addressed = Pick<DiscordTarget, "interactionToken" | "tokenUntilMs">;

export type Surfaces = ReturnType<typeof createSurfaces>;

/** The ways in which a message can be shown in Discord, a call each. */
export function createSurfaces({ api, clock }: { api: DiscordApi; clock: Clock }) {
  /**
   * A job may begin while its first response is on the way. Until Discord has that, it knows
   * nothing that the interaction's token could open.
   */
  async function onceAnswered<T>({ tokenUntilMs }: Addressed, call: () => Promise<T>): Promise<T> {
    const untilMs = tokenUntilMs - DISCORD_TOKEN_MS + UNANSWERED_MAX_MS;
    for (const pauseMs of UNANSWERED_PAUSES_MS) {
      try {
        return await call();
      } catch (thrown) {
        if (!isUnknownYet(thrown) || clock.nowMs() + pauseMs > untilMs) throw thrown;
        await clock.sleep(pauseMs);
      }
    }
    return call();
  }

  return {
    /** Whether the interaction's token is still good, as far as its age tells. */
    hasToken: ({ tokenUntilMs }: Pick<DiscordTarget, "tokenUntilMs">): boolean =>
      clock.nowMs() < tokenUntilMs - TOKEN_MARGIN_MS,

    /** The first response, or the message whose button was pressed where that is the response. */
    async editOriginal(
      target: DiscordTarget,
      message: OutgoingMessage,
      options?: CallOptions,
    ): Promise<ShownMessage> {
      const { interactionToken, response } = target;
      const edit = () => api.editAnswer(interactionToken, message, options);
      const placed = await (options?.isOnce === true ? edit() : onceAnswered(target, edit));
      return { ...placed, isEphemeral: response !== "public", isOriginal: true };
    },

    /** A message that the interaction's token wrote, or that its button is on. */
    async editByToken(
      target: Addressed,
      { id }: Pick<PlacedMessage, "id">,
      message: OutgoingMessage,
    ): Promise<void> {
      const { interactionToken } = target;
      await onceAnswered(target, () => api.editAnswer(interactionToken, message, { id }));
    },

    deleteOriginal: (target: DiscordTarget): Promise<void> =>
      onceAnswered(target, () => api.deleteAnswer(target.interactionToken)),

    async followUp(
      target: DiscordTarget,
      { body, files = [] }: Outgoing,
      { isEphemeral }: { isEphemeral: boolean },
    ): Promise<ShownMessage> {
      const flags = isEphemeral ? body.flags | MessageFlags.Ephemeral : body.flags;
      const message = { body: { ...body, flags }, files };
      const { interactionToken } = target;
      const placed = await onceAnswered(target, () => api.followUp(interactionToken, message));
      return { ...placed, isEphemeral, isOriginal: false };
    },

    /** By the bot itself. Of the same `nonce`, Discord makes one message only. */
    async post(
      { channel }: Pick<DiscordTarget, "channel">,
      message: OutgoingMessage,
      nonce: string | undefined,
    ): Promise<ShownMessage> {
      const once = nonce === undefined ? {} : { nonce };
      const placed = await api.createMessage(channel, message, once);
      return { ...placed, isEphemeral: false, isOriginal: false };
    },

    async postDirect(
      { user }: Pick<DiscordTarget, "user">,
      message: OutgoingMessage,
      nonce: string | undefined,
    ): Promise<ShownMessage> {
      const once = nonce === undefined ? {} : { nonce };
      const placed = await api.createMessage(await api.createDm(user), message, once);
      return { ...placed, isEphemeral: false, isOriginal: false };
    },

    /** By the bot itself, which needs to see the channel. */
    async update(shown: PlacedMessage, message: OutgoingMessage): Promise<void> {
      await api.editMessage(shown, message);
    },

    async remove(shown: PlacedMessage): Promise<void> {
      await api.deleteMessage(shown);
    },
  };
}
