import { z } from "zod";
import type { AdapterNotes } from "#core";
import { shownJobKey } from "../target.ts";
import type { ShownMessage } from "./surfaces.ts";

const shownSchema = z.object({ channel: z.string(), ts: z.string() });
const messageKey = (jobId: string) => `message#${jobId}`;
const markKey = (jobId: string) => `delivered#${jobId}`;

/**
 * `shown`: the answer was shown where it cannot be changed. `unsure`: it may have been shown to
 * everyone. Neither is shown to everyone again.
 */
export type Mark = "shown" | "unsure";

export type ShownMessages = ReturnType<typeof createShownMessages>;

/**
 * Which message shows which job, across restarts. What cannot be noted is remembered until it is,
 * so that whoever tries again changes the message that there is.
 */
export function createShownMessages(notes: AdapterNotes) {
  const unnoted = new Map<string, ShownMessage>();
  const unnotedMarks = new Map<string, Mark>();

  async function find(jobId: string): Promise<ShownMessage | null> {
    const remembered = unnoted.get(jobId);
    if (remembered !== undefined) return remembered;
    const note = await notes.get(messageKey(jobId));
    return note === null ? null : shownSchema.parse(note);
  }

  async function mark(jobId: string, as: Mark): Promise<void> {
    unnotedMarks.set(jobId, as);
    await notes.put(markKey(jobId), as);
    unnotedMarks.delete(jobId);
  }

  return {
    /** The job's message, or null when it has none that can be changed. */
    find,

    /** Both ways: a button or a thread on the message finds the job, too. */
    async keep(jobId: string, { channel, ts }: ShownMessage): Promise<void> {
      unnoted.set(jobId, { channel, ts });
      await notes.put(messageKey(jobId), { channel, ts });
      await notes.put(shownJobKey({ channel }, ts), jobId);
      unnoted.delete(jobId);
    },

    /** Leaves the note of the job's message alone where that is another one by now. */
    async forget(jobId: string, { channel, ts }: ShownMessage): Promise<void> {
      if ((await find(jobId))?.ts === ts) {
        unnoted.delete(jobId);
        await notes.delete(messageKey(jobId));
      }
      await notes.delete(shownJobKey({ channel }, ts));
    },

    mark,

    async markOf(jobId: string): Promise<Mark | null> {
      const remembered = unnotedMarks.get(jobId);
      if (remembered !== undefined) {
        await mark(jobId, remembered);
        return remembered;
      }
      const note = await notes.get(markKey(jobId));
      if (note === null) return null;
      return note === "unsure" ? "unsure" : "shown";
    },
  };
}
