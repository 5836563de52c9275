import { asAtelierError, type Clock, type Log } from "#core";
import { BUSY_PAUSE_MAX_MS } from "../../src/dispatch.ts";
import type { MessageVisibility } from "../../src/drivers/aws/sqs-visibility.ts";
import { BEAT_MS, type Heartbeat } from "../../src/job/heartbeat.ts";
import { JobStopped } from "../../src/job/job-stopped.ts";
import type { JobWorker } from "../../src/job/job-worker.ts";
import type { LambdaContext } from "../clip-services/lambda-handler.ts";
import { type JobMessage, readJobMessages } from "./job-messages.ts";

/** What the event source mapping is told: the messages that are to come again. */
export interface JobBatchAnswer {
  batchItemFailures: { itemIdentifier: string }[];
}

export type JobBatch = (event: unknown, context?: LambdaContext) => Promise<JobBatchAnswer>;

/** What a batch works with, once it is open. */
export interface JobBatchParts {
  heartbeat: Pick<Heartbeat, "beat">;
  /** Works on one job. */
  work: JobWorker["work"];
  /** What is to be looked after now and then, once the messages are judged. */
  afterwards?(signal: AbortSignal): Promise<void>;
}

/** A message that is given: worked on to its end, or to come again after so many seconds. */
export type Verdict = "done" | { againInSeconds: number };

/**
 * How long a message stays ours without a sign of life. Longer than the heartbeat that is given
 * together with it lasts: whoever receives the message next finds its owner dead.
 */
const OURS_SECONDS = 60;
/** A living process has it: by then it may be done, or dead. */
const ELSEWHERE_SECONDS = 45;
const RETRY = { firstSeconds: 15, maxSeconds: 300 };
/** Long enough that a job's time is over before the queue has given it as often as it does. */
const BUSY = { firstSeconds: 60, maxSeconds: BUSY_PAUSE_MAX_MS / 1000 };
/** Kept back from the function's time, to put back what runs and to say so. */
const STOP_BEFORE_MS = 10_000;

/**
 * The handler of a function behind a FIFO queue of jobs. Groups are worked on side by side, the
 * messages of a group one after the other: at the first that is to come again the rest of its
 * group is left, so that a person's jobs keep their order. While it works it says so, to the
 * queue and to other workers; what dies with it comes again within a minute, whatever the
 * queue's own visibility timeout. `open` is asked at each batch and keeps the parts itself; what
 * it rejects with is thrown.
 */
export function createJobBatch({
  open,
  visibility,
  unreadable,
  clock,
  log,
}: {
  open: () => Promise<JobBatchParts>;
  visibility: MessageVisibility;
  /** What becomes of a message that is none of ours. */
  unreadable: (message: JobMessage) => Verdict;
  clock: Clock;
  log: () => Log;
}): JobBatch {
  async function setVisibility(message: JobMessage, seconds: number): Promise<void> {
    const { messageId } = message;
    try {
      const isOurs = await visibility.set(message, seconds);
      if (!isOurs) log().warn({ messageId }, "a message was given to somebody else meanwhile");
    } catch (thrown) {
      // Then it comes again when its visibility timeout ends, as it was.
      log().warn({ messageId, err: thrown }, "a message's visibility could not be set");
    }
  }

  async function handle(
    message: JobMessage,
    { work }: JobBatchParts,
    shutdown: AbortSignal,
  ): Promise<Verdict> {
    const { jobId, messageId, receiveCount } = message;
    if (jobId === null) return unreadable(message);
    if (shutdown.aborted) return { againInSeconds: 0 };
    try {
      const result = await work(jobId, shutdown);
      if (result === "finished") return "done";
      if (result === "elsewhere") return { againInSeconds: ELSEWHERE_SECONDS };
      if (result === "busy") return { againInSeconds: pauseSeconds(BUSY, receiveCount) };
    } catch (thrown) {
      log().error({ jobId, messageId, err: asAtelierError(thrown) }, "job could not be worked on");
    }
    return { againInSeconds: shutdown.aborted ? 0 : pauseSeconds(RETRY, receiveCount) };
  }

  return async function jobBatch(event, context) {
    const groups = readJobMessages(event);
    /** Received and not judged yet: they stay ours. */
    const pending = new Set(groups.flat());
    const stop = new AbortController();
    const shutdown = new AbortController();

    /** The signs of life that are under way: what is said later must not be overtaken by them. */
    let saying: Promise<unknown> = Promise.resolve();

    const keepOurs = () =>
      Promise.all([...pending].map((message) => setVisibility(message, OURS_SECONDS)));

    async function giveBack(messages: readonly JobMessage[], seconds: number): Promise<string[]> {
      for (const message of messages) pending.delete(message);
      await saying;
      await Promise.all(messages.map((message) => setVisibility(message, seconds)));
      return messages.map(({ messageId }) => messageId);
    }

    async function handleGroup(group: readonly JobMessage[], parts: JobBatchParts) {
      for (const [index, message] of group.entries()) {
        const verdict = await handle(message, parts, shutdown.signal);
        pending.delete(message);
        if (verdict === "done") continue;
        // Those behind it are not given before it: the group is closed until it comes again.
        return giveBack(group.slice(index), verdict.againInSeconds);
      }
      return [];
    }

    async function keepAlive({ heartbeat }: JobBatchParts): Promise<void> {
      for (;;) {
        await clock.sleep(BEAT_MS, stop.signal);
        const beat = heartbeat.beat().catch((thrown: unknown) => {
          log().warn({ err: thrown }, "the heartbeat failed");
        });
        saying = Promise.all([keepOurs(), beat]);
        await saying;
      }
    }

    const remainingMs = context?.getRemainingTimeInMillis?.();
    const timer =
      remainingMs === undefined
        ? undefined
        : setTimeout(
            () => shutdown.abort(new JobStopped("shutdown")),
            Math.max(0, remainingMs - Math.min(STOP_BEFORE_MS, remainingMs / 4)),
          );
    try {
      saying = keepOurs();
      const [parts] = await Promise.all([open(), saying]);
      await parts.heartbeat.beat();
      keepAlive(parts).catch(() => {
        // The batch has ended.
      });
      const failed = await Promise.all(groups.map((group) => handleGroup(group, parts)));
      await parts.afterwards?.(shutdown.signal).catch((thrown: unknown) => {
        log().warn({ err: thrown }, "could not look for jobs that were left behind");
      });
      return answerWith(failed.flat());
    } catch (thrown) {
      log().error({ err: asAtelierError(thrown) }, "the function could not begin to work");
      const again = Math.max(1, ...groups.flat().map(({ receiveCount }) => receiveCount));
      await giveBack(groups.flat(), pauseSeconds(RETRY, again));
      // All of them come again; as an error of the function it also reaches its alarm.
      throw thrown;
    } finally {
      clearTimeout(timer);
      stop.abort();
      // The process is frozen after its answer: nothing may be under way by then.
      await saying;
    }
  };
}

/** Twice as long each time, so that what is away for some minutes is not given up meanwhile. */
function pauseSeconds({ firstSeconds, maxSeconds }: typeof RETRY, receiveCount: number): number {
  return Math.min(maxSeconds, firstSeconds * 2 ** (receiveCount - 1));
}

function answerWith(messageIds: readonly string[]): JobBatchAnswer {
  return { batchItemFailures: messageIds.map((itemIdentifier) => ({ itemIdentifier })) };
}
