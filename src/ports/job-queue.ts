import { AtelierError } from "../errors.ts";

/** What a queue carries: never pictures, never the prompt. */
export interface Ticket {
  jobId: string;
  /** Whose turn it is: people take turns, whoever has many waiting. */
  user: string;
  /** Answers at once from stored state: outside a person's limits and ahead of drawing. */
  quick: boolean;
}

/**
 * How a job's turn ended: `busy` where something it needs had no room for it. Then it is back in
 * the line, at its place, and is to have its next turn after a pause.
 */
export type JobTurn = "over" | "busy";

/**
 * Hands accepted jobs to workers, fair between people: at most some running and some waiting
 * for each. A ticket is only a pointer; the job's record in the StateStore is what lasts.
 */
export interface JobQueue {
  /**
   * Rejects with `rate_limited` when the person has too many waiting. A ticket that waits or
   * runs already is not added a second time.
   */
  enqueue(ticket: Ticket): Promise<void>;
  /** How many jobs start before this one, from 0; null when it does not wait, or nobody can tell. */
  position(jobId: string): number | null;
  /**
   * Takes a waiting job out, or aborts the running one's signal within seconds, in whichever
   * process it runs; false when the queue knows that it does neither.
   */
  cancel(jobId: string): Promise<boolean>;
}

/** By then one of them has probably begun. */
const RETRY_AFTER_MS = 10_000;

/** What `enqueue` rejects with above `waitingPerPerson`. */
export function tooManyWaiting(waitingPerPerson: number): AtelierError {
  return new AtelierError(
    "rate_limited",
    `You have ${waitingPerPerson} jobs waiting already. Wait for one to finish, or take one back with /cancel.`,
    { retryAfterMs: RETRY_AFTER_MS },
  );
}
