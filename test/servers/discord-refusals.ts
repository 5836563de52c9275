import type { JsonRecord } from "./json-record.ts";

/** Status, code and words: https://docs.discord.com/developers/topics/opcodes-and-status-codes */
const DISCORD_REFUSALS = {
  unauthorized: [401, 0, "401: Unauthorized"],
  not_found: [404, 0, "404: Not Found"],
  unknown_application: [404, 10002, "Unknown Application"],
  unknown_channel: [404, 10003, "Unknown Channel"],
  unknown_guild: [404, 10004, "Unknown Guild"],
  unknown_message: [404, 10008, "Unknown Message"],
  unknown_user: [404, 10013, "Unknown User"],
  unknown_webhook: [404, 10015, "Unknown Webhook"],
  unknown_interaction: [404, 10062, "Unknown interaction"],
  unknown_command: [404, 10063, "Unknown application command"],
  too_large: [413, 40005, "Request entity too large"],
  already_acknowledged: [400, 40060, "Interaction has already been acknowledged."],
  too_many_follow_ups: [
    400,
    40094,
    "This interaction has reached the maximum number of follow-up messages.",
  ],
  missing_access: [403, 50001, "Missing Access"],
  others_message: [403, 50005, "Cannot edit a message authored by another user"],
  empty_message: [400, 50006, "Cannot send an empty message"],
  no_direct_messages: [403, 50007, "Cannot send messages to this user"],
  missing_permissions: [403, 50013, "Missing Permissions"],
  invalid_webhook_token: [401, 50027, "Invalid Webhook Token"],
  invalid_form: [400, 50035, "Invalid Form Body"],
  invalid_json: [400, 50109, "The request body contains invalid JSON."],
} as const satisfies Record<string, readonly [number, number, string]>;

export type DiscordRefusalName = keyof typeof DISCORD_REFUSALS;

/** What a rule of Discord's answers instead of doing what was asked. */
export class DiscordRefusal extends Error {
  readonly status: number;
  readonly body: JsonRecord;
  /** What was asked for is not there yet: the first response is on its way. */
  readonly isEarly: boolean;
  readonly #name: DiscordRefusalName;

  constructor(name: DiscordRefusalName, more: JsonRecord = {}, { isEarly = false } = {}) {
    const [status, code, message] = DISCORD_REFUSALS[name];
    super(message);
    this.name = "DiscordRefusal";
    this.#name = name;
    this.status = status;
    this.body = { message, code, ...more };
    this.isEarly = isEarly;
  }

  is(name: DiscordRefusalName): boolean {
    return this.#name === name;
  }
}

/** One thing that is wrong with a body. */
export interface BodyProblem {
  readonly path: readonly string[];
  readonly code: string;
  readonly message: string;
}

/** Discord's tree of errors: https://docs.discord.com/developers/reference#error-messages */
export function invalidForm(problems: readonly BodyProblem[]): DiscordRefusal {
  const errors: Record<string, unknown> = {};
  for (const { path, code, message } of problems) {
    let node = errors;
    for (const key of path) node = childOf(node, key);
    const known = Array.isArray(node._errors) ? node._errors : [];
    node._errors = [...known, { code, message }];
  }
  return new DiscordRefusal("invalid_form", { errors });
}

function childOf(node: Record<string, unknown>, key: string): Record<string, unknown> {
  const child: Record<string, unknown> = { ...(node[key] as Record<string, unknown> | undefined) };
  node[key] = child;
  return child;
}
