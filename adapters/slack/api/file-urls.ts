/** Where Slack keeps files (docs.slack.dev/reference/objects/file-object; GovSlack: docs.slack.dev/govslack). */
const SLACK_FILE_DOMAINS = ["slack.com", "slack-gov.com"];

/** Whether bytes, or the token, may be sent to that address: one of Slack's own, or where the API is. */
export function isFileUrl(url: string, apiOrigin: string): boolean {
  if (!URL.canParse(url)) return false;
  const { protocol, hostname, port, origin, username, password } = new URL(url);
  if (username !== "" || password !== "") return false;
  if (origin === apiOrigin) return true;
  if (protocol !== "https:" || port !== "") return false;
  return SLACK_FILE_DOMAINS.some(
    (domain) => hostname === domain || hostname.endsWith(`.${domain}`),
  );
}
