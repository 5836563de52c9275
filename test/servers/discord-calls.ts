import type { DiscordDoor, DiscordWait } from "./discord-faults.ts";
import type { BodyProblem } from "./discord-refusals.ts";
import type { SentFile } from "./discord-requests.ts";
import { type JsonRecord, recordOf } from "./json-record.ts";

/** One request of the bot, or its interaction response in an HTTP answer. */
export interface DiscordCall {
  readonly method: DiscordDoor | "unknown";
  readonly path: string;
  readonly params: Readonly<Record<string, string>>;
  readonly body: unknown;
  readonly files: readonly SentFile[];
  /** Since the epoch, exact enough to tell two calls of one millisecond apart. */
  readonly atMs: number;
  /** Null until it is answered, and where the line was cut. */
  status: number | null;
  answer: unknown;
  /** The answer was a fault of the test, not a rule of Discord's. */
  isFault: boolean;
  /** It came before Discord had done what its interaction's first response asked for. */
  isEarly: boolean;
}

export type DiscordCalls = ReturnType<typeof createDiscordCalls>;

/** https://docs.discord.com/developers/topics/rate-limits#invalid-request-limit-aka-cloudflare-bans */
const INVALID_STATUSES = [401, 403, 429];

/**
 * Over HTTP nobody tells a bot when Discord has taken its answer, so it may be ahead of it: that
 * often for one interaction. Such 404s do not count towards the ban, but are noise all the same.
 */
const EARLY_CALLS_MAX = 4;

/** Everything that the bot asked for, in order. */
export function createDiscordCalls({ transport }: { transport: "gateway" | "http" }) {
  /** Over the gateway the bot itself makes the first response, and knows when it is there. */
  const earlyMax = transport === "gateway" ? 0 : EARLY_CALLS_MAX;
  const all: DiscordCall[] = [];
  const problems: string[] = [];

  return {
    all: all as readonly DiscordCall[],
    of: (method: DiscordCall["method"]): readonly DiscordCall[] =>
      all.filter((call) => call.method === method),
    methods: (): readonly string[] => all.map(({ method }) => method),

    add(made: Omit<DiscordCall, "status" | "answer" | "isFault" | "isEarly">): DiscordCall {
      const call: DiscordCall = {
        ...made,
        status: null,
        answer: null,
        isFault: false,
        isEarly: false,
      };
      all.push(call);
      return call;
    },
    /** What is wrong with a body although Discord takes it, or takes it no more. */
    problem(method: string, found: readonly BodyProblem[]) {
      for (const { path, code, message } of found) {
        problems.push(`${method} ${path.join(".")}: ${code} ${message}`);
      }
    },
    broken(what: string, thrown: unknown) {
      problems.push(`${what} broke the proxy: ${String(thrown)}`);
    },

    /** What is wrong with the bodies that left the bot; a well-made bot leaves it empty. */
    problems: (): readonly string[] => problems,

    /** Refused because they were ahead of the first response. */
    early: (): readonly DiscordCall[] => all.filter(({ isEarly }) => isEarly),

    /**
     * What Discord's rules refused, one sentence each; a well-made bot leaves it empty. Calls ahead
     * of the first response are among them only where they are too many for their interaction.
     */
    refusals(): readonly string[] {
      const seen = new Map<string, number>();
      const refused = all.flatMap((call) => {
        const { method, path, params, status, answer, isFault, isEarly } = call;
        if (isFault || status === null || status < 400) return [];
        const count = (seen.get(params.token ?? "") ?? 0) + 1;
        if (isEarly) seen.set(params.token ?? "", count);
        if (isEarly && count <= earlyMax) return [];
        const { code, message, errors } = recordOf(answer);
        const details = errors === undefined ? "" : ` ${JSON.stringify(errors)}`;
        return [`${method} ${path}: ${status} ${String(code)} ${String(message)}${details}`];
      });
      return [...refused, ...problems];
    },

    /** How many answers counted towards the limit that ends in a ban, faults included. */
    invalidRequests: () =>
      all.filter(({ status }) => status !== null && INVALID_STATUSES.includes(status)).length,

    /** What was called between a 429 and the end of its `Retry-After`. */
    during(waits: readonly DiscordWait[]) {
      const within = (call: DiscordCall, wait: DiscordWait) =>
        call.atMs > wait.fromMs && call.atMs < wait.untilMs;
      const isIn = (call: DiscordCall, wait: DiscordWait) =>
        wait.door === null || call.method === wait.door;
      const hit = (wanted: boolean) =>
        all.filter((call) =>
          waits.some((wait) => isIn(call, wait) === wanted && within(call, wait)),
        );
      return { same: hit(true), others: hit(false) };
    },

    /** Bodies of one kind, as JSON records. */
    bodies: (method: DiscordCall["method"]): readonly JsonRecord[] =>
      all.filter((call) => call.method === method).map(({ body }) => recordOf(body)),

    clear() {
      all.length = 0;
      problems.length = 0;
    },
  };
}
