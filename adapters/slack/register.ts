import { type Command, isMedia, shorten } from "#core";

/** docs.slack.dev/reference/app-manifest: `features.shortcuts`. */
const SLACK_SHORTCUTS_MAX = 10;
const SLACK_SHORTCUT_NAME_MAX = 24;
const SLACK_SHORTCUT_DESCRIPTION_MAX = 150;

/** Of one slash command (docs.slack.dev/reference/app-manifest). */
const SLACK_COMMAND_DESCRIPTION_MAX = 2_000;
const SLACK_USAGE_HINT_MAX = 1_000;

/** What the bot may do, and why it must: no more than what is done here. */
export const slackScopes = {
  "app_mentions:read": "Hears “@Atelier imagine …”, the only way to ask in a thread.",
  "chat:write": "Posts and edits its answers, in the channels it was invited to.",
  commands: "Has the slash commands and the message shortcuts.",
  "files:read":
    "Loads a picture to restyle or a video to search, and sees when an uploaded one can be shown.",
  "files:write": "Uploads the pictures it makes, and deletes them when you do.",
  "im:history": "Reads what you write to it in a direct message.",
  "im:write": "Opens a direct message with you for answers that cannot be shown where you asked.",
} as const;

type Scope = keyof typeof slackScopes;

interface SlashCommand {
  command: string;
  description: string;
  usage_hint?: string;
  should_escape: false;
  url?: string;
}

/** docs.slack.dev/reference/app-manifest, the part of it that is used. */
export interface SlackManifest {
  display_information: { name: string; description: string; long_description: string };
  features: {
    app_home: {
      home_tab_enabled: boolean;
      messages_tab_enabled: boolean;
      messages_tab_read_only_enabled: boolean;
    };
    bot_user: { display_name: string; always_online: boolean };
    shortcuts: { name: string; type: "message"; callback_id: string; description: string }[];
    slash_commands: SlashCommand[];
  };
  oauth_config: { scopes: { bot: Scope[] } };
  settings: {
    event_subscriptions: { request_url?: string; bot_events: string[] };
    interactivity: { is_enabled: boolean; request_url?: string };
    org_deploy_enabled: boolean;
    socket_mode_enabled: boolean;
    token_rotation_enabled: boolean;
  };
}

/**
 * The complete manifest from which Slack makes the app: for Socket Mode, or, with a
 * `requestUrl`, for HTTP.
 */
export function slackManifest(
  commands: readonly Command[],
  { requestUrl }: { requestUrl?: string } = {},
): SlackManifest {
  const requests = requestUrl === undefined ? {} : { request_url: requestUrl };
  return {
    display_information: {
      name: "Atelier",
      description: "Draws pictures from words, changes pictures, and finds moments in videos.",
      long_description:
        "Atelier draws pictures from a sentence, changes pictures that are already there, and finds the moment in your team's videos that a sentence describes. Type /imagine and what you would like to see, or choose “Restyle this picture” on any message that has one; give a video to /addvideo and look in it with /findframe. Answers come with buttons to vary, re-roll, restyle, share or delete them, and with the recipe that brings the same picture back.",
    },
    features: {
      app_home: {
        home_tab_enabled: true,
        messages_tab_enabled: true,
        messages_tab_read_only_enabled: false,
      },
      bot_user: { display_name: "atelier", always_online: true },
      shortcuts: commands
        .flatMap(({ name, messageEntry: entry }) => (entry === undefined ? [] : [{ name, entry }]))
        .slice(0, SLACK_SHORTCUTS_MAX)
        .map(({ name, entry }) => ({
          name: shorten(entry.name, SLACK_SHORTCUT_NAME_MAX),
          type: "message",
          // The command that gets what the message shows.
          callback_id: name,
          description: shorten(entry.description, SLACK_SHORTCUT_DESCRIPTION_MAX),
        })),
      slash_commands: commands
        .filter(({ reach }) => reach === "typed")
        .map((command) => slashCommand(command, requestUrl)),
    },
    oauth_config: { scopes: { bot: scopeNames() } },
    settings: {
      event_subscriptions: {
        ...requests,
        bot_events: ["app_home_opened", "app_mention", "message.im"],
      },
      interactivity: { is_enabled: true, ...requests },
      org_deploy_enabled: false,
      socket_mode_enabled: requestUrl === undefined,
      token_rotation_enabled: false,
    },
  };
}

function slashCommand(command: Command, url: string | undefined): SlashCommand {
  const hint = usageHint(command);
  return {
    command: `/${command.name}`,
    description: shorten(command.description, SLACK_COMMAND_DESCRIPTION_MAX),
    ...(hint !== "" && { usage_hint: shorten(hint, SLACK_USAGE_HINT_MAX) }),
    // What people type is what is parsed: no ids in place of names.
    should_escape: false,
    ...(url !== undefined && { url }),
  };
}

/** The text first, then the flags; what may be left out is in brackets. */
function usageHint({ options }: Command): string {
  const hints = Object.entries(options).flatMap(([name, option]) => {
    // No file comes with a slash command.
    if (isMedia(option)) return [];
    const isText = option.type === "string" && option.isText === true;
    const word = isText ? name : `--${option.alias ?? name}`;
    return [{ isText, hint: option.required === true ? word : `[${word}]` }];
  });
  return [...hints.filter(({ isText }) => isText), ...hints.filter(({ isText }) => !isText)]
    .map(({ hint }) => hint)
    .join(" ");
}

function scopeNames(): Scope[] {
  // Its keys are exactly these.
  return Object.keys(slackScopes) as Scope[];
}
