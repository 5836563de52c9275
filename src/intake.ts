import { decodeAction } from "./command/action.ts";
import type { Command } from "./command/command.ts";
import { readArgs } from "./command/command-args.ts";
import { AtelierError, asAtelierError } from "./errors.ts";
import type { Job } from "./job/job.ts";
import { getVisibleJob } from "./job/visible-job.ts";
import type { Ticket } from "./ports/index.ts";
import type { Services } from "./services.ts";

/** What an adapter makes of one delivery; the rest of a job follows from its command. */
export type Inbound = Omit<Job, "command" | "isPrivate" | "createdAtMs" | "expiresAtMs">;

/** An accepted job, the same for the same delivery; `isNew` the first time. */
export interface Received {
  jobId: string;
  isNew: boolean;
  /** Nobody but the person sees its answer. */
  isPrivate: boolean;
}

/** Just below the 15 minutes for which the chat platforms let a late answer through. */
const JOB_LIFETIME_MS = 14 * 60_000;

/** Accepts what people ask for: persisted and queued before the platform is told that it was taken. */
export function createIntake(services: Pick<Services, "commands" | "jobs" | "queue" | "clock">) {
  const { jobs, queue, clock } = services;

  async function accept(command: Command, inbound: Inbound, isPrivate: boolean): Promise<Received> {
    const createdAtMs = clock.nowMs();
    const record = await jobs.create({
      ...inbound,
      command: command.name,
      isPrivate,
      createdAtMs,
      expiresAtMs: createdAtMs + JOB_LIFETIME_MS,
    });
    if (record === null) {
      await queueAgain(command, inbound.id);
      return { jobId: inbound.id, isNew: false, isPrivate };
    }
    try {
      await queue.enqueue(ticketOf(command, record));
    } catch (thrown) {
      // A queue whose answer was lost may have it all the same, and a worker too.
      if (await jobs.discard(record)) throw thrown;
    }
    return { jobId: record.id, isNew: true, isPrivate };
  }

  /**
   * The process that took the first delivery may have died between the job's record and its
   * place in the queue. A ticket that is there already changes nothing.
   */
  async function queueAgain(command: Command, jobId: string): Promise<void> {
    const record = await jobs.find(jobId);
    if (record?.status !== "queued" || record.attempts > 0) return;
    try {
      await queue.enqueue(ticketOf(command, record));
    } catch (thrown) {
      // It was accepted, and others wait before it.
      if (asAtelierError(thrown).kind !== "rate_limited") throw thrown;
    }
  }

  return {
    /** Accepts a command. Rejects with `rate_limited` when the person has too many waiting. */
    receiveCommand(command: Command, inbound: Inbound): Promise<Received> {
      const isPrivate = command.audience === "person" || inbound.args.private === true;
      return accept(command, inbound, isPrivate);
    },

    /** Accepts a pressed button; what its job keeps private stays so. Rejects as above, or with `invalid_input` or `not_found`. */
    async receiveAction(value: string, inbound: Omit<Inbound, "args">): Promise<Received> {
      const action = decodeAction(value);
      const command = services.commands.find((each) => each.name === action.command);
      if (command?.options.job === undefined) {
        throw new AtelierError(
          "invalid_input",
          "This button does nothing any more. /help lists what you can type instead.",
        );
      }
      const parent = await getVisibleJob(jobs, action.jobId, inbound.user);
      const args = readArgs(command, { job: action.jobId, index: action.index });
      const staysPrivate = parent.isPrivate && command.publishes !== true;
      const isPrivate = command.audience === "person" || staysPrivate;
      return accept(command, { ...inbound, args }, isPrivate);
    },
  };
}

export type Intake = ReturnType<typeof createIntake>;

function ticketOf({ pace }: Command, { id, user }: Pick<Job, "id" | "user">): Ticket {
  return { jobId: id, user, quick: pace === "quick" };
}
