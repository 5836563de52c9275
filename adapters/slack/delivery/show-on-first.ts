import { AtelierError, asAtelierError, isRetryable, type Log } from "#core";
import { mayHaveArrived, slackErrorCode } from "../api/slack-errors.ts";
import type { Draft, Look } from "./draft.ts";
import type { Route } from "./routes.ts";
import type { ShownMessage } from "./surfaces.ts";

/**
 * What Slack says of blocks that it does not take, deleted and unprocessed files among them;
 * of those of a view it says `invalid_arguments`.
 */
const BLOCK_CODES = [
  "invalid_blocks",
  "invalid_blocks_format",
  "msg_blocks_too_long",
  "slack_file_not_found",
  "invalid_slack_file",
  "invalid_arguments",
];

/** Everyone may see the answer, or may not: Slack did not say. */
export class MaybeShown extends AtelierError {
  readonly how: "new" | "changed";

  constructor(how: "new" | "changed", cause: unknown) {
    super("unavailable", asAtelierError(cause).message, { cause });
    this.how = how;
  }
}

/**
 * Shows the draft on the first route that takes it. Rejects with `MaybeShown` when one for
 * everyone may have taken it, and then tries no other; else, when none takes it, with the last
 * failure that may pass, or where none may with the last of all.
 */
export async function showOnFirst<M>(
  routes: readonly Route<M>[],
  draft: Draft<M>,
  { jobId, log }: { jobId?: string; log: Log },
): Promise<ShownMessage | null> {
  let isRefreshed = false;
  let why: AtelierError | null = null;
  let passing: AtelierError | null = null;
  let last: unknown = new AtelierError("internal", "There is no way to show it.");

  async function attempt(
    route: Route<M>,
    look: Look,
  ): Promise<{ shown: ShownMessage | null } | null> {
    const { isOwnPlace = false, forEveryone } = route;
    const remark = route.remark?.(why) ?? [];
    try {
      return { shown: await route.show(draft.message(look, { remark, isOwnPlace })) };
    } catch (thrown) {
      last = thrown;
      const error = asAtelierError(thrown);
      const code = slackErrorCode(thrown);
      if (error.kind === "not_allowed") why ??= error;
      if (isRetryable(error)) passing = error;
      log.warn({ jobId, route: route.name, look, kind: error.kind, code }, "not shown there");
      if (forEveryone !== undefined && mayHaveArrived(error)) {
        throw new MaybeShown(forEveryone, error);
      }
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
  throw passing ?? last;
}

/** Without pictures both looks are the same, and are tried once. */
function looksOf<M>({ looks }: Route<M>, draft: Draft<M>): readonly Look[] {
  if (draft.hasPictures) return looks;
  return looks.includes("pictures") ? ["pictures"] : [];
}
