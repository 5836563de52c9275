/** What a queue carries: never pictures, never the prompt. */
export interface Ticket {
  jobId: string;
  /** Whose turn it is: people take turns, whoever has many waiting. */
  user: string;
  /** Answers at once from stored state: outside a person's limits and ahead of drawing. */
  quick: boolean;
}

/**
 * Hands accepted jobs to workers, fair between people: at most some running and some waiting
 * for each. A ticket is only a pointer; the job's record in the StateStore is what lasts.
 */
export interface JobQueue {
  /** Rejects with `rate_limited` when the person has too many waiting. */
  enqueue(ticket: Ticket): Promise<void>;
  /** How many jobs start before this one, from 0; null when it is not waiting here. */
  position(jobId: string): number | null;
  /** Whether the job waits or runs here. */
  holds(jobId: string): boolean;
  /** Takes a waiting job out, or aborts the running one's signal; says whether it was here. */
  cancel(jobId: string): boolean;
}
