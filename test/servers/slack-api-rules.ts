import { type JsonRecord, textOf } from "./json-record.ts";
import { SLACK_APP } from "./slack-workspace.ts";

/**
 * The scope that each method needs, from its page under https://docs.slack.dev/reference/methods;
 * null where every token will do. What is not here does not exist for the bot.
 */
const SLACK_METHOD_SCOPES: Readonly<Record<string, string | null>> = {
  "api.test": null,
  "apps.connections.open": "connections:write",
  "auth.test": null,
  "bots.info": "users:read",
  "chat.delete": "chat:write",
  "chat.getPermalink": null,
  "chat.postEphemeral": "chat:write",
  "chat.postMessage": "chat:write",
  "chat.update": "chat:write",
  "conversations.history": "channels:history",
  "conversations.info": "channels:read",
  "conversations.list": "channels:read",
  "conversations.members": "channels:read",
  "conversations.open": "im:write",
  "conversations.replies": "channels:history",
  "files.completeUploadExternal": "files:write",
  "files.delete": "files:write",
  "files.getUploadURLExternal": "files:write",
  "files.info": "files:read",
  "files.list": "files:read",
  "reactions.add": "reactions:write",
  "reactions.remove": "reactions:write",
  "team.info": "team:read",
  "users.info": "users:read",
  "users.list": "users:read",
  "views.open": null,
  "views.publish": null,
  "views.push": null,
  "views.update": null,
};

/** The scope and the subscription without which an event does not come. */
const SLACK_EVENT_SCOPES: Readonly<Record<string, string>> = {
  app_home_opened: "",
  app_mention: "app_mentions:read",
  file_shared: "files:read",
  "message.channels": "channels:history",
  "message.groups": "groups:history",
  "message.im": "im:history",
  reaction_added: "reactions:read",
  reaction_removed: "reactions:read",
};

/** What the app was installed with and subscribed to. */
export interface SlackGrants {
  readonly scopes: readonly string[];
  readonly events: readonly string[];
}

/** What the bot uses; a test takes one away to see that it is missed. */
export const SLACK_DEFAULT_GRANTS: SlackGrants = {
  scopes: [
    "app_mentions:read",
    "chat:write",
    "commands",
    "files:read",
    "files:write",
    "im:history",
    "im:write",
    "users:read",
  ],
  events: ["app_home_opened", "app_mention", "message.im"],
};

/** Why Slack refuses the call before it looks at its arguments; null where it does not. */
export function tokenProblem(
  method: string,
  token: string,
  { scopes }: SlackGrants,
): JsonRecord | null {
  if (!Object.hasOwn(SLACK_METHOD_SCOPES, method)) return refusal("unknown_method");
  if (token === "") return refusal("not_authed");
  const isApp = token === SLACK_APP.appToken;
  if (!isApp && token !== SLACK_APP.botToken) return refusal("invalid_auth");
  const needed = SLACK_METHOD_SCOPES[method] ?? null;
  const wantsApp = needed === "connections:write";
  if (wantsApp !== isApp && method !== "auth.test") return refusal("not_allowed_token_type");
  if (needed === null || wantsApp || scopes.includes(needed)) return null;
  return refusal("missing_scope", { needed, provided: scopes.join(",") });
}

export function refusal(error: string, more: JsonRecord = {}): JsonRecord {
  return { ok: false, error, ...more };
}

/** Whether Slack tells this app of the event. */
export function isSubscribed(event: JsonRecord, { scopes, events }: SlackGrants): boolean {
  const name = eventName(event);
  // A mention in a direct message comes as message.im alone.
  if (name === "app_mention" && textOf(event.channel).startsWith("D")) return false;
  const scope = SLACK_EVENT_SCOPES[name];
  if (scope === undefined || !events.includes(name)) return false;
  return scope === "" || scopes.includes(scope);
}

function eventName(event: JsonRecord): string {
  if (event.type !== "message") return textOf(event.type);
  const channel = textOf(event.channel);
  if (channel.startsWith("D")) return "message.im";
  return channel.startsWith("G") ? "message.groups" : "message.channels";
}
