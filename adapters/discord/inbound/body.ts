import { ChannelType, InteractionContextType, MessageFlags } from "discord-api-types/v10";
import { z } from "zod";
import { AtelierError } from "#core";
import { DISCORD_FILE_MAX_BYTES } from "../components/limits.ts";
import type { InboundParts } from "../inbound.ts";
import { DISCORD_TOKEN_MS, type DiscordTarget } from "../target.ts";

/** The beginning of 2015, from which ids count (docs.discord.com/developers/reference#snowflakes). */
const DISCORD_EPOCH_MS = 1_420_070_400_000n;

/** docs.discord.com/developers/resources/channel#channel-object-channel-types */
const THREAD_TYPES: readonly number[] = [
  ChannelType.AnnouncementThread,
  ChannelType.PublicThread,
  ChannelType.PrivateThread,
];

export const snowflake = z.string().regex(/^\d{1,20}$/u);

/** The message that an interaction is about. */
export const messageHead = z.object({ id: snowflake, flags: z.number().int().nullish() });

/** Of every interaction, whatever it is about; what only makes an answer better may be missing. */
const interactionSchema = z.object({
  id: snowflake,
  application_id: snowflake,
  token: z.string().min(1).max(2_000),
  guild_id: snowflake.nullish(),
  channel_id: snowflake,
  channel: z
    .object({
      type: z.number().nullish().catch(null),
      nsfw: z.boolean().nullish().catch(null),
      parent_id: snowflake.nullish().catch(null),
    })
    .nullish()
    .catch(null),
  context: z.number().nullish().catch(null),
  member: z.object({ user: z.object({ id: snowflake }) }).nullish(),
  user: z.object({ id: snowflake }).nullish(),
  authorizing_integration_owners: z.record(z.string(), z.unknown()).nullish().catch(null),
  app_permissions: z.string().regex(/^\d+$/u).nullish().catch(null),
  attachment_size_limit: z.number().int().positive().nullish().catch(null),
  locale: z.string().nullish().catch(null),
});

const kindSchema = z.object({ type: z.number() });

/** What every interaction says of itself. */
interface Origin {
  /** The interaction's id. */
  id: string;
  /** When the person did it, by Discord's clock. */
  atMs: number;
  /** `response` is what fits most; whoever answers in another way changes it. */
  origin: DiscordTarget;
}

/** The interaction's type, or null for anything but an interaction. */
export function kindOf(interaction: unknown): number | null {
  const parsed = kindSchema.safeParse(interaction);
  return parsed.success ? parsed.data.type : null;
}

/** The interaction as the schema says; throws `invalid_input` when it is not. */
export function check<T>(schema: z.ZodType<T>, interaction: unknown): T {
  const parsed = schema.safeParse(interaction);
  if (parsed.success) return parsed.data;
  const where = parsed.error.issues[0]?.path.join(".");
  throw new AtelierError(
    "invalid_input",
    `Discord sent something that I cannot read${where ? ` (“${where}”)` : ""}.`,
    { cause: parsed.error },
  );
}

/** Who did it, where, and what it takes to answer. Throws `invalid_input` for another app's. */
export function readOrigin(
  interaction: unknown,
  { applicationId, clock }: Pick<InboundParts, "applicationId" | "clock">,
  response: DiscordTarget["response"],
): Origin {
  const read = check(interactionSchema, interaction);
  const user = read.member?.user.id ?? read.user?.id;
  if (read.application_id !== applicationId || user === undefined) {
    throw new AtelierError("invalid_input", "Discord sent something that is not for this app.");
  }
  const guild = read.guild_id ?? null;
  const { type, nsfw: isAgeRestricted, parent_id: parentChannel } = read.channel ?? {};
  const isThread = THREAD_TYPES.includes(type ?? ChannelType.GuildText);
  const permissions = isBotThere(read) ? read.app_permissions : null;
  return {
    id: read.id,
    atMs: createdAtMs(read.id),
    origin: {
      guild,
      channel: read.channel_id,
      user,
      interactionToken: read.token,
      tokenUntilMs: clock.nowMs() + DISCORD_TOKEN_MS,
      response,
      ...(permissions ? { appPermissions: permissions } : {}),
      attachmentMaxBytes: read.attachment_size_limit ?? DISCORD_FILE_MAX_BYTES,
      ...(typeof isAgeRestricted === "boolean" ? { isAgeRestricted } : {}),
      ...(isThread ? { isThread } : {}),
      ...(isThread && parentChannel ? { parentChannel } : {}),
      ...(read.context === InteractionContextType.BotDM ? { isWithBot: true } : {}),
      ...(read.locale ? { locale: read.locale } : {}),
    },
  };
}

/**
 * Whether the app is in the server as a bot. Where only the person installed it, its permissions
 * say nothing of what it may answer (docs.discord.com/developers/interactions/receiving-and-responding#interaction-object-authorizing-integration-owners-object).
 */
function isBotThere({
  guild_id: guild,
  authorizing_integration_owners: owners,
}: z.infer<typeof interactionSchema>): boolean {
  if (!guild) return false;
  return !owners || "0" in owners;
}

/** The message as the target keeps it. */
export function pressedOf({ id, flags }: z.infer<typeof messageHead>): {
  id: string;
  isEphemeral: boolean;
} {
  return { id, isEphemeral: ((flags ?? 0) & MessageFlags.Ephemeral) !== 0 };
}

function createdAtMs(id: string): number {
  return Number((BigInt(id) >> 22n) + DISCORD_EPOCH_MS);
}
