import type { Card } from "./card.ts";
import type { Attachment, Progress } from "./command/command.ts";
import type { Job, JobRecord } from "./job/job.ts";
import type { StoredInput } from "./verbs/inputs.ts";

/** Where a given video goes, and how large it may be. */
export interface SaveVideo {
  path: string;
  maxBytes: number;
  signal: AbortSignal;
}

/** What the platform says about a video that it handed over. */
export interface GivenVideo {
  /** The file's name as its person sees it. */
  title: string;
  mediaType: string;
}

/** One chat platform. It verifies and parses what comes in, and shows the cards that go out. */
export interface Adapter {
  /** The first part of its identities and places. */
  readonly platform: string;
  /** Where its webhooks arrive: their signature stands for a key. */
  readonly webhookPath?: string;
  /** Answers the requests that are its own; null for all others. */
  fetch?(request: Request): Promise<Response | null>;
  /** Begins to take commands. Rejects with `misconfigured` when its settings do not work. */
  start?(): Promise<void>;
  /** Stops taking commands; what was taken is still delivered. */
  stop?(): Promise<void>;
  /**
   * Resolves when nothing is under way any more of what goes on after answers were given: where
   * the process sleeps between requests, it would go on at the next one or never.
   */
  settled?(): Promise<void>;
  /** Lets go of everything once nothing more is to be delivered. */
  close?(): Promise<void>;
  /** Brings a picture that a person sent along into the input store. Rejects with `not_found` or `invalid_input`. */
  openAttachment(attachment: Attachment, job: Job): Promise<StoredInput>;
  /**
   * Writes a video that a person sent along to a new file at `path`, without holding it in
   * memory. Rejects with `not_found` or `invalid_input`.
   */
  saveVideo(attachment: Attachment, job: Job, options: SaveVideo): Promise<GivenVideo>;
  /**
   * Shows that a job which draws has begun, before anything is spent on it. Rejects with
   * `not_allowed` when its answer could not be shown there, and with nothing else.
   */
  begin?(job: Job): Promise<void>;
  /**
   * Shows the card for good. Where it is absent, the platform shows the job's record itself as
   * soon as it is finished. Called again after a crash, so it must cope with a second time.
   */
  deliver?(record: JobRecord, card: Card): Promise<void>;
  /** Shows how far a running job is. Never rejects, may leave out steps. */
  progress?(job: Job, progress: Progress): void;
  /**
   * Shows no more steps of a job that is put back; what goes on elsewhere later is not overtaken
   * by them. `last` is shown at once, where it can be. Never rejects.
   */
  pause?(job: Job, last: Progress | null): Promise<void>;
}
