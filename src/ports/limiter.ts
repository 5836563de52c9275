export type Priority = "interactive" | "batch";

/** Shapes the calls to one upstream: how many at once, how many a minute, people before batches. */
export interface Limiter {
  /**
   * Runs `call` when its turn comes and passes its outcome on. A signal that aborts while the
   * call still waits rejects with the signal's reason and the call is never made.
   */
  schedule<T>(
    call: () => Promise<T>,
    options: { priority: Priority; signal: AbortSignal },
  ): Promise<T>;
  /** The upstream said when to come back: no call starts before then. */
  pause(ms: number): void;
  /** Lets the process end; calls still waiting are rejected. */
  close(): Promise<void>;
}
