import { isSlackUrl } from "./slack-url.ts";

/** Where Slack keeps files (docs.slack.dev/reference/objects/file-object; GovSlack: docs.slack.dev/govslack). */
const SLACK_FILE_DOMAINS = ["slack.com", "slack-gov.com"];

/** A file's id as it stands in the path of `url_private` and of its thumbnails. */
const FILE_PATH = /^\/files-(?:pri|tmb)\/[A-Z0-9]+-(F[A-Z0-9]+)[-/]/u;

/**
 * Whether bytes, or the token, may be sent to that address: one of Slack's own, or where the API
 * is; null for Slack's own alone.
 */
export function isFileUrl(url: string, apiOrigin: string | null): boolean {
  return isSlackUrl(url, {
    apiOrigin,
    isHost: (hostname) =>
      SLACK_FILE_DOMAINS.some((domain) => hostname === domain || hostname.endsWith(`.${domain}`)),
  });
}

/** The id of the Slack file at that address; null for every address that is not Slack's own. */
export function fileIdIn(url: string): string | null {
  if (!isFileUrl(url, null)) return null;
  return FILE_PATH.exec(new URL(url).pathname)?.[1] ?? null;
}
