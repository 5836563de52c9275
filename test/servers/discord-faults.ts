import type { DiscordRefusalName } from "./discord-refusals.ts";
import type { DiscordRouteName } from "./discord-routes.ts";

/** What a test makes go wrong. */
export type DiscordFault =
  | { readonly kind: "rate_limit"; readonly retryAfterSeconds: number; readonly isGlobal: boolean }
  | { readonly kind: "status"; readonly status: number }
  | { readonly kind: "error"; readonly error: DiscordRefusalName }
  | { readonly kind: "slow"; readonly ms: number }
  /** The line breaks before the call is done. */
  | { readonly kind: "reset" }
  /** The call is done, and the line breaks instead of the answer. */
  | { readonly kind: "lose_answer" };

/** A route of the API, the CDN, or the bot's answer to an interaction that came by HTTP (only slow). */
export type DiscordDoor = DiscordRouteName | "download" | "http_response";

/** From a 429 until its `Retry-After` is over. */
export interface DiscordWait {
  /** Null: every route that is asked with the bot's token. */
  readonly door: DiscordDoor | null;
  readonly fromMs: number;
  readonly untilMs: number;
}

export type DiscordFaults = ReturnType<typeof createDiscordFaults>;

export function createDiscordFaults() {
  const planned: { door: DiscordDoor; fault: DiscordFault; times: number }[] = [];
  const waits: DiscordWait[] = [];

  function add(door: DiscordDoor, fault: DiscordFault, times: number): void {
    planned.push({ door, fault, times });
  }

  return {
    /** 429, and again for every call of the route before its `Retry-After` is over. */
    rateLimit: (
      door: DiscordDoor,
      retryAfterSeconds: number,
      { times = 1, isGlobal = false } = {},
    ) => add(door, { kind: "rate_limit", retryAfterSeconds, isGlobal }, times),
    /** An HTTP status without JSON, as from a broken edge. */
    failWith: (door: DiscordDoor, status: number, times = 1) =>
      add(door, { kind: "status", status }, times),
    /** One of Discord's own refusals. */
    answerWith: (door: DiscordDoor, error: DiscordRefusalName, times = 1) =>
      add(door, { kind: "error", error }, times),
    slow: (door: DiscordDoor, ms: number, times = 1) => add(door, { kind: "slow", ms }, times),
    reset: (door: DiscordDoor, times = 1) => add(door, { kind: "reset" }, times),
    loseAnswer: (door: DiscordDoor, times = 1) => add(door, { kind: "lose_answer" }, times),
    clear() {
      planned.length = 0;
      waits.length = 0;
    },

    waits: waits as readonly DiscordWait[],

    /** What happens to the call that came then; a rate limit begins its wait. */
    next(door: DiscordDoor, nowMs: number): DiscordFault | null {
      const wait = waits.find(
        (one) => (one.door === door || one.door === null) && nowMs < one.untilMs,
      );
      if (wait !== undefined) {
        const retryAfterSeconds = (wait.untilMs - nowMs) / 1000;
        return { kind: "rate_limit", retryAfterSeconds, isGlobal: wait.door === null };
      }
      const plan = planned.find((one) => one.door === door && one.times > 0);
      if (plan === undefined) return null;
      plan.times -= 1;
      if (plan.fault.kind === "rate_limit") {
        const untilMs = nowMs + plan.fault.retryAfterSeconds * 1000;
        waits.push({ door: plan.fault.isGlobal ? null : door, fromMs: nowMs, untilMs });
      }
      return plan.fault;
    },
  };
}
