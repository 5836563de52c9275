import type { Clock, StateStore } from "../ports/index.ts";

const HEARTBEAT_SECONDS = 45;
/** How often a process that works says so. */
export const BEAT_MS = 15_000;

/**
 * How one process that works on jobs knows that another one does. A process that did not beat
 * for 45 seconds counts as dead, and its jobs are for others to take over.
 */
export function createHeartbeat({
  owner,
  state,
  clock,
}: {
  /** Names this process, as in the records of its jobs. */
  owner: string;
  state: StateStore;
  clock: Clock;
}) {
  const keyOf = (process: string) => `process#${process}`;

  return {
    async beat(): Promise<void> {
      const expiresAt = Math.floor(clock.nowMs() / 1000) + HEARTBEAT_SECONDS;
      await state.put("state", { pk: keyOf(owner), expires_at: expiresAt });
    },

    async isAlive(process: string): Promise<boolean> {
      return process === owner || (await state.get("state", keyOf(process))) !== null;
    },

    /** Others may take over at once. */
    async end(): Promise<void> {
      await state.delete("state", keyOf(owner));
    },
  };
}

export type Heartbeat = ReturnType<typeof createHeartbeat>;
