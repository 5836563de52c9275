import type { Card } from "./card.ts";
import type { Attachment, Progress } from "./command/command.ts";
import type { Job, JobRecord } from "./job/job.ts";
import type { StoredInput } from "./verbs/inputs.ts";

/** One chat platform. It verifies and parses what comes in, and shows the cards that go out. */
export interface Adapter {
  /** The first part of its identities and places. */
  readonly platform: string;
  /** Answers the requests that are its own; null for all others. */
  fetch?(request: Request): Promise<Response | null>;
  /** Begins to take commands. Rejects with `misconfigured` when its settings do not work. */
  start?(): Promise<void>;
  /** Stops taking commands; what was taken is still delivered. */
  stop?(): Promise<void>;
  /** Brings a picture that a person sent along into the input store. Rejects with `not_found` or `invalid_input`. */
  openAttachment(attachment: Attachment, job: Job): Promise<StoredInput>;
  /**
   * Shows the card for good. Where it is absent, the platform shows the job's record itself as
   * soon as it is finished. Called again after a crash, so it must cope with a second time.
   */
  deliver?(record: JobRecord, card: Card): Promise<void>;
  /** Shows how far a running job is. Never rejects, may leave out steps. */
  progress?(job: Job, progress: Progress): void;
}
