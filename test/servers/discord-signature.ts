import { type KeyObject, sign } from "node:crypto";
import { DISCORD_SIGNING_KEY } from "./discord-workspace.ts";

interface SignedRequest {
  body: string;
  /** Absent: now. */
  timestampSeconds?: number;
  /** Absent: Discord's own. */
  key?: KeyObject;
}

export type DiscordSignature = Record<"X-Signature-Ed25519" | "X-Signature-Timestamp", string>;

/**
 * The two headers that Discord signs an interaction with, over any body and of any time
 * (https://docs.discord.com/developers/interactions/overview#validating-security-request-headers).
 */
export function discordSignature({
  body,
  timestampSeconds = Math.floor(Date.now() / 1000),
  key = DISCORD_SIGNING_KEY,
}: SignedRequest): DiscordSignature {
  const signed = Buffer.from(`${timestampSeconds}${body}`, "utf8");
  return {
    "X-Signature-Ed25519": sign(null, signed, key).toString("hex"),
    "X-Signature-Timestamp": String(timestampSeconds),
  };
}
