/** Where Slack sends everything without Socket Mode. */
export const SLACK_WEBHOOK_PATH = "/slack/events";
