import { type JsonRecord, textOf } from "./json-record.ts";
import type { SlackDoor, SlackWait } from "./slack-faults.ts";

/** One request of the bot. */
export interface SlackCall {
  /** A Web API method, or `upload`, `download`, `response_url`. */
  readonly method: SlackDoor;
  readonly args: JsonRecord;
  readonly token: string;
  /** Since the epoch, exact enough to tell two calls of one millisecond apart. */
  readonly atMs: number;
  /** Null until it is answered, and where the line was cut. */
  answer: JsonRecord | null;
  /** The answer was a fault of the test, not a rule of Slack's. */
  isFault: boolean;
}

export type SlackCalls = ReturnType<typeof createSlackCalls>;

/** Everything that the bot asked for, in order. */
export function createSlackCalls() {
  const all: SlackCall[] = [];
  const refusedAnswers: string[] = [];

  return {
    all: all as readonly SlackCall[],
    of: (method: SlackDoor): readonly SlackCall[] => all.filter((call) => call.method === method),
    methods: (): readonly string[] => all.map(({ method }) => method),

    add(method: SlackDoor, args: JsonRecord, token: string, atMs: number): SlackCall {
      const call = { method, args, token, atMs, answer: null, isFault: false };
      all.push(call);
      return call;
    },
    refusedAcknowledgement(payload: JsonRecord, problems: readonly string[]) {
      const what = textOf(payload.command) || textOf(payload.type);
      refusedAnswers.push(`acknowledgement of ${what}: ${problems.join("; ")}`);
    },
    broken(what: string, thrown: unknown) {
      refusedAnswers.push(`${what} broke the proxy: ${String(thrown)}`);
    },

    /** What Slack's rules refused, one sentence each; a well-made bot leaves it empty. */
    refusals(): readonly string[] {
      const refused = all.flatMap(({ method, answer, isFault }) => {
        if (isFault || answer === null || answer.ok !== false) return [];
        return [`${method}: ${JSON.stringify({ ...answer, ok: undefined })}`];
      });
      return [...refused, ...refusedAnswers];
    },

    /** What was called between a 429 and the end of its `Retry-After`. */
    during(waits: readonly SlackWait[]) {
      const within = (call: SlackCall, wait: SlackWait) =>
        call.atMs > wait.fromMs && call.atMs < wait.untilMs;
      const same = all.filter((call) =>
        waits.some((wait) => call.method === wait.method && within(call, wait)),
      );
      const others = all.filter((call) =>
        waits.some((wait) => call.method !== wait.method && within(call, wait)),
      );
      return { same, others };
    },

    clear() {
      all.length = 0;
      refusedAnswers.length = 0;
    },
  };
}
