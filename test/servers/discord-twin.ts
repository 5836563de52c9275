import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DigitalDiscord } from "discord-digital-twin";
import {
  DISCORD_APP,
  DISCORD_CHANNEL_TYPE,
  DISCORD_DIRECT_CHANNELS,
  DISCORD_GUILD,
  DISCORD_GUILD_CHANNELS,
  DISCORD_USERS,
} from "./discord-workspace.ts";
import { type JsonRecord, parseJson, recordOf, textOf } from "./json-record.ts";

export interface TwinAnswer {
  readonly status: number;
  readonly body: unknown;
}

export type DiscordTwin = Awaited<ReturnType<typeof startDiscordTwin>>;

/** discord-digital-twin with the workspace in it: a Discord that knows its messages, not its rules. */
export async function startDiscordTwin() {
  // In memory, all twins of a process would share one database.
  const folder = await mkdtemp(join(tmpdir(), "discord-twin-"));
  const twin = new DigitalDiscord({
    guild: {
      ...DISCORD_GUILD,
      ownerId: DISCORD_USERS.ana,
      channels: DISCORD_GUILD_CHANNELS.map((channel) => ({
        ...channel,
        type: "parentId" in channel ? DISCORD_CHANNEL_TYPE.publicThread : DISCORD_CHANNEL_TYPE.text,
      })),
    },
    users: Object.entries(DISCORD_USERS).map(([username, id]) => ({ id, username })),
    botUser: { id: DISCORD_APP.botUserId, username: DISCORD_APP.botName },
    botToken: DISCORD_APP.botToken,
    dbUrl: `file:${join(folder, "twin.db")}`,
  });
  await twin.start();
  const { prisma } = twin;
  // Nothing of it outlives the test.
  await prisma.$executeRawUnsafe("PRAGMA synchronous = OFF");
  for (const id of Object.keys(DISCORD_DIRECT_CHANNELS)) {
    const members = DISCORD_DIRECT_CHANNELS[id] ?? [];
    const isOwn = members.includes(DISCORD_APP.botUserId);
    const type = isOwn ? DISCORD_CHANNEL_TYPE.dm : DISCORD_CHANNEL_TYPE.groupDm;
    await prisma.channel.create({ data: { id, type } });
  }

  async function api(method: string, path: string, body?: JsonRecord): Promise<TwinAnswer> {
    const answer = await fetch(`${twin.restUrl}/v10${path}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      headers: { "Content-Type": "application/json" },
    });
    const text = await answer.text();
    return { status: answer.status, body: text === "" ? null : parseJson(text) };
  }

  /** For what must succeed. */
  async function ask(method: string, path: string, body?: JsonRecord): Promise<JsonRecord> {
    const answer = await api(method, path, body);
    if (answer.status < 300) return recordOf(answer.body);
    throw new Error(`The twin refused ${method} ${path}: ${JSON.stringify(answer.body)}`);
  }

  return {
    api,
    ask,
    gatewayUrl: twin.gatewayUrl,

    /** So that the twin takes a callback for it. */
    async expectInteraction({ id, token, channel_id }: JsonRecord, source: string | null) {
      await prisma.interactionResponse.create({
        data: {
          interactionId: textOf(id),
          interactionToken: textOf(token),
          applicationId: DISCORD_APP.id,
          channelId: textOf(channel_id),
          type: 0,
          messageId: source,
        },
      });
    },
    /** The message that `@original` stands for. */
    async originalOf(id: string): Promise<string | null> {
      const row = await prisma.interactionResponse.findUnique({ where: { interactionId: id } });
      return row?.messageId ?? null;
    },
    /** The "is thinking" that stands in the channel between a deferral and its first edit. */
    async addLoadingMessage(id: string, messageId: string, channel: string, flags: number) {
      const data = {
        id: messageId,
        channelId: channel,
        authorId: DISCORD_APP.botUserId,
        flags,
        webhookId: DISCORD_APP.id,
        applicationId: DISCORD_APP.id,
      };
      await prisma.message.create({ data });
      await prisma.interactionResponse.update({
        where: { interactionId: id },
        data: { messageId },
      });
    },
    /** What the twin's own doors do not take. */
    async amend(messageId: string, attachmentIds: readonly string[], flags: number) {
      const attachments = JSON.stringify(attachmentIds.map((id) => ({ id })));
      await prisma.message.update({ where: { id: messageId }, data: { attachments, flags } });
    },
    async personsMessage(
      user: string,
      channel: string,
      content: string,
      attachmentIds: readonly string[],
    ): Promise<string> {
      const { id } = await twin.simulateUserMessage({ channelId: channel, userId: user, content });
      if (attachmentIds.length > 0) await this.amend(id, attachmentIds, 0);
      return id;
    },
    deletePersonsMessage: (channel: string, message: string) =>
      twin.simulateUserMessageDelete({ channelId: channel, messageId: message }),

    async stop(): Promise<void> {
      await twin.stop();
      await prisma.$disconnect();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
