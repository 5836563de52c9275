import { DiscordAPIError, REST, type RouteLike } from "@discordjs/rest";
import sharp from "sharp";
import type { DiscordProxy } from "../servers/discord-proxy.ts";
import { DISCORD_APP } from "../servers/discord-workspace.ts";
import { type JsonRecord, recordOf } from "../servers/json-record.ts";

/** Components V2. */
export const V2 = 1 << 15;

export const messagesOf = (channel: string): RouteLike => `/channels/${channel}/messages`;

/** A real client of Discord's REST API that does not try again. */
export function createDiscordRestClient(proxy: DiscordProxy) {
  const restWith = (token: string, options = {}) =>
    new REST({ api: proxy.apiUrl, version: "10", retries: 0, ...options }).setToken(token);
  const rest = restWith(DISCORD_APP.botToken);

  return {
    rest,
    restWith,
    post: async (channel: string, body: JsonRecord, files: readonly Buffer[] = []) =>
      recordOf(await rest.post(messagesOf(channel), { body, files: named("fox", files) })),
    patch: async (channel: string, id: unknown, body: JsonRecord, files: readonly Buffer[] = []) =>
      recordOf(
        await rest.patch(`${messagesOf(channel)}/${String(id)}`, {
          body,
          files: named("new", files),
        }),
      ),
  };
}

function named(name: string, files: readonly Buffer[]) {
  return files.map((data, index) => ({ name: `${name}${index}.png`, data }));
}

/** What Discord answered to a call that it refused. */
export async function refusal(call: Promise<unknown>) {
  try {
    await call;
  } catch (thrown) {
    if (!(thrown instanceof DiscordAPIError)) throw thrown;
    const { status, code, rawError } = thrown;
    return { status, code, raw: JSON.stringify(rawError) };
  }
  throw new Error("It was not refused.");
}

/** 64 by 32 pixels. */
export function smallPicture(): Promise<Buffer> {
  const create = { width: 64, height: 32, channels: 3 as const, background: "#c04020" };
  return sharp({ create }).png().toBuffer();
}

export const gallery = (...names: readonly string[]) => ({
  type: 12,
  items: names.map((name) => ({ media: { url: `attachment://${name}` }, description: name })),
});
export const text = (content: string) => ({ type: 10, content });
export const button = (custom_id: string, more = {}) => ({
  type: 2,
  style: 1,
  label: "x",
  custom_id,
  ...more,
});
export const row = (...components: readonly JsonRecord[]) => ({ type: 1, components });
