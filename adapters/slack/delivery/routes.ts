import { AtelierError, asAtelierError, type Log } from "#core";
import { slackErrorCode } from "../api/slack-errors.ts";
import type { SlackMessage } from "../render.ts";
import type { SlackTarget } from "../target.ts";
import type { Draft, Look } from "./draft.ts";
import { isOwnPlace, type ShownMessage, type Surfaces } from "./surfaces.ts";

/** One way to show an answer. */
export interface Route {
  name: string;
  /** How it may look there, best first. */
  looks: readonly Look[];
  /** Not where it was asked for, so the message says why it is here. */
  isElsewhere?: true;
  /** Null where the message cannot be changed afterwards. */
  show(message: SlackMessage): Promise<ShownMessage | null>;
}

/** What Slack says of blocks that it does not take, deleted and unprocessed files among them. */
const BLOCK_CODES = [
  "invalid_blocks",
  "invalid_blocks_format",
  "msg_blocks_too_long",
  "slack_file_not_found",
  "invalid_slack_file",
];
const BOTH: readonly Look[] = ["pictures", "links"];

/**
 * For an answer that everyone where it was asked for may see: its message, a new one, the
 * response_url, a direct message. `isPrivate`: it is for everyone only where that is the person
 * and the bot, of which a response_url knows nothing.
 */
export function openRoutes(
  target: SlackTarget,
  shown: ShownMessage | null,
  surfaces: Surfaces,
  { isPrivate }: { isPrivate: boolean },
): Route[] {
  const update: Route[] =
    shown === null
      ? []
      : [
          {
            name: "update",
            // A new message may show what a changed one does not (python-slack-sdk issue 1511).
            looks: ["pictures"],
            async show(message) {
              await surfaces.update(shown, message);
              return shown;
            },
          },
        ];
  const post: Route = {
    name: "post",
    looks: BOTH,
    show: (message) => surfaces.post(target, message),
  };
  const respond = surfaces.canRespond(target)
    ? [responding(target, isPrivate ? "person" : "everyone", BOTH, surfaces)]
    : [];
  const direct = isOwnPlace(target) ? [] : [directly(target, surfaces)];
  return [...update, post, ...respond, ...direct];
}

/** For an answer that nobody but the person may see. */
export function privateRoutes(target: SlackTarget, surfaces: Surfaces): Route[] {
  const canRespond = surfaces.canRespond(target);
  const respond = (looks: readonly Look[]) =>
    canRespond ? [responding(target, "person", looks, surfaces)] : [];
  return [
    // It is not known to take files that are shared nowhere (java-slack-sdk issue 1349).
    ...respond(["pictures"]),
    {
      name: "ephemeral",
      looks: BOTH,
      async show(message) {
        await surfaces.postEphemeral(target, message);
        return null;
      },
    },
    ...respond(["links"]),
    directly(target, surfaces),
  ];
}

function responding(
  target: SlackTarget,
  to: "everyone" | "person",
  looks: readonly Look[],
  surfaces: Surfaces,
): Route {
  return {
    name: "response_url",
    looks,
    async show(message) {
      await surfaces.respond(target, message, to);
      return null;
    },
  };
}

function directly(target: SlackTarget, surfaces: Surfaces): Route {
  return {
    name: "direct",
    looks: BOTH,
    isElsewhere: true,
    show: (message) => surfaces.postDirect(target, message),
  };
}

/** Shows the draft on the first route that takes it. Rejects with the last failure when none does. */
export async function showOnFirst(
  routes: readonly Route[],
  draft: Draft,
  { jobId, log }: { jobId?: string; log: Log },
): Promise<ShownMessage | null> {
  let isRefreshed = false;
  let why: AtelierError | null = null;
  let last: unknown = new AtelierError("internal", "There is no way to show it.");

  async function attempt(route: Route, look: Look): Promise<{ shown: ShownMessage | null } | null> {
    const remarks = route.isElsewhere ? [elsewhereRemark(why)] : [];
    try {
      return { shown: await route.show(draft.message(look, remarks)) };
    } catch (thrown) {
      last = thrown;
      const error = asAtelierError(thrown);
      const code = slackErrorCode(thrown);
      if (error.kind === "not_allowed") why ??= error;
      log.warn({ jobId, route: route.name, look, kind: error.kind, code }, "not shown there");
      return null;
    }
  }

  const areBlocksRefused = () => BLOCK_CODES.includes(slackErrorCode(last) ?? "");
  for (const route of routes) {
    for (const look of looksOf(route, draft)) {
      const done = await attempt(route, look);
      if (done !== null) return done.shown;
      if (!areBlocksRefused()) break;
      if (look === "links" || isRefreshed) continue;
      isRefreshed = true;
      if (!(await draft.refresh())) continue;
      const again = await attempt(route, look);
      if (again !== null) return again.shown;
      if (!areBlocksRefused()) break;
    }
  }
  throw last;
}

/** Without pictures both looks are the same, and are tried once. */
function looksOf({ looks }: Route, draft: Draft): readonly Look[] {
  if (draft.hasPictures) return looks;
  return looks.includes("pictures") ? ["pictures"] : [];
}

function elsewhereRemark(why: AtelierError | null): string {
  const begin = "I could not answer where you asked, so I do it here.";
  return why === null ? begin : `${begin} There: ${why.message}`;
}
