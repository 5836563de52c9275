import { createHmac, timingSafeEqual } from "node:crypto";

/** Older or newer than this by our clock is refused (docs.slack.dev/authentication/verifying-requests-from-slack). */
const SLACK_SIGNATURE_AGE_MAX_SECONDS = 300;
const SIGNATURE_PATTERN = /^v0=([0-9a-f]{64})$/;
const TIMESTAMP_PATTERN = /^\d{1,12}$/;

/**
 * Whether Slack signed exactly these bytes within five minutes of now, earlier or later. A header
 * that came twice is joined by a comma and so fits neither pattern.
 */
export function isSignedBySlack({
  headers,
  bytes,
  signingSecret,
  nowMs,
}: {
  headers: Headers;
  bytes: Uint8Array;
  signingSecret: string;
  nowMs: number;
}): boolean {
  const [, signature] = SIGNATURE_PATTERN.exec(headers.get("X-Slack-Signature") ?? "") ?? [];
  const timestamp = headers.get("X-Slack-Request-Timestamp") ?? "";
  if (signature === undefined || !TIMESTAMP_PATTERN.test(timestamp)) return false;
  if (Math.abs(nowMs / 1000 - Number(timestamp)) > SLACK_SIGNATURE_AGE_MAX_SECONDS) return false;
  const expected = createHmac("sha256", signingSecret)
    .update(`v0:${timestamp}:`)
    .update(bytes)
    .digest();
  return timingSafeEqual(Buffer.from(signature, "hex"), expected);
}
