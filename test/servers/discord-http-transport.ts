import { generateKeyPairSync } from "node:crypto";
import type { DiscordBody } from "./discord-requests.ts";
import { readDiscordBody } from "./discord-requests.ts";
import { discordSignature } from "./discord-signature.ts";
import type { JsonRecord } from "./json-record.ts";

interface HttpTransportOptions {
  /** Where the bot listens, as the app's settings name it; read for each delivery. */
  endpointUrl: () => string;
  /** What came with the bot's answer; a 202 brings nothing. */
  onAnswer(payload: JsonRecord, status: number, body: DiscordBody): Promise<void>;
}

const DISCORD_USER_AGENT = "Discord-Interactions/1.0 (+https://discord.com)";

export interface RawRequest {
  body: string;
  headers?: Readonly<Record<string, string>>;
}

/** Discord's HTTP deliveries, all of them signed. */
export function createDiscordHttpTransport({ endpointUrl, onAnswer }: HttpTransportOptions) {
  /** The body with exactly these headers; null where the line broke. */
  async function post({ body, headers = {} }: RawRequest) {
    const answer = await fetch(endpointUrl(), {
      method: "POST",
      body,
      headers: {
        "Content-Type": "application/json",
        "User-Agent": DISCORD_USER_AGENT,
        ...headers,
      },
    }).catch(() => null);
    const bytes = await answer?.arrayBuffer().catch(() => null);
    if (answer === null || bytes === null || bytes === undefined) return null;
    return { answer, bytes: Buffer.from(bytes) };
  }

  return {
    post,

    async send(payload: JsonRecord): Promise<{ status: number | null } | null> {
      const body = JSON.stringify(payload);
      const taken = await post({ body, headers: discordSignature({ body }) });
      if (taken === null) return null;
      const { answer, bytes } = taken;
      const contentType = answer.headers.get("content-type") ?? undefined;
      const read = await readDiscordBody(bytes, contentType);
      await onAnswer(payload, answer.status, read);
      return { status: answer.status };
    },

    /**
     * What Discord sends when an endpoint is saved, and now and then afterwards: a right PING, and
     * requests that are signed wrongly. An endpoint that takes one of those is removed.
     */
    async examine(ping: JsonRecord): Promise<Readonly<Record<string, number | null>>> {
      const body = JSON.stringify(ping);
      const right = discordSignature({ body });
      const stranger = generateKeyPairSync("ed25519").privateKey;
      const nowSeconds = Math.floor(Date.now() / 1000);
      const altered = right["X-Signature-Ed25519"].replace(/^../u, (first) =>
        first === "00" ? "01" : "00",
      );
      const requests: Readonly<Record<string, RawRequest>> = {
        right: { body, headers: right },
        unsigned: { body },
        "without timestamp": {
          body,
          headers: { "X-Signature-Ed25519": right["X-Signature-Ed25519"] },
        },
        "altered signature": { body, headers: { ...right, "X-Signature-Ed25519": altered } },
        "no hex": { body, headers: { ...right, "X-Signature-Ed25519": "not a signature" } },
        "altered body": { body: `${body} `, headers: right },
        "other time": {
          body,
          headers: { ...right, "X-Signature-Timestamp": String(nowSeconds - 1) },
        },
        "other key": { body, headers: discordSignature({ body, key: stranger }) },
        "six minutes old": {
          body,
          headers: discordSignature({ body, timestampSeconds: nowSeconds - 360 }),
        },
      };
      const statuses = await Promise.all(
        Object.entries(requests).map(async ([name, request]) => {
          const taken = await post(request);
          return [name, taken?.answer.status ?? null] as const;
        }),
      );
      return Object.fromEntries(statuses);
    },
  };
}
