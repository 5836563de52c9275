import type { JobSnapshot } from "./job-views.ts";

/** What another platform would show of a job. */
export interface PreviewMessage {
  /** For notifications. */
  text: string;
  /** In the platform's own format; empty where it would show nothing. */
  blocks: readonly unknown[];
  /** Shown to the person who asked alone. */
  isForPersonOnly: boolean;
  /** What is shown for the ids of people in the text and the blocks. */
  names: Readonly<Record<string, string>>;
}

/** Renders what another platform would show now, without that platform. */
export type Preview = (snapshot: JobSnapshot) => Promise<PreviewMessage>;
