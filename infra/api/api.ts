import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { cors } from "hono/cors";
import {
  AtelierError,
  asAtelierError,
  canonicalJson,
  jobIdFrom,
  type Log,
  type NewId,
  type Services,
  type StateStore,
} from "#core";
import type { Settings } from "../settings.ts";
import { createAuthorization } from "./authorization.ts";
import { generate } from "./generate.ts";
import { generateError, generateMessage } from "./generate-error.ts";
import {
  type GenerateRequest,
  readGenerateQuery,
  readGenerateRequest,
} from "./generate-request.ts";

const BODY_MAX_BYTES = 256 * 1024;
/** Below what gateways and clients commonly wait. */
const ANSWER_WITHIN_MS = 110_000;
const MINUTE_MS = 60_000;

/** `/generate`: the generation service of contracts section 1 over HTTP. */
export function createApi({
  services,
  settings,
  state,
  log,
  newId,
}: {
  services: Services;
  settings: Settings;
  state: StateStore;
  log: Log;
  newId: NewId;
}): Hono {
  const authorize = createAuthorization(settings);
  const api = new Hono();

  api.onError((thrown, context) => {
    const error = asAtelierError(thrown);
    const { status, error: name } = generateError(error);
    const reference = newId();
    if (error.kind === "internal" || error.kind === "misconfigured") {
      log.error({ reference, err: error }, "generate failed");
    }
    if (status === 429) {
      context.header("Retry-After", String(Math.ceil((error.retryAfterMs ?? 1_000) / 1_000)));
    }
    return context.json({ error: name, message: generateMessage(error, reference) }, status);
  });

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
  async function admit(headers: Headers): Promise<string | null> {
    const caller = authorize(headers);
    if (caller.kind === "nobody") return null;
    const id = caller.kind === "key" ? caller.id : "open";
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

  async function answer(request: GenerateRequest, user: string, headers: Headers) {
    const delivery = headers.get("Idempotency-Key");
    // The request too: a key that is used again for another picture must not write over the first.
    const jobId =
      delivery === null ? newId() : jobIdFrom(`${user}:${delivery}:${canonicalJson(request)}`);
    const signal = AbortSignal.timeout(ANSWER_WITHIN_MS);
    const asker = {
      jobId,
      claimant: newId(),
      user,
      isPrivate: false,
      priority: "interactive",
    } as const;
    return generate(request, asker, services, signal);
  }

  const unauthorized = {
    error: "Unauthorized",
    message: "Send one of the service's keys as x-api-key or as Authorization: Bearer.",
  };

  const limit = bodyLimit({
    maxSize: BODY_MAX_BYTES,
    onError: () => {
      throw new AtelierError(
        "invalid_input",
        "The body is over 256 kB. Put pictures into the input bucket.",
      );
    },
  });

  api.post("/generate", limit, async (context) => {
    const { headers } = context.req.raw;
    const user = await admit(headers);
    if (user === null) return context.json(unauthorized, 401);
    const request = readGenerateRequest(await readPayload(context.req.raw));
    return context.json(await answer(request, user, headers));
  });

  api.get("/generate", async (context) => {
    // HEAD comes here too: whoever only looks at a link must not have a picture drawn.
    if (context.req.method === "HEAD") return context.body(null, 405, { Allow: "POST, GET" });
    const { headers, url } = context.req.raw;
    const user = await admit(headers);
    if (user === null) return context.json(unauthorized, 401);
    const request = readGenerateQuery(new URL(url).searchParams);
    const { url: link, parameters } = await answer(request, user, headers);
    return context.json({ url: link, prompt: parameters.prompt });
  });

  return api;
}

async function readPayload(request: Request): Promise<unknown> {
  try {
    return await request.json();
  } catch (cause) {
    throw new AtelierError("invalid_input", "The body is not valid JSON.", { cause });
  }
}
