/** What a test makes go wrong. Times count the calls that it happens to. */
export type SlackFault =
  | { readonly kind: "rate_limit"; readonly retryAfterSeconds: number }
  | { readonly kind: "status"; readonly status: number }
  | { readonly kind: "error"; readonly error: string }
  | { readonly kind: "slow"; readonly ms: number }
  /** The line breaks before the call is done. */
  | { readonly kind: "reset" }
  /** The call is done, and the line breaks instead of the answer. */
  | { readonly kind: "lose_answer" };

/** A Web API method, or one of the other doors. */
export type SlackDoor = "upload" | "download" | "response_url" | (string & {});

/** From a 429 until its `Retry-After` is over. */
export interface SlackWait {
  readonly method: SlackDoor;
  readonly fromMs: number;
  readonly untilMs: number;
}

export type SlackFaults = ReturnType<typeof createSlackFaults>;

export function createSlackFaults() {
  const planned: { door: SlackDoor; fault: SlackFault; times: number }[] = [];
  const waits: SlackWait[] = [];

  function add(door: SlackDoor, fault: SlackFault, times: number): void {
    planned.push({ door, fault, times });
  }

  return {
    /** 429, and again for every call of the method before its `Retry-After` is over. */
    rateLimit: (method: SlackDoor, retryAfterSeconds: number, times = 1) =>
      add(method, { kind: "rate_limit", retryAfterSeconds }, times),
    /** An HTTP status without JSON, as from a broken edge. */
    failWith: (door: SlackDoor, status: number, times = 1) =>
      add(door, { kind: "status", status }, times),
    /** `{"ok":false,"error":…}`. */
    answerWith: (door: SlackDoor, error: string, times = 1) =>
      add(door, { kind: "error", error }, times),
    slow: (door: SlackDoor, ms: number, times = 1) => add(door, { kind: "slow", ms }, times),
    reset: (door: SlackDoor, times = 1) => add(door, { kind: "reset" }, times),
    loseAnswer: (door: SlackDoor, times = 1) => add(door, { kind: "lose_answer" }, times),
    clear() {
      planned.length = 0;
      waits.length = 0;
    },

    waits: waits as readonly SlackWait[],

    /** What happens to the call that came then; a rate limit begins its wait. */
    next(door: SlackDoor, nowMs: number): SlackFault | null {
      const wait = waits.find(({ method, untilMs }) => method === door && nowMs < untilMs);
      if (wait !== undefined) {
        const retryAfterSeconds = Math.ceil((wait.untilMs - nowMs) / 1000);
        return { kind: "rate_limit", retryAfterSeconds };
      }
      const plan = planned.find((one) => one.door === door && one.times > 0);
      if (plan === undefined) return null;
      plan.times -= 1;
      if (plan.fault.kind === "rate_limit") {
        const untilMs = nowMs + plan.fault.retryAfterSeconds * 1000;
        waits.push({ method: door, fromMs: nowMs, untilMs });
      }
      return plan.fault;
    },
  };
}
