import { JOB_KEPT_SECONDS } from "./job/job-store.ts";
import type { Clock, JsonValue, StateStore } from "./ports/index.ts";

/** What an adapter must find again after a restart: which message shows which job, say. */
export interface AdapterNotes {
  /** The note, or null when there is none. */
  get(key: string): Promise<JsonValue | null>;
  /** Writes or replaces the note. */
  put(key: string, value: JsonValue): Promise<void>;
  /** Writes the note unless there is one already; says whether it did. */
  putNew(key: string, value: JsonValue): Promise<boolean>;
  delete(key: string): Promise<void>;
}

/** The notes of one platform, apart from those of all others. */
export function createAdapterNotes({
  state,
  clock,
  platform,
}: {
  state: StateStore;
  clock: Clock;
  platform: string;
}): AdapterNotes {
  const keyOf = (key: string) => `note#${platform}#${key}`;
  const itemOf = (key: string, value: JsonValue) => ({
    pk: keyOf(key),
    value,
    // As long as the jobs that they belong to.
    expires_at: Math.floor(clock.nowMs() / 1000) + JOB_KEPT_SECONDS,
  });

  return {
    async get(key) {
      return (await state.get("state", keyOf(key)))?.value ?? null;
    },
    async put(key, value) {
      await state.put("state", itemOf(key, value));
    },
    putNew: (key, value) =>
      state.put("state", itemOf(key, value), [{ kind: "absent" }, { kind: "expired" }]),
    async delete(key) {
      await state.delete("state", keyOf(key));
    },
  };
}
