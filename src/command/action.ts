import { AtelierError } from "../errors.ts";

/** What a button says when it is pressed. All else is looked up in the job's record. */
export interface Action {
  /** The name of a command. */
  command: string;
  jobId: string;
  /** What its command says: which picture or field of the job, from 1; a page, from 0; 0 for the job as a whole. */
  index: number;
}

/** The tightest limit that a chat platform puts on a button's value. */
export const ACTION_MAX = 100;
const ACTION_PATTERN = /^v1\.([a-z]{1,32})\.([a-z0-9]{1,40})\.(\d{1,2})$/;

/** The button's value, at most ACTION_MAX characters. */
export function encodeAction({ command, jobId, index }: Action): string {
  return `v1.${command}.${jobId}.${index}`;
}

/** Rejects with `invalid_input` what this or an earlier version did not write. */
export function decodeAction(value: string): Action {
  const [, command, jobId, index] = ACTION_PATTERN.exec(value) ?? [];
  if (command === undefined || jobId === undefined || index === undefined) {
    throw new AtelierError(
      "invalid_input",
      "This button is not one of mine. Type the command instead.",
    );
  }
  return { command, jobId, index: Number(index) };
}
