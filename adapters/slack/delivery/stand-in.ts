import { asAtelierError, type Card, type JobRecord, type Log, type Services } from "#core";
import { type SlackTarget, targetOf } from "../target.ts";
import { type Draft, type DraftParts, draftCard } from "./draft.ts";
import type { ShownMessages } from "./shown-messages.ts";
import type { Surfaces } from "./surfaces.ts";

/**
 * Puts a card in the place of another job's: in its message, and in the one whose button was
 * pressed, where that is another. The files of pictures that are deleted go first.
 */
export function createStandIns({
  surfaces,
  messages,
  draftParts,
  services,
  log,
}: {
  surfaces: Surfaces;
  messages: ShownMessages;
  draftParts: DraftParts;
  services: Pick<Services, "stores" | "jobs">;
  log: Log;
}) {
  /** What could not be removed, as sentences for the person. */
  async function removeFiles(jobId: string): Promise<string[]> {
    // Its card is the old one until this delivery is done.
    const parent = await services.jobs.find(jobId);
    const problems = new Set<string>();
    for (const { blob } of parent?.card?.images ?? []) {
      if (await services.stores[blob.store].has(blob.key)) continue;
      try {
        await draftParts.files.remove(blob.key);
      } catch (thrown) {
        const error = asAtelierError(thrown);
        log.error({ jobId, kind: error.kind, err: error }, "a file is still in Slack");
        problems.add(
          `A file of it is still in Slack. ${error.kind === "not_allowed" ? error.message : "An admin can delete it."}`,
        );
      }
    }
    return [...problems];
  }

  async function replacePressed(target: SlackTarget, draft: Draft): Promise<void> {
    const { channel, pressed } = target;
    const message = draft.message("pictures");
    if (pressed === undefined) return;
    if (!pressed.isEphemeral) {
      try {
        return await surfaces.update({ channel, ts: pressed.ts }, message);
      } catch (thrown) {
        if (!surfaces.canRespond(target)) throw thrown;
      }
    }
    await surfaces.respond(target, message, "original");
  }

  /** The draft of the stand-in, and whether it is shown in the place of the job's card already. */
  return async function replace(
    record: JobRecord,
    { replaces: replaced = "", ...standIn }: Card,
  ): Promise<{ draft: Draft; isShown: boolean }> {
    const target = targetOf(record);
    const problems = await removeFiles(replaced);
    const draft = await draftCard(
      { ...standIn, notices: [...problems, ...standIn.notices] },
      draftParts,
    );
    let isShown = false;
    const attempt = async (place: string, step: () => Promise<void>) => {
      try {
        await step();
        isShown = true;
      } catch (thrown) {
        const { kind } = asAtelierError(thrown);
        log.warn({ jobId: record.id, place, kind }, "the card is not replaced there");
      }
    };
    const message = await messages.find(replaced);
    if (message !== null) {
      await attempt("message", () => surfaces.update(message, draft.message("pictures")));
    }
    if (target.pressed !== undefined && target.pressed.ts !== message?.ts) {
      await attempt("pressed", () => replacePressed(target, draft));
    }
    return { draft, isShown };
  };
}
