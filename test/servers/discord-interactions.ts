import { randomBytes } from "node:crypto";
import { DiscordRefusal, type DiscordRefusalName } from "./discord-refusals.ts";
import { type JsonRecord, recordOf, textOf } from "./json-record.ts";

/** https://docs.discord.com/developers/interactions/receiving-and-responding#responding-to-an-interaction */
export const DISCORD_FIRST_RESPONSE_MS = 3000;
const DISCORD_TOKEN_MS = 15 * 60_000;
/** For apps that are there only because a person installed them. */
const DISCORD_USER_FOLLOW_UPS_MAX = 5;

export interface FirstResponse {
  /** https://docs.discord.com/developers/interactions/receiving-and-responding#interaction-response-object-interaction-callback-type */
  readonly type: number;
  readonly data: JsonRecord;
  readonly via: "callback" | "http";
  readonly tookMs: number;
}

export interface Interaction {
  readonly id: string;
  readonly token: string;
  readonly payload: JsonRecord;
  readonly user: string;
  readonly channel: string;
  readonly sentAtMs: number;
  /** Null while there is none. */
  response: FirstResponse | null;
  /** Whether what the first response asked for is done. */
  isAnswered: boolean;
  /** What `@original` stands for. */
  originalId: string | null;
  followUps: number;
  /** How the token is refused although its time is not over; null: it is not. */
  death: DiscordRefusalName | null;
}

export type DiscordInteractions = ReturnType<typeof createDiscordInteractions>;

/** The interactions that were sent, and what their tokens still open. */
export function createDiscordInteractions() {
  const all = new Map<string, Interaction>();
  const waiting = new Map<string, Set<() => void>>();

  const tokens = new Map<string, Interaction>();

  const byToken = (token: string): Interaction | null => tokens.get(token) ?? null;

  /** Wakes whoever waits for an answer to it. */
  function heard(id: string): void {
    for (const wake of waiting.get(id) ?? []) wake();
    waiting.delete(id);
  }

  return {
    all: (): readonly Interaction[] => [...all.values()],
    get: (id: string) => all.get(id) ?? null,
    byToken,
    newToken: () => randomBytes(96).toString("base64url"),

    register(payload: JsonRecord): Interaction {
      const interaction: Interaction = {
        id: textOf(payload.id),
        token: textOf(payload.token),
        payload,
        user: userOf(payload),
        channel: textOf(payload.channel_id),
        sentAtMs: performance.timeOrigin + performance.now(),
        response: null,
        isAnswered: false,
        originalId: textOf(recordOf(payload.message).id) || null,
        followUps: 0,
        death: null,
      };
      all.set(interaction.id, interaction);
      tokens.set(interaction.token, interaction);
      return interaction;
    },

    /** Resolves at the next answer to the interaction, refused or not. */
    next(id: string): Promise<void> {
      return new Promise((resolve) => {
        const known = waiting.get(id) ?? new Set();
        known.add(resolve);
        waiting.set(id, known);
      });
    },
    heard,

    /** Takes the right to the first response; throws where there is none any more. */
    claim(id: string, token: string, via: FirstResponse["via"], body: JsonRecord): Interaction {
      const interaction = all.get(id);
      if (interaction === undefined || interaction.token !== token) {
        throw new DiscordRefusal("unknown_interaction");
      }
      const tookMs = performance.timeOrigin + performance.now() - interaction.sentAtMs;
      if (interaction.response !== null) throw new DiscordRefusal("already_acknowledged");
      if (tookMs > DISCORD_FIRST_RESPONSE_MS) throw new DiscordRefusal("unknown_interaction");
      const data = recordOf(body.data);
      interaction.response = { type: Number(body.type), data, via, tookMs };
      return interaction;
    },
    /** It was not a response after all. */
    unclaim(interaction: Interaction) {
      interaction.response = null;
    },

    /** The interaction whose token it is; throws where the token opens nothing. */
    open(application: string, token: string): Interaction {
      const interaction = byToken(token);
      if (interaction === null || application !== interaction.payload.application_id) {
        throw new DiscordRefusal("unknown_webhook");
      }
      if (interaction.death !== null) throw new DiscordRefusal(interaction.death);
      if (!interaction.isAnswered) {
        const ageMs = performance.timeOrigin + performance.now() - interaction.sentAtMs;
        const isEarly = interaction.response !== null || ageMs <= DISCORD_FIRST_RESPONSE_MS;
        throw new DiscordRefusal("unknown_webhook", {}, { isEarly });
      }
      if (Date.now() - interaction.sentAtMs > DISCORD_TOKEN_MS) {
        throw new DiscordRefusal("invalid_webhook_token");
      }
      return interaction;
    },

    countFollowUp(interaction: Interaction): void {
      const owners = recordOf(interaction.payload.authorizing_integration_owners);
      const isBounded = owners["0"] === undefined;
      if (isBounded && interaction.followUps >= DISCORD_USER_FOLLOW_UPS_MAX) {
        throw new DiscordRefusal("too_many_follow_ups");
      }
      interaction.followUps += 1;
    },

    /** As if 15 minutes had passed; or the token is refused in another way, as it sometimes is. */
    expire(id: string, how: DiscordRefusalName = "invalid_webhook_token") {
      const interaction = all.get(id);
      if (interaction === undefined) throw new Error(`There is no interaction ${id}.`);
      interaction.death = how;
    },
    expireAll(how: DiscordRefusalName = "invalid_webhook_token") {
      for (const interaction of all.values()) interaction.death = how;
    },
  };
}

function userOf(payload: JsonRecord): string {
  const { user } = recordOf(payload.member);
  return textOf(recordOf(user ?? payload.user).id);
}
