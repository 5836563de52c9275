import type { Adapter } from "./adapter.ts";
import { type Card, createCard } from "./card.ts";
import type { Progress } from "./command/command.ts";
import { AtelierError, asAtelierError, type ErrorKind, personMessage } from "./errors.ts";
import type { JobRecord } from "./job/job.ts";
import { JobStopped } from "./job/job-stopped.ts";
import type { JobTurn, Log, Metrics } from "./ports/index.ts";
import type { MadePicture } from "./recipe/recipe.ts";
import type { Services } from "./services.ts";

/** A job that was started this often and never ended takes its process with it: it is given up. */
const ATTEMPTS_MAX = 3;
/** The longest pause before a job's next turn, where something it needs was busy. */
export const BUSY_PAUSE_MAX_MS = 4 * 60_000;
/** Left after that pause, so that the last turn still ends within the job's time. */
const LAST_TURN_MS = 2 * 60_000;
const BUSY_STEP: Progress = {
  done: 0,
  total: 1,
  text: "Too busy right now. Trying again soon…",
};
const DELIVERY_TRIES = 3;
const DELIVERY_PAUSE_MS = 1_000;
/** Rounds of such tries, which recovery begins again: about a quarter of an hour. */
const DELIVERY_ROUNDS = 60;
/** What no later try changes. */
const FINAL_KINDS: readonly ErrorKind[] = ["not_allowed", "not_found", "misconfigured"];

/** How a job ended: what goes into its record. */
type Outcome = Pick<JobRecord, "status" | "card" | "failure" | "pictures">;

/** Runs accepted jobs and delivers their cards, each to its end. */
export function createDispatch({
  services,
  adapters,
  log,
  metrics,
}: {
  services: Services;
  adapters: ReadonlyMap<string, Adapter>;
  log: Log;
  metrics: Metrics;
}) {
  const { jobs, clock } = services;
  const commands = new Map(services.commands.map((command) => [command.name, command]));

  /** Runs the command, unless an earlier attempt made its card already. */
  async function run(record: JobRecord, signal: AbortSignal): Promise<Outcome> {
    if (record.card !== null) return { ...record, status: record.ending ?? "delivered" };
    if (record.attempts > ATTEMPTS_MAX) {
      throw new AtelierError("internal", `Given up after ${ATTEMPTS_MAX} starts without an end.`);
    }
    signal.throwIfAborted();
    if (clock.nowMs() >= record.expiresAtMs) throw new JobStopped("expired");
    const command = commands.get(record.command);
    if (command === undefined) {
      throw new AtelierError("not_found", `There is no /${record.command} any more.`);
    }
    const adapter = adapters.get(record.platform);
    if (command.pace === "queued") await adapter?.begin?.(record);
    const pictures: MadePicture[] = [];
    const card = await command.run({
      args: record.args,
      user: record.user,
      job: record,
      services,
      signal,
      progress(progress) {
        jobs.reportProgress(record.id, progress);
        adapter?.progress?.(record, progress);
      },
      warn: (error) => log.warn({ jobId: record.id, kind: error.kind, err: error }, "job went on"),
      keep: (made) => pictures.push(...made),
    });
    return { status: "delivered", card, failure: null, pictures };
  }

  /** Shows the outcome and records it; each step is tried again while the platform or the store is away. */
  async function deliver(record: JobRecord, outcome: Outcome): Promise<JobRecord | null> {
    const adapter = adapters.get(record.platform);
    const card = outcome.card ?? createCard({ text: outcome.failure?.message ?? "" });
    let current = record;
    if (adapter?.deliver !== undefined) {
      // Kept before it is shown: a crash in between must not draw, or pay, again.
      const { failure, pictures, status: ending } = outcome;
      const kept = await retried(() => jobs.change(record, { card, failure, pictures, ending }));
      if (kept === null) return null;
      current = kept;
      try {
        await retried(async () => adapter.deliver?.(kept, card));
      } catch (thrown) {
        if (!isFinal(thrown) && record.attempts < DELIVERY_ROUNDS) throw thrown;
        log.error(
          { jobId: record.id, err: thrown },
          "an answer could not be shown, and is given up",
        );
        return retried(() => jobs.change(kept, { ...outcome, ...unshown(kept) }));
      }
    }
    await retried(() => replaceShownCard(card));
    return retried(() => jobs.change(current, outcome));
  }

  async function retried<T>(step: () => Promise<T>): Promise<T> {
    for (let triesLeft = DELIVERY_TRIES; ; triesLeft--) {
      try {
        return await step();
      } catch (thrown) {
        if (triesLeft === 1 || isFinal(thrown)) throw thrown;
        await clock.sleep(DELIVERY_PAUSE_MS);
      }
    }
  }

  async function replaceShownCard(card: Card): Promise<void> {
    if (card.replaces === undefined) return;
    const { replaces, ...standIn } = card;
    const shown = await jobs.find(replaces);
    if (shown !== null) await jobs.change(shown, { card: standIn, pictures: [] });
  }

  function report(record: JobRecord, cause: unknown, startedAtMs: number, ranMs: number): void {
    const { command, platform, status: outcome } = record;
    const totalMs = clock.nowMs() - record.createdAtMs;
    const waitedMs = startedAtMs - record.createdAtMs;
    const times = { waitedMs, ranMs, deliveredMs: totalMs - waitedMs - ranMs };
    const kind = record.failure?.kind;
    const fields = {
      jobId: record.id,
      command,
      platform,
      outcome,
      attempts: record.attempts,
      pictures: record.pictures.length,
      fromCache: record.pictures.filter((picture) => picture.isFromCache).length,
      ...times,
      totalMs,
    };
    metrics.jobFinished({ command, platform, outcome, failure: kind ?? null, ...times });
    if (kind === "misconfigured" || kind === "internal") {
      log.error({ ...fields, kind, err: cause }, "job failed");
    } else if (cause instanceof AtelierError && cause.cause !== undefined) {
      // Declined or failed by something behind a port: the operator may want to know by what.
      log.warn({ ...fields, kind, err: cause }, "job finished");
    } else log.info(kind === undefined ? fields : { ...fields, kind }, "job finished");
  }

  /** Whether there is time for a later turn, of a job that nobody awaits at once. */
  function canWait({ command, expiresAtMs }: JobRecord): boolean {
    const lastPutBackMs = expiresAtMs - BUSY_PAUSE_MAX_MS - LAST_TURN_MS;
    return commands.get(command)?.pace === "queued" && clock.nowMs() < lastPutBackMs;
  }

  async function work(found: JobRecord, queueSignal: AbortSignal): Promise<JobTurn> {
    const startedAtMs = clock.nowMs();
    const record = await jobs.change(found, { status: "running", attempts: found.attempts + 1 });
    if (record === null) return "over";
    const expiry = new AbortController();
    const timer = setTimeout(
      () => expiry.abort(new JobStopped("expired")),
      Math.max(0, record.expiresAtMs - startedAtMs),
    );
    const signal = AbortSignal.any([queueSignal, expiry.signal]);
    let outcome: Outcome;
    let cause: unknown;
    try {
      outcome = await run(record, signal);
    } catch (thrown) {
      // Whatever a stopped command threw, the stop is why.
      cause = signal.aborted ? signal.reason : thrown;
      const isBusy = isBusyUpstream(cause);
      const isShutdown = cause instanceof JobStopped && cause.reason === "shutdown";
      if (isShutdown || (isBusy && canWait(record))) {
        const adapter = adapters.get(record.platform);
        // Whoever cancels it then must not be overwritten.
        if (isBusy) await adapter?.pause?.(record, BUSY_STEP);
        await jobs.change(record, { status: "queued", attempts: found.attempts });
        if (isShutdown) {
          await adapter?.pause?.(record, null);
          return "over";
        }
        log.info({ jobId: record.id, err: cause }, "job waits for what is busy");
        return "busy";
      }
      outcome = outcomeOf(cause, record.id);
    } finally {
      clearTimeout(timer);
    }
    const ranMs = clock.nowMs() - startedAtMs;
    const finished = await deliver(record, outcome);
    if (finished !== null) report(finished, cause, startedAtMs, ranMs);
    return "over";
  }

  /**
   * Brings one accepted job to its end, or puts it back where what it needs is busy; a job that
   * is finished, or that another process has, is left alone. Never rejects: what goes wrong is in
   * the job's record or in the log.
   */
  return async function dispatch(jobId: string, signal: AbortSignal): Promise<JobTurn> {
    try {
      const found = await jobs.find(jobId);
      if (found?.status === "queued" && found.owner === jobs.owner)
        return await work(found, signal);
    } catch (thrown) {
      log.error({ jobId, err: thrown }, "job could not be recorded or delivered");
    }
    return "over";
  };
}

function isFinal(thrown: unknown): boolean {
  return thrown instanceof AtelierError && FINAL_KINDS.includes(thrown.kind);
}

/** What becomes of a job whose answer nobody could be shown; its card and pictures are kept. */
function unshown({ id, failure }: JobRecord): Pick<JobRecord, "status" | "failure"> {
  const message = `This was done but could not be shown. /show ${id} brings it back.`;
  return { status: "failed", failure: failure ?? { kind: "not_allowed", message } };
}

/** What becomes of a job whose run threw. */
function outcomeOf(thrown: unknown, reference: string): Outcome {
  if (thrown instanceof JobStopped) {
    if (thrown.reason === "cancelled") {
      const card = createCard({ text: "Cancelled." });
      return { status: "cancelled", card, failure: null, pictures: [] };
    }
    const message = "This took too long and was given up. Try again.";
    return {
      status: "expired",
      card: null,
      failure: { kind: "unavailable", message },
      pictures: [],
    };
  }
  const error = asAtelierError(thrown);
  const failure = { kind: error.kind, message: personMessage(error, reference) };
  const status = error.kind === "refused" ? "refused" : "failed";
  return { status, card: null, failure, pictures: [] };
}

/** Turned away before it did, or charged for, anything: to ask again later costs nothing. */
function isBusyUpstream(cause: unknown): boolean {
  return cause instanceof AtelierError && cause.kind === "rate_limited" && !cause.retryAtMostOnce;
}
