const ROUTES = {
  gateway: ["GET", "/gateway/bot"],
  plain_gateway: ["GET", "/gateway"],
  application: ["GET", "/applications/@me"],
  own_application: ["GET", "/oauth2/applications/@me"],
  me: ["GET", "/users/@me"],
  user: ["GET", "/users/:user"],
  create_dm: ["POST", "/users/@me/channels"],
  get_channel: ["GET", "/channels/:channel"],
  list_messages: ["GET", "/channels/:channel/messages"],
  create_message: ["POST", "/channels/:channel/messages"],
  get_message: ["GET", "/channels/:channel/messages/:message"],
  edit_message: ["PATCH", "/channels/:channel/messages/:message"],
  delete_message: ["DELETE", "/channels/:channel/messages/:message"],
  typing: ["POST", "/channels/:channel/typing"],
  get_guild: ["GET", "/guilds/:guild"],
  guild_channels: ["GET", "/guilds/:guild/channels"],
  guild_member: ["GET", "/guilds/:guild/members/:user"],
  guild_roles: ["GET", "/guilds/:guild/roles"],
  list_commands: ["GET", "/applications/:application/commands"],
  put_commands: ["PUT", "/applications/:application/commands"],
  create_command: ["POST", "/applications/:application/commands"],
  edit_command: ["PATCH", "/applications/:application/commands/:command"],
  delete_command: ["DELETE", "/applications/:application/commands/:command"],
  list_guild_commands: ["GET", "/applications/:application/guilds/:guild/commands"],
  put_guild_commands: ["PUT", "/applications/:application/guilds/:guild/commands"],
  create_guild_command: ["POST", "/applications/:application/guilds/:guild/commands"],
  edit_guild_command: ["PATCH", "/applications/:application/guilds/:guild/commands/:command"],
  delete_guild_command: ["DELETE", "/applications/:application/guilds/:guild/commands/:command"],
  refresh_urls: ["POST", "/attachments/refresh-urls"],
  callback: ["POST", "/interactions/:interaction/:token/callback"],
  follow_up: ["POST", "/webhooks/:application/:token"],
  get_response: ["GET", "/webhooks/:application/:token/messages/:message"],
  edit_response: ["PATCH", "/webhooks/:application/:token/messages/:message"],
  delete_response: ["DELETE", "/webhooks/:application/:token/messages/:message"],
} as const satisfies Record<string, readonly [string, string]>;

export type DiscordRouteName = keyof typeof ROUTES;

export interface DiscordRoute {
  readonly name: DiscordRouteName;
  readonly params: Readonly<Record<string, string>>;
  /** The path without the version, as Discord's documentation writes it. */
  readonly path: string;
}

/** Those that an interaction's token opens; all others want the bot's. */
const TOKEN_ROUTES: readonly DiscordRouteName[] = [
  "callback",
  "follow_up",
  "get_response",
  "edit_response",
  "delete_response",
];

export const isTokenRoute = (name: DiscordRouteName): boolean => TOKEN_ROUTES.includes(name);

/** The parameters by name; "" for one that the route does not have. */
export function paramsOf({ params }: DiscordRoute) {
  const { channel = "", message = "", user = "", guild = "", command = "" } = params;
  const { application = "", interaction = "", token = "" } = params;
  return { channel, message, user, guild, command, application, interaction, token };
}

/** Null where Discord's API has no such door, as far as a bot like Atelier knows it. */
export function findDiscordRoute(method: string, pathname: string): DiscordRoute | null {
  const path = pathname.replace(/^\/api(\/v\d+)?/u, "");
  const given = path.split("/").map(decodeURIComponent);
  for (const [name, [wantedMethod, pattern]] of Object.entries(ROUTES)) {
    if (wantedMethod !== method) continue;
    const params = matched(pattern.split("/"), given);
    if (params !== null && isRouteName(name)) return { name, params, path };
  }
  return null;
}

function isRouteName(name: string): name is DiscordRouteName {
  return name in ROUTES;
}

function matched(wanted: readonly string[], given: readonly string[]) {
  if (wanted.length !== given.length) return null;
  const params: Record<string, string> = {};
  for (const [index, part] of wanted.entries()) {
    const value = given[index] ?? "";
    if (part.startsWith(":")) params[part.slice(1)] = value;
    else if (part !== value) return null;
  }
  return params;
}
