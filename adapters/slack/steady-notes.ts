import type { AdapterNotes, Clock } from "#core";

/** Before a write that failed is made again. */
const WRITE_PAUSES_MS = [200, 800];

/**
 * The same notes, with writes that are made again when they fail: what they tell of has happened
 * in Slack by then, and must not happen a second time for want of a note.
 */
export function createSteadyNotes({
  notes,
  clock,
}: {
  notes: AdapterNotes;
  clock: Clock;
}): AdapterNotes {
  async function steady(write: () => Promise<void>): Promise<void> {
    for (const pauseMs of WRITE_PAUSES_MS) {
      try {
        return await write();
      } catch {
        await clock.sleep(pauseMs);
      }
    }
    await write();
  }

  return {
    get: (key) => notes.get(key),
    put: (key, value) => steady(() => notes.put(key, value)),
    // Not again: it would find what it wrote itself.
    putNew: (key, value) => notes.putNew(key, value),
    delete: (key) => steady(() => notes.delete(key)),
  };
}
