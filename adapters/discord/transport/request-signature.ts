import { createPublicKey, type KeyObject, verify } from "node:crypto";
import { AtelierError } from "#core";

/** Older or newer than this by our clock is refused: a request that was recorded is not worth keeping. */
const SIGNATURE_AGE_MAX_SECONDS = 300;
const SIGNATURE_PATTERN = /^[0-9a-f]{128}$/iu;
const TIMESTAMP_PATTERN = /^\d{1,12}$/u;
const PUBLIC_KEY_PATTERN = /^[0-9a-f]{64}$/iu;
/** The SubjectPublicKeyInfo frame around the 32 bytes of an Ed25519 key (RFC 8410). */
const ED25519_FRAME = "302a300506032b6570032100";

/** The app's Public Key as the developer portal shows it; throws `misconfigured` for anything else. */
export function readPublicKey(hex: string): KeyObject {
  if (!PUBLIC_KEY_PATTERN.test(hex)) {
    throw new AtelierError(
      "misconfigured",
      "Set DISCORD_PUBLIC_KEY to the 64 characters of Public Key, on the app's page General Information.",
    );
  }
  const key = Buffer.from(ED25519_FRAME + hex, "hex");
  return createPublicKey({ key, format: "der", type: "spki" });
}

/**
 * Whether Discord signed exactly these bytes within five minutes of now, earlier or later
 * (docs.discord.com/developers/interactions/overview#validating-security-request-headers). A
 * header that came twice is joined by a comma and so fits neither pattern.
 */
export function isSignedByDiscord({
  headers,
  bytes,
  publicKey,
  nowMs,
}: {
  headers: Headers;
  bytes: Uint8Array;
  publicKey: KeyObject;
  nowMs: number;
}): boolean {
  const signature = headers.get("X-Signature-Ed25519") ?? "";
  const timestamp = headers.get("X-Signature-Timestamp") ?? "";
  if (!SIGNATURE_PATTERN.test(signature) || !TIMESTAMP_PATTERN.test(timestamp)) return false;
  if (Math.abs(nowMs / 1000 - Number(timestamp)) > SIGNATURE_AGE_MAX_SECONDS) return false;
  const signed = Buffer.concat([Buffer.from(timestamp, "ascii"), bytes]);
  return verify(null, signed, publicKey, Buffer.from(signature, "hex"));
}
