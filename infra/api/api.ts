import { type Context, Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { cors } from "hono/cors";
import {
  AtelierError,
  asAtelierError,
  canonicalJson,
  jobIdFrom,
  type Log,
  type Metrics,
  type NewId,
  type Services,
  type StateStore,
} from "#core";
import type { Settings } from "../settings.ts";
import { type Caller, createAuthorization } from "./authorization.ts";
import { createCallsUnderWay } from "./calls-under-way.ts";
import { type GenerateAnswer, generate } from "./generate.ts";
import { generateError, generateMessage, isOperatorsMatter } from "./generate-error.ts";
import {
  type GenerateRequest,
  readGenerateQuery,
  readGenerateRequest,
} from "./generate-request.ts";

const BODY_MAX_BYTES = 256 * 1024;
/** Below what gateways and clients commonly wait. */
const ANSWER_WITHIN_MS = 110_000;
const MINUTE_MS = 60_000;
const UNAUTHORIZED = {
  error: "Unauthorized",
  message: "Send one of the service's keys as x-api-key or as Authorization: Bearer.",
};

interface ErrorNote {
  reference: string;
  err: AtelierError;
}

/** What a gateway in front of the routes knows of a call; the caller has no way to set it. */
export interface CallBindings {
  /** Instead of whose key the request shows. */
  caller?: Caller;
  /** Instead of what calls are given elsewhere. */
  answerWithinMs?: number;
}

export interface Api {
  routes: Hono<{ Bindings: CallBindings }>;
  /** Takes no new calls, and waits for those under way for as long as the grace allows. */
  stop(graceMs: number): Promise<void>;
}

/** `/generate`: the generation service of docs/contracts.md section 1 over HTTP. */
export function createApi({
  services,
  settings,
  state,
  log,
  metrics,
  newId,
  answerWithinMs = ANSWER_WITHIN_MS,
  isPublic,
}: {
  services: Services;
  settings: Settings;
  state: StateStore;
  log: Log;
  metrics: Metrics;
  newId: NewId;
  /** Past this a call is answered with Timeout. */
  answerWithinMs?: number | undefined;
  /** Whether others than this machine can call; what the settings say, unless told. */
  isPublic?: boolean | undefined;
}): Api {
  const authorize = createAuthorization(settings, { isPublic });
  const calls = createCallsUnderWay();
  const api: Api["routes"] = new Hono();

  /** The one line of a call; what was asked for is nobody's business here. */
  function note(outcome: string, caller: string, startMs: number, error?: ErrorNote): void {
    const ms = services.clock.nowMs() - startMs;
    const fields = { caller, outcome, ms, ...error };
    metrics.apiAnswered({ outcome, ms });
    if (outcome === "internal" || outcome === "misconfigured") log.error(fields, "generate failed");
    else if (error !== undefined) log.warn(fields, "generate failed");
    else log.info(fields, "generate");
  }

  function refuse(context: Context, thrown: unknown, caller: string, startMs: number): Response {
    const error = asAtelierError(thrown);
    const { status, error: name } = generateError(error);
    const reference = newId();
    const cause = isOperatorsMatter(error) ? { reference, err: error } : undefined;
    note(error.kind, caller, startMs, cause);
    if (status === 429) {
      context.header("Retry-After", String(Math.ceil((error.retryAfterMs ?? 1_000) / 1_000)));
    }
    return context.json({ error: name, message: generateMessage(error, reference) }, status);
  }

  // Only a body that is too large gets here.
  api.onError((thrown, context) => refuse(context, thrown, "unknown", services.clock.nowMs()));

  if (settings.CORS_ORIGINS.length > 0) {
    api.use(
      "/generate",
      cors({
        origin: settings.CORS_ORIGINS.includes("*") ? "*" : settings.CORS_ORIGINS,
        allowMethods: ["POST", "GET", "OPTIONS"],
        allowHeaders: ["Content-Type", "Authorization", "x-api-key", "Idempotency-Key"],
        exposeHeaders: ["Retry-After"],
        maxAge: 3_600,
      }),
    );
  }
  api.options("/generate", (context) => context.body(null, 204, { Allow: "POST, GET, OPTIONS" }));

  /** Who calls, within their rate; rejects with `rate_limited`. Null when the key is missing or wrong. */
  async function admit(caller: Caller): Promise<string | null> {
    if (caller.kind === "nobody") return null;
    const id = caller.kind === "open" ? "open" : caller.id;
    const nowMs = services.clock.nowMs();
    const minute = Math.floor(nowMs / MINUTE_MS);
    const endsAtMs = (minute + 1) * MINUTE_MS;
    const calls = await state.add(`rate#api#${id}#${minute}`, 1, endsAtMs / 1_000 + 60);
    if (calls > settings.RATE_API_PER_MINUTE) {
      throw new AtelierError(
        "rate_limited",
        `This key may call ${settings.RATE_API_PER_MINUTE} times a minute. Wait for the next minute.`,
        { retryAfterMs: endsAtMs - nowMs },
      );
    }
    return `api:local:${id}`;
  }

  function answer(
    request: GenerateRequest,
    user: string,
    headers: Headers,
    withinMs: number,
  ): Promise<GenerateAnswer> {
    const delivery = headers.get("Idempotency-Key");
    // The request too: a key that is used again for another picture must not write over the first.
    const jobId =
      delivery === null ? newId() : jobIdFrom(`${user}:${delivery}:${canonicalJson(request)}`);
    const asker = {
      jobId,
      claimant: newId(),
      user,
      isPrivate: false,
      priority: "interactive",
    } as const;
    return calls.run((signal) => generate(request, asker, services, signal), withinMs);
  }

  /** One call from the key to the answer; `read` finds what is asked for, `form` what is told. */
  async function serve(
    context: Context<{ Bindings: CallBindings }>,
    read: (request: Request) => Promise<GenerateRequest> | GenerateRequest,
    form: (answered: GenerateAnswer) => object,
  ): Promise<Response> {
    const request = context.req.raw;
    const startMs = services.clock.nowMs();
    // Absent where no gateway is in front.
    const bindings: CallBindings | undefined = context.env;
    let caller = "nobody";
    try {
      const user = await admit(bindings?.caller ?? authorize(request.headers));
      if (user === null) {
        note("unauthorized", caller, startMs);
        return context.json(UNAUTHORIZED, 401);
      }
      caller = user;
      const asked = await read(request);
      const withinMs = bindings?.answerWithinMs ?? answerWithinMs;
      const answered = await answer(asked, user, request.headers, withinMs);
      note(answered.cached ? "cached" : "drawn", caller, startMs);
      return context.json(form(answered));
    } catch (thrown) {
      return refuse(context, thrown, caller, startMs);
    }
  }

  const limit = bodyLimit({
    maxSize: BODY_MAX_BYTES,
    onError: () => {
      throw new AtelierError(
        "invalid_input",
        "The body is over 256 kB. Put pictures into the input bucket.",
      );
    },
  });

  api.post("/generate", limit, (context) =>
    serve(
      context,
      async (request) => readGenerateRequest(await readPayload(request)),
      (answered) => answered,
    ),
  );

  api.get("/generate", async (context) => {
    // HEAD comes here too: whoever only looks at a link must not have a picture drawn.
    if (context.req.method === "HEAD") return context.body(null, 405, { Allow: "POST, GET" });
    return serve(
      context,
      ({ url }) => readGenerateQuery(new URL(url).searchParams),
      ({ url, parameters }) => ({ url, prompt: parameters.prompt }),
    );
  });

  return { routes: api, stop: calls.stop };
}

async function readPayload(request: Request): Promise<unknown> {
  try {
    return await request.json();
  } catch (cause) {
    throw new AtelierError("invalid_input", "The body is not valid JSON.", { cause });
  }
}
