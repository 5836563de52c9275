import { createHmac } from "node:crypto";

interface SignedRequest {
  signingSecret: string;
  body: string;
  /** Absent: now. */
  timestampSeconds?: number;
}

/**
 * The two headers that Slack signs a request with, over any body and of any time: what a test
 * tampers with is its own affair (https://docs.slack.dev/authentication/verifying-requests-from-slack).
 */
export function slackSignature({
  signingSecret,
  body,
  timestampSeconds = Math.floor(Date.now() / 1000),
}: SignedRequest): Record<"X-Slack-Request-Timestamp" | "X-Slack-Signature", string> {
  const signed = `v0:${timestampSeconds}:${body}`;
  const digest = createHmac("sha256", signingSecret).update(signed).digest("hex");
  return {
    "X-Slack-Request-Timestamp": String(timestampSeconds),
    "X-Slack-Signature": `v0=${digest}`,
  };
}
