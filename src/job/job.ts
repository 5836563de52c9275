import type { Card } from "../card.ts";
import type { Args } from "../command/command.ts";
import type { ErrorKind } from "../errors.ts";
import type { JsonValue } from "../ports/index.ts";
import type { MadePicture } from "../recipe/recipe.ts";

/** A command that a person gave, as an adapter hands it over: everything needed to run and answer it. */
export interface Job {
  /** From the platform's delivery id, so that a redelivery is the same job; see `jobIdFrom`. */
  id: string;
  command: string;
  args: Args;
  /** `{platform}:{workspace}:{person}` */
  user: string;
  platform: string;
  /** The conversation, unique across platforms. */
  place: string;
  /** The job whose answer the conversation hangs on, where a platform has threads. */
  threadOf?: string;
  /** Nobody but the person sees the answer, and nothing of it is shared. */
  isPrivate: boolean;
  /** What the adapter needs to answer; only it looks inside. */
  target: JsonValue;
  createdAtMs: number;
  /** Past this the job is not started or tried again. */
  expiresAtMs: number;
}

export type JobStatus =
  | "queued"
  | "running"
  | "delivered"
  | "refused"
  | "failed"
  | "cancelled"
  | "expired";

export interface JobFailure {
  kind: ErrorKind;
  message: string;
}

/** A job and what has become of it so far. */
export interface JobRecord extends Job {
  status: JobStatus;
  /** The process that works on it. */
  owner: string;
  /** How often it was started. */
  attempts: number;
  /** The answer, kept from the moment it is made: what is left then is to deliver it. */
  card: Card | null;
  failure: JobFailure | null;
  /** How it ends once its card is shown; null before the card is made. */
  ending: JobStatus | null;
  /** What it made, for its buttons. */
  pictures: readonly MadePicture[];
  finishedAtMs: number | null;
}

/** Whether nothing more will happen to it. */
export function isFinished(status: JobStatus): boolean {
  return status !== "queued" && status !== "running";
}

/** The workspace part of an identity: who shares results with whom. */
export function workspaceOf(user: string): string {
  return user.split(":").slice(0, 2).join(":");
}

/** The person part of an identity, as people know it where the platform gives no display name. */
export function personOf(user: string): string {
  return user.split(":").slice(2).join(":");
}
