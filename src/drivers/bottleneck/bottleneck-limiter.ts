import Bottleneck from "bottleneck";
import { AtelierError } from "../../errors.ts";
import type { Limiter, Log, Priority } from "../../ports/index.ts";
import { localSettings } from "./request-bucket.ts";

/** The longest delay that a timer of Node takes. */
const TIMER_MAX_MS = 2_147_483_647;
/** How long `close` waits for calls under way, so that they can give back their shared slot. */
const CLOSE_WAIT_MS = 2_000;

/** A call that waits for its turn. */
interface Waiting {
  start(): Promise<void>;
  drop(reason: unknown): void;
}

/**
 * Keeps at most `concurrency` calls under way and starts at most `requestsPerMinute` in any
 * minute, a few at once and then evenly. With `redisUrl` all processes with the same `id` and
 * the same limits keep them together; while Redis is away each keeps them alone.
 *
 * Bottleneck hands out anonymous turns; who takes one is decided when it comes. So people are
 * before batches up to the last moment, and a call that was aborted never uses up a turn.
 */
export async function createBottleneckLimiter(options: {
  /** Names the upstream, e.g. the model's id. */
  id: string;
  requestsPerMinute: number;
  concurrency: number;
  redisUrl?: string;
  log: Log;
}): Promise<Limiter> {
  const { id, requestsPerMinute, concurrency, redisUrl, log } = options;
  const limits = { requestsPerMinute, concurrency };
  const lines: Readonly<Record<Priority, Set<Waiting>>> = {
    interactive: new Set(),
    batch: new Set(),
  };
  const underWay = new Set<Promise<void>>();
  let isClosed = false;
  let pausedUntilMs = 0;
  let resumeTimer: NodeJS.Timeout | undefined;

  const local = new Bottleneck(localSettings(limits));
  const shared = redisUrl === undefined ? null : await shareThrough(redisUrl);

  async function shareThrough(url: string) {
    // Here, as the Redis client takes its share of time and memory even where nobody uses it.
    const { createSharedLimits } = await import("./shared-limits.ts");
    return createSharedLimits({
      // Redis keeps the settings it saw first, so other limits must have another name.
      id: `atelier-${id}-${requestsPerMinute}-${concurrency}`,
      limits,
      redisUrl: url,
      log,
      onPause: pauseHere,
    });
  }

  const isPaused = () => performance.now() < pausedUntilMs;

  function askForTurn(): void {
    void local.schedule(async () => {
      let called = false;
      const turn = async () => {
        called = await startNext();
        return called;
      };
      if (isPaused() || shared === null) await turn();
      else await shared.enter(turn);
      if (!called) await local.incrementReservoir(1);
    });
  }

  /** Says whether there was a call to start. During a pause there is none: turns are given back. */
  async function startNext(): Promise<boolean> {
    if (isPaused()) return false;
    const line = lines.interactive.size > 0 ? lines.interactive : lines.batch;
    const [next] = line;
    if (next === undefined) return false;
    line.delete(next);
    const call = next.start();
    underWay.add(call);
    await call;
    underWay.delete(call);
    return true;
  }

  function pauseHere(ms: number): void {
    const untilMs = performance.now() + Math.min(ms, TIMER_MAX_MS);
    if (isClosed || untilMs <= pausedUntilMs) return;
    pausedUntilMs = untilMs;
    clearTimeout(resumeTimer);
    resumeTimer = setTimeout(resume, Math.ceil(untilMs - performance.now()));
  }

  function resume(): void {
    if (isPaused()) {
      resumeTimer = setTimeout(resume, 1);
      return;
    }
    // One turn for each; some may still have one coming, and it will be given back.
    for (let n = lines.interactive.size + lines.batch.size; n > 0; n -= 1) askForTurn();
  }

  return {
    schedule<T>(
      call: () => Promise<T>,
      { priority, signal }: { priority: Priority; signal: AbortSignal },
    ): Promise<T> {
      return new Promise<T>((resolve, reject) => {
        if (signal.aborted) return reject(signal.reason);
        if (isClosed) return reject(stopping());
        const line = lines[priority];
        const waiting: Waiting = {
          async start() {
            signal.removeEventListener("abort", onAbort);
            await call().then(resolve, reject);
          },
          drop(reason) {
            line.delete(waiting);
            signal.removeEventListener("abort", onAbort);
            reject(reason);
          },
        };
        const onAbort = () => waiting.drop(signal.reason);
        signal.addEventListener("abort", onAbort, { once: true });
        line.add(waiting);
        if (!isPaused()) askForTurn();
      });
    },

    pause(ms) {
      pauseHere(ms);
      shared?.announcePause(Math.ceil(ms));
    },

    async close() {
      if (isClosed) return;
      isClosed = true;
      clearTimeout(resumeTimer);
      for (const waiting of [...lines.interactive, ...lines.batch]) waiting.drop(stopping());
      const waited = new Promise((resolve) => setTimeout(resolve, CLOSE_WAIT_MS).unref());
      await Promise.race([Promise.all(underWay), waited]);
      // In this order: it takes a turn of the event loop, in which the slots are given back.
      await local.disconnect();
      await shared?.close();
    },
  };
}

function stopping(): AtelierError {
  return new AtelierError("unavailable", "Atelier is restarting. Try again in a minute.");
}
