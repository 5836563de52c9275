import { stringify } from "yaml";
import { commands } from "#commands";
import { slackManifest } from "../adapters/slack/register.ts";
import { SLACK_WEBHOOK_PATH } from "../adapters/slack/webhook-path.ts";

/** Slack's app manifest as YAML: for Socket Mode, or for HTTP to the server with this address. */
export function renderManifest(publicUrl?: string): string {
  const options =
    publicUrl === undefined ? {} : { requestUrl: new URL(SLACK_WEBHOOK_PATH, publicUrl).href };
  return `# Slack makes the app from this: api.slack.com/apps, Create New App, From a manifest.
# Made by \`npm run manifest\` from the commands' declarations.
${stringify(slackManifest(commands, options), { lineWidth: 0 })}`;
}
