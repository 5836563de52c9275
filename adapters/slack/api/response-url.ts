import { AtelierError } from "#core";
import type { InboundParts } from "../inbound.ts";
import { SLACK_RESPONSE_URL_MS, type SlackTarget } from "../target.ts";
import { isSlackUrl } from "./slack-url.ts";

/**
 * The hosts of every `response_url` that Slack documents
 * (docs.slack.dev/interactivity/handling-user-interaction; GovSlack: docs.slack.dev/govslack).
 */
const SLACK_HOOK_HOSTS: readonly string[] = ["hooks.slack.com", "hooks.slack-gov.com"];

/** Whether an address that came in may be called: one of Slack's own, or of the API that is set up. */
export function createUrlCheck(apiUrl?: string): (url: string) => boolean {
  const apiOrigin = apiUrl === undefined ? null : originOf(apiUrl);
  const isHost = (hostname: string) => SLACK_HOOK_HOSTS.includes(hostname);
  return (url) => isSlackUrl(url, { apiOrigin, isHost });
}

/** Null for an address without a host, whose origin would equal that of all its like. */
function originOf(url: string): string | null {
  const origin = URL.canParse(url) ? new URL(url).origin : "null";
  return origin === "null" ? null : origin;
}

/** Where a late answer may go, and until when. Throws `invalid_input` for an address that is not Slack's. */
export function responseUrlOf(
  url: string,
  { clock, isExpectedUrl }: Pick<InboundParts, "clock" | "isExpectedUrl">,
): Pick<SlackTarget, "responseUrl" | "responseUrlUntilMs"> {
  if (!isExpectedUrl(url)) {
    throw new AtelierError("invalid_input", "The response_url is not an address of Slack's.");
  }
  return { responseUrl: url, responseUrlUntilMs: clock.nowMs() + SLACK_RESPONSE_URL_MS };
}
