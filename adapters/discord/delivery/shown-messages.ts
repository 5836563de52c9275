import { z } from "zod";
import { type AdapterNotes, asAtelierError, type Clock, type Log } from "#core";
import { shownJobKey } from "../target.ts";
import type { ShownMessage } from "./surfaces.ts";

const shownSchema = z.object({
  channel: z.string(),
  id: z.string(),
  isEphemeral: z.boolean(),
  isOriginal: z.boolean(),
});
const messageKey = (jobId: string) => `message#${jobId}`;
const deliveredKey = (jobId: string) => `delivered#${jobId}`;

/** Pauses before a note is written again. */
const NOTE_PAUSES_MS = [200, 1_000, 3_000];

export type ShownMessages = ReturnType<typeof createShownMessages>;

/** Which message shows which job, across restarts. */
export function createShownMessages({
  notes,
  clock,
  log,
}: {
  notes: AdapterNotes;
  clock: Clock;
  log: Log;
}) {
  /**
   * Never rejects: what is shown is shown, and a delivery that failed for its note's sake would
   * be made again.
   */
  async function write(jobId: string, step: () => Promise<void>): Promise<void> {
    for (const pauseMs of [...NOTE_PAUSES_MS, null]) {
      try {
        return await step();
      } catch (thrown) {
        if (pauseMs === null) {
          const error = asAtelierError(thrown);
          log.error({ jobId, kind: error.kind, err: error }, "a message could not be noted");
          return;
        }
        await clock.sleep(pauseMs);
      }
    }
  }

  return {
    /** The job's message, or null when it has none that can be changed. */
    async find(jobId: string): Promise<ShownMessage | null> {
      const note = await notes.get(messageKey(jobId));
      return note === null ? null : shownSchema.parse(note);
    },

    /** Both ways: a button on the message finds the job, too. */
    keep: (jobId: string, { channel, id, isEphemeral, isOriginal }: ShownMessage) =>
      write(jobId, async () => {
        await notes.put(messageKey(jobId), { channel, id, isEphemeral, isOriginal });
        await notes.put(shownJobKey(id), jobId);
      }),

    forget: (jobId: string, { id }: Pick<ShownMessage, "id">) =>
      write(jobId, async () => {
        await notes.delete(messageKey(jobId));
        await notes.delete(shownJobKey(id));
      }),

    /** That the answer was shown for good: it must not be shown again. */
    markDelivered: (jobId: string) =>
      write(jobId, async () => {
        await notes.put(deliveredKey(jobId), true);
      }),

    async isDelivered(jobId: string): Promise<boolean> {
      return (await notes.get(deliveredKey(jobId))) !== null;
    },
  };
}
