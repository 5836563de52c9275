import type { Clock, Command } from "#core";
import { createActionReader } from "./inbound/actions.ts";
import { createEventReader } from "./inbound/events.ts";
import { createFormReader } from "./inbound/forms.ts";

/** Where the bot is installed and who it is there, of `auth.test`. */
export interface SlackSelf {
  team: string;
  botUser: string;
}

export interface InboundParts {
  /** Known once the bot has signed in. */
  self: () => SlackSelf;
  commands: readonly Command[];
  clock: Pick<Clock, "nowMs">;
  /** Whether answers may be sent to that address; see `createUrlCheck`. */
  isExpectedUrl: (url: string) => boolean;
}

/**
 * Reads what Slack sends, from Bolt's `body`, which is the same over Socket Mode and HTTP. Every
 * `deliveryId` is the same when Slack sends the same thing again. Each throws `invalid_input`
 * for a body that is not as Slack documents it, or not of this workspace; null means that there
 * is nothing to do.
 */
export function createInbound(parts: InboundParts) {
  return {
    ...createFormReader(parts),
    ...createActionReader(parts),
    ...createEventReader(parts),
  };
}

export type SlackInbound = ReturnType<typeof createInbound>;
