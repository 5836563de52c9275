import Bottleneck from "bottleneck";
import { Redis } from "ioredis";
import type { Log } from "../../ports/index.ts";
import { type RequestLimits, sharedSettings } from "./request-bucket.ts";

const CONNECT_TIMEOUT_MS = 2_000;
const COMMAND_TIMEOUT_MS = 3_000;
const RECONNECT_MAX_MS = 2_000;
/** A connection that has not recovered by then is given up for a new one. */
const REBUILD_AFTER_MS = 10_000;
/** A slot taken by a process that died is given back after this; no call takes longer. */
const CALL_MAX_MS = 120_000;

/** The limits that several processes keep together. */
export interface SharedLimits {
  /**
   * Runs `turn` when the processes together may make one more call. `turn` never rejects and
   * says whether it made its call; otherwise the request is given back. While Redis is away
   * every turn runs at once, under the process's own limits alone.
   */
  enter(turn: () => Promise<boolean>): Promise<void>;
  /** Tells the other processes to pause for so long. */
  announcePause(ms: number): void;
  close(): Promise<void>;
}

/** One limiter on one pair of connections, in use until it is lost. */
interface Generation {
  limiter: Bottleneck;
  client: Redis;
  connection: Bottleneck.IORedisConnection;
  /** Lets those go who wait for their turn here. */
  release: Set<() => void>;
  callsUnderWay: number;
  retired: boolean;
}

/**
 * Shares limits through Redis. Losing Redis never stops a call: a team's bot must not die with
 * it, and the upstream's own throttling still holds the calls back.
 *
 * Bottleneck 2.19.5 recovers from a flushed database, and from having been silent for 10 s
 * (a laptop's lid, a frozen container), by the text of its scripts' errors. Redis 7 puts "ERR "
 * before that text, so the recovery never happens there and the limiter is made anew here.
 */
export function createSharedLimits(options: {
  id: string;
  limits: RequestLimits;
  redisUrl: string;
  log: Log;
  onPause: (ms: number) => void;
}): SharedLimits {
  const { id, limits, redisUrl, log, onPause } = options;
  let isAway = false;
  let isClosed = false;
  let rebuildTimer: NodeJS.Timeout | undefined;
  let current = open();

  function open(): Generation {
    const client = new Redis(redisUrl, {
      connectTimeout: CONNECT_TIMEOUT_MS,
      commandTimeout: COMMAND_TIMEOUT_MS,
      // Kept through a short loss, so that calls which end meanwhile still give their slot back.
      maxRetriesPerRequest: null,
      retryStrategy: (times) => Math.min(times * 100, RECONNECT_MAX_MS),
      // ioredis would not look whether that failed: a timeout, or closing in that moment, would be
      // an unhandled rejection, which ends the process. So it is done below.
      autoResubscribe: false,
    });
    const connection = new Bottleneck.IORedisConnection({ client, Redis });
    const limiter = new Bottleneck({ ...sharedSettings(limits), id, connection });
    const generation: Generation = {
      limiter,
      client,
      connection,
      release: new Set(),
      callsUnderWay: 0,
      retired: false,
    };
    const failed = (cause: unknown) => onFailure(generation, cause);
    connection.on("error", failed);
    limiter.on("error", failed);
    client.on("close", () => failed(new Error("The connection to Redis closed.")));
    limiter.on("message", (message: string) => {
      const [, ms] = /^pause:(\d+)$/.exec(message) ?? [];
      if (ms !== undefined) onPause(Number(ms));
    });
    limiter.ready().then(({ subscriber }: { subscriber: Redis }) => {
      onReady(generation);
      client.on("ready", () => onReady(generation));
      const subscribe = () => subscriber.subscribe(limiter.channel()).catch(failed);
      subscriber.on("ready", subscribe);
      // At once too: Bottleneck does not look whether its own succeeded.
      subscribe();
    }, failed);
    return generation;
  }

  function onReady(generation: Generation): void {
    if (generation.retired) return;
    clearTimeout(rebuildTimer);
    rebuildTimer = undefined;
    if (isAway) log.info({ limiter: id }, "Redis is back; limits are shared again.");
    isAway = false;
  }

  function onFailure(generation: Generation, cause: unknown): void {
    if (generation.retired || isClosed) return;
    if (/SETTINGS_KEY_NOT_FOUND|UNKNOWN_CLIENT/.test(String(cause))) {
      rebuild();
      return;
    }
    if (!isAway) {
      log.warn(
        { limiter: id, error: String(cause) },
        "Redis is away; until it is back this process keeps the limits alone.",
      );
    }
    isAway = true;
    rebuildTimer ??= setTimeout(rebuild, REBUILD_AFTER_MS).unref();
    releaseAll(generation);
  }

  function rebuild(): void {
    clearTimeout(rebuildTimer);
    rebuildTimer = undefined;
    const old = current;
    old.retired = true;
    current = open();
    releaseAll(old);
    // Otherwise its last call does it, after it has given back its slot.
    if (old.callsUnderWay === 0 || old.client.status !== "ready") void disconnect(old);
  }

  async function enter(turn: () => Promise<boolean>): Promise<void> {
    if (isAway || isClosed) return void (await turn());
    const generation = current;
    const hadTurn = await waitForTurn(generation, turn);
    // Released without a turn: either Redis is away now, or there is a new generation.
    if (!hadTurn) await enter(turn);
  }

  /** Resolves after the turn with true, or with false when the generation was lost before it. */
  function waitForTurn(generation: Generation, turn: () => Promise<boolean>): Promise<boolean> {
    const { limiter, release } = generation;
    return new Promise((resolve) => {
      let hasLeft = false;
      const leave = () => {
        hasLeft = true;
        release.delete(leave);
        resolve(false);
      };
      const inTurn = async () => {
        if (hasLeft) return giveBack(limiter);
        release.delete(leave);
        generation.callsUnderWay += 1;
        const called = await turn();
        generation.callsUnderWay -= 1;
        if (!called) giveBack(limiter);
        if (generation.retired && generation.callsUnderWay === 0) {
          setImmediate(() => void disconnect(generation));
        }
        resolve(true);
      };
      release.add(leave);
      limiter.schedule({ expiration: CALL_MAX_MS }, inTurn).catch((cause: unknown) => {
        // Once the turn has begun, its outcome is the caller's and this one means nothing.
        if (!release.has(leave)) return;
        onFailure(generation, cause);
        if (release.has(leave)) leave();
      });
    });
  }

  return {
    enter,
    announcePause(ms) {
      if (isAway) return;
      const generation = current;
      generation.limiter.publish(`pause:${ms}`).catch((cause) => onFailure(generation, cause));
    },
    async close() {
      isClosed = true;
      clearTimeout(rebuildTimer);
      current.retired = true;
      releaseAll(current);
      await disconnect(current);
    },
  };
}

function giveBack(limiter: Bottleneck): void {
  // Where this fails a request is lost, not made twice.
  limiter.incrementReservoir(1).catch(() => {});
}

function releaseAll({ release }: Generation): void {
  for (const leave of [...release]) leave();
}

/** Sends what is on its way first, where there still is a connection. */
async function disconnect({ client, connection }: Generation): Promise<void> {
  await connection.disconnect(client.status === "ready").catch(() => connection.disconnect(false));
}
