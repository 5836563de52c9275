import { DISCORD_APP, DISCORD_CHANNELS, DISCORD_GUILD } from "../servers/discord-workspace.ts";
import { slackSignature } from "../servers/slack-signature.ts";
import { SLACK_APP, SLACK_CHANNELS, SLACK_TEAM } from "../servers/slack-workspace.ts";
import type { SlackStandIn } from "./slack-stand-in.ts";

/** A person may have 3 jobs running and 10 waiting, so nobody sends more than that. */
const COMMANDS_PER_PERSON = 5;
const DISCORD_EPOCH_MS = 1_420_070_400_000;

/** The headers that Slack signs such a body with. */
export const signedBySlack = (body: string) =>
  slackSignature({ signingSecret: SLACK_APP.signingSecret, body });
export const promptOf = (n: number) => `a red fox number ${n}`;
export const personOf = (n: number) => `U${10_000 + Math.floor(n / COMMANDS_PER_PERSON)}`;

/** docs.slack.dev/interactivity/implementing-slash-commands#app_command_handling */
export function slashCommand(
  n: number,
  { responseUrl }: Pick<SlackStandIn, "responseUrl">,
): Record<string, string> {
  return {
    token: "verification-token",
    team_id: SLACK_TEAM.teamId,
    team_domain: SLACK_TEAM.domain,
    channel_id: SLACK_CHANNELS.studio,
    channel_name: "studio",
    user_id: personOf(n),
    user_name: "bench",
    command: "/imagine",
    text: promptOf(n),
    api_app_id: SLACK_APP.appId,
    is_enterprise_install: "false",
    response_url: `${responseUrl}/${n}`,
    trigger_id: `${n}.bench`,
  };
}

/** docs.discord.com/developers/interactions/receiving-and-responding#interaction-object */
export function discordCommand(n: number) {
  return {
    id: String((BigInt(Date.now() - DISCORD_EPOCH_MS) << 22n) | BigInt(n)),
    application_id: DISCORD_APP.id,
    type: 2,
    token: `token-of-${n}`,
    version: 1,
    guild_id: DISCORD_GUILD.id,
    channel_id: DISCORD_CHANNELS.studio,
    member: { user: { id: personOf(n).replace("U", "11000000000000") } },
    app_permissions: "2248473465835073",
    attachment_size_limit: 10_485_760,
    data: {
      id: "1100000000000000500",
      name: "imagine",
      type: 1,
      options: [{ type: 3, name: "prompt", value: promptOf(n) }],
    },
  };
}
