import type Bottleneck from "bottleneck";

/** How often the bucket is looked at; Bottleneck's own default on Redis is 5 s, far too slow here. */
const HEARTBEAT_MS = 250;

/** The limits of one upstream. */
export interface RequestLimits {
  /** Calls that start in any 60 s, however they are spread. */
  requestsPerMinute: number;
  /** Calls under way at the same moment. */
  concurrency: number;
}

/**
 * A token bucket: `burst` calls may start at once, after that calls start as tokens come in, one
 * by one and not a minute's worth at the turn of each minute. A full bucket and 60 s of refill
 * together make `requestsPerMinute`, so what the operator set is never exceeded.
 */
function bucketOf({ requestsPerMinute, concurrency }: RequestLimits) {
  const aFifth = Math.floor(requestsPerMinute / 5);
  // What comes in between two looks must fit, or a high rate would never be reached.
  const perHeartbeat = Math.ceil((requestsPerMinute * HEARTBEAT_MS) / 60_000);
  const burst = Math.max(1, perHeartbeat, Math.min(concurrency, aFifth));
  return { burst, refillPerMinute: requestsPerMinute - (burst - 1) };
}

/**
 * Within one process. Bottleneck forgets what is left of an interval at each heartbeat, so the
 * interval must be shorter than the heartbeat and the share of each heartbeat a fraction.
 */
export function localSettings(limits: RequestLimits): Bottleneck.ConstructorOptions {
  const { burst, refillPerMinute } = bucketOf(limits);
  return {
    maxConcurrent: limits.concurrency,
    reservoir: burst,
    reservoirIncreaseMaximum: burst,
    reservoirIncreaseInterval: HEARTBEAT_MS / 2,
    reservoirIncreaseAmount: (refillPerMinute * HEARTBEAT_MS) / 60_000,
    heartbeatInterval: HEARTBEAT_MS,
  };
}

/** On Redis, where the script counts whole intervals exactly, whenever it is called. */
export function sharedSettings(limits: RequestLimits): Bottleneck.ConstructorOptions {
  const { burst, refillPerMinute } = bucketOf(limits);
  return {
    maxConcurrent: limits.concurrency,
    reservoir: burst,
    reservoirIncreaseMaximum: burst,
    reservoirIncreaseInterval: 60_000 / refillPerMinute,
    reservoirIncreaseAmount: 1,
    heartbeatInterval: HEARTBEAT_MS,
  };
}
