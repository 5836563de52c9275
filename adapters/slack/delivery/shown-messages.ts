import { z } from "zod";
import type { AdapterNotes } from "#core";
import { shownJobKey } from "../target.ts";
import type { ShownMessage } from "./surfaces.ts";

const shownSchema = z.object({ channel: z.string(), ts: z.string() });
const messageKey = (jobId: string) => `message#${jobId}`;
const deliveredKey = (jobId: string) => `delivered#${jobId}`;

export type ShownMessages = ReturnType<typeof createShownMessages>;

/** Which message shows which job, across restarts. */
export function createShownMessages(notes: AdapterNotes) {
  return {
    /** The job's message, or null when it has none that can be changed. */
    async find(jobId: string): Promise<ShownMessage | null> {
      const note = await notes.get(messageKey(jobId));
      return note === null ? null : shownSchema.parse(note);
    },

    /** Both ways: a button or a thread on the message finds the job, too. */
    async keep(jobId: string, { channel, ts }: ShownMessage): Promise<void> {
      await notes.put(messageKey(jobId), { channel, ts });
      await notes.put(shownJobKey({ channel }, ts), jobId);
    },

    async forget(jobId: string, { channel, ts }: ShownMessage): Promise<void> {
      await notes.delete(messageKey(jobId));
      await notes.delete(shownJobKey({ channel }, ts));
    },

    /** That the answer was shown where it cannot be changed: it must not be shown again. */
    async markDelivered(jobId: string): Promise<void> {
      await notes.put(deliveredKey(jobId), true);
    },

    async isDelivered(jobId: string): Promise<boolean> {
      return (await notes.get(deliveredKey(jobId))) !== null;
    },
  };
}
