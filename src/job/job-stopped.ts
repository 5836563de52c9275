export type StopReason = "cancelled" | "shutdown" | "expired";

/** Why a running job's signal was aborted. Not a failure: it never reaches a person as one. */
export class JobStopped extends Error {
  override readonly name = "JobStopped";
  readonly reason: StopReason;

  constructor(reason: StopReason) {
    super(`The job was stopped: ${reason}.`);
    this.reason = reason;
  }
}
