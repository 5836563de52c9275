import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { AtelierError, asAtelierError, type Log, type NewId } from "#core";
import { type CallsUnderWay, createCallsUnderWay } from "../api/calls-under-way.ts";
import { readAway } from "../read-away.ts";
import type { ClipInference } from "./clip-inference.ts";
import { answerProblem, type ServiceAnswer } from "./service-answer.ts";

/** SageMaker sends at most 25 MB (Real-time inference, "Quotas"). */
const BODY_MAX_BYTES = 26_214_400;
/** SageMaker gives a container 60 s to answer. */
const ANSWER_WITHIN_MS = 55_000;

export interface ServeApp {
  fetch(request: Request): Promise<Response>;
  /** Says `not ready` from now on, and lets what runs finish within the grace. */
  stop(graceMs: number): Promise<void>;
}

/**
 * The container's two routes. `GET /ping` is 200 once the model is loaded and its golden
 * embeddings hold; `POST /invocations` takes the body of docs/contracts.md section 3 and answers with
 * the same status and body as the Lambda function, as HTTP.
 */
export function createServeApp({
  openInference,
  log,
  newId,
  answerWithinMs = ANSWER_WITHIN_MS,
}: {
  /** Loads the model when first called; what failed is tried again by the next call. */
  openInference: () => Promise<ClipInference>;
  log: Log;
  newId: NewId;
  answerWithinMs?: number;
}): ServeApp {
  const app = new Hono();
  const calls: CallsUnderWay = createCallsUnderWay();
  let state: "loading" | "ok" | "failed" | "stopping" = "loading";

  async function load(): Promise<ClipInference> {
    try {
      const inference = await openInference();
      if (state !== "stopping") state = "ok";
      return inference;
    } catch (thrown) {
      if (state !== "stopping") state = "failed";
      throw thrown;
    }
  }
  load().catch((thrown: unknown) => log.error({ err: thrown }, "the model could not be loaded"));

  function refuse(thrown: unknown): ServiceAnswer {
    const error = asAtelierError(thrown);
    const reference = newId();
    if (error.kind !== "invalid_input") {
      log.error({ reference, kind: error.kind, err: error }, "invocation failed");
    }
    return answerProblem(error, reference);
  }

  app.use(async (context, next) => {
    await next();
    await readAway(context.req.raw);
  });

  app.get("/ping", (context) => context.json({ status: state }, state === "ok" ? 200 : 503));

  const limit = bodyLimit({
    maxSize: BODY_MAX_BYTES,
    onError: (context) => {
      const message = "The body is over 25 MB. Send fewer items, or s3://bucket/key.";
      return context.json({ error: "InvalidRequest", message }, 413);
    },
  });

  app.post("/invocations", limit, async (context) => {
    const text = await context.req.text();
    const { statusCode, body } = await calls
      .run(async (signal) => (await load())(text, signal), answerWithinMs)
      .catch(refuse);
    return new Response(body, {
      status: statusCode,
      headers: { "Content-Type": "application/json" },
    });
  });

  app.notFound((context) => {
    const error = new AtelierError("not_found", "There are GET /ping and POST /invocations.");
    return context.json({ error: error.kind, message: error.message }, 404);
  });

  return {
    fetch: async (request) => app.fetch(request),
    async stop(graceMs) {
      state = "stopping";
      await calls.stop(graceMs);
    },
  };
}
