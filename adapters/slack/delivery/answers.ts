import { asAtelierError, type Card, type JobRecord, type Log } from "#core";
import { targetOf } from "../target.ts";
import { type Draft, type DraftParts, draftCard, draftFailure } from "./draft.ts";
import { openRoutes, privateRoutes, unsureRoutes } from "./routes.ts";
import { MaybeShown, showOnFirst } from "./show-on-first.ts";
import type { ShownMessages } from "./shown-messages.ts";
import type { ShownMessage, Surfaces } from "./surfaces.ts";

/** How often an answer waits for the job's own message before it is shown to the person alone. */
const CHANGE_TRIES = 3;

/** Shows a job's answer; each can be called again after it failed or after a crash. */
export function createAnswers({
  surfaces,
  messages,
  draftParts,
  log,
}: {
  surfaces: Surfaces;
  messages: ShownMessages;
  draftParts: DraftParts;
  log: Log;
}) {
  /** Of answers not shown yet: how often a change of their message was lost on the way. */
  const lostChanges = new Map<string, number>();

  async function draftOf({ failure }: JobRecord, card: Card): Promise<Draft> {
    return failure === null ? draftCard(card, draftParts) : draftFailure(failure.message);
  }

  async function remove(jobId: string, shown: ShownMessage): Promise<void> {
    try {
      await surfaces.remove(shown);
    } catch (thrown) {
      const { kind } = asAtelierError(thrown);
      if (kind !== "not_found")
        log.warn({ jobId, kind }, "a message stays although its job is over");
    }
    await messages.forget(jobId, shown);
  }

  /** Removes the message of a job that has nothing to show. */
  async function takeDown(jobId: string): Promise<void> {
    const shown = await messages.find(jobId);
    if (shown !== null) await remove(jobId, shown);
  }

  /** Where the job's message is nothing more than "Drawing…", since its answer is elsewhere. */
  async function removeLeftover(record: JobRecord): Promise<void> {
    const shown = await messages.find(record.id);
    if (shown?.channel === targetOf(record).channel) await remove(record.id, shown);
  }

  async function showAlone(record: JobRecord, draft: Draft): Promise<ShownMessage | null> {
    const routes = unsureRoutes(targetOf(record), surfaces);
    const shown = await showOnFirst(routes, draft, { jobId: record.id, log });
    await messages.mark(record.id, "shown");
    return shown;
  }

  /** Whether a change of the job's message is worth another try, by whoever called. */
  function canWait(jobId: string, { how }: MaybeShown): boolean {
    const lost = (lostChanges.get(jobId) ?? 0) + 1;
    if (how === "changed") lostChanges.set(jobId, lost);
    return how === "changed" && lost < CHANGE_TRIES;
  }

  async function showToAll(
    record: JobRecord,
    draft: Draft,
    before: ShownMessage | null,
  ): Promise<ShownMessage | null> {
    const isPrivate = record.isPrivate || record.failure !== null;
    const routes = openRoutes(targetOf(record), before, surfaces, { isPrivate });
    try {
      const shown = await showOnFirst(routes, draft, { jobId: record.id, log });
      if (shown === null) await messages.mark(record.id, "shown");
      return shown;
    } catch (thrown) {
      if (!(thrown instanceof MaybeShown) || canWait(record.id, thrown)) throw thrown;
      // A new message cannot be told from one that arrived before: from now on, no more of them.
      if (thrown.how === "new") await messages.mark(record.id, "unsure");
      return showAlone(record, draft);
    }
  }

  return {
    takeDown,

    /**
     * For everyone in the place, at most once: in the job's own message, which can be changed
     * again and again, or in a new one.
     */
    async toAll(record: JobRecord, card: Card): Promise<void> {
      const mark = await messages.markOf(record.id);
      if (mark === "shown") return removeLeftover(record);
      const draft = await draftOf(record, card);
      const before = await messages.find(record.id);
      const shown =
        mark === "unsure" ? await showAlone(record, draft) : await showToAll(record, draft, before);
      lostChanges.delete(record.id);
      // First the note of the new message: without it, the next try would post another one.
      if (shown !== null) await messages.keep(record.id, shown);
      if (before !== null && before.ts !== shown?.ts) await remove(record.id, before);
    },

    /** For the person alone, at most once: most of it can be neither found nor changed later. */
    async toPerson(record: JobRecord, card: Card): Promise<void> {
      if ((await messages.markOf(record.id)) === "shown") return;
      const draft = await draftOf(record, card);
      const routes = privateRoutes(targetOf(record), surfaces);
      const shown = await showOnFirst(routes, draft, { jobId: record.id, log });
      await messages.mark(record.id, "shown");
      // A picture in a direct message can be deleted there later.
      if (shown !== null && record.failure === null) await messages.keep(record.id, shown);
    },
  };
}
