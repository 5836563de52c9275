import { randomUUID } from "node:crypto";
import {
  type Adapter,
  AtelierError,
  asAtelierError,
  type Clock,
  type Log,
  type NewId,
} from "#core";
import { createVideoStore } from "../../src/frames/video-store.ts";
import { createJobStore } from "../../src/job/job-store.ts";
import { createChatAdapters } from "../chat-adapters.ts";
import { openDynamodbState } from "../dynamodb-state.ts";
import { nameImageModels } from "../image-model-names.ts";
import { composeServices } from "../services.ts";
import type { Settings } from "../settings.ts";
import { openJobQueue } from "./open-queue.ts";
import { absentMetrics, absentModel, absentPictures, absentStore } from "./webhook-absent-parts.ts";
import {
  boundAttempts,
  boundJobQueue,
  boundStateStore,
  CALLS_WITHIN_MS,
  createCallLimiter,
} from "./webhook-bounds.ts";
import { type ApiGatewayAnswer, apiGatewayAnswer, readApiGatewayEvent } from "./webhook-event.ts";
import { createRequestTime } from "./webhook-request-time.ts";

export interface WebhookApp {
  /** Answers one event of API Gateway, within the time that chat platforms wait; never rejects. */
  handle(event: unknown): Promise<ApiGatewayAnswer>;
  close(): Promise<void>;
}

/** No delivery of a platform comes near it; the adapters refuse what is signed and larger. */
const BODY_MAX_BYTES = 1_048_576;
/** One request to the store; a connection that died while the function was frozen costs no more. */
const STORE_TIMES = { connectMs: 700, requestMs: 900 };
/** An event that says it is older than this has been kept, or its clock is another. */
const EVENT_AGE_MAX_MS = 10_000;

/**
 * The function that takes commands: it verifies, parses, writes the job down, queues it and
 * answers. Whatever goes on after an adapter's answer is waited for before it is given, as long
 * as there is time; nothing is left for later (see `createRequestTime`).
 */
export async function openWebhookApp({
  settings,
  clock,
  log,
  newId,
}: {
  settings: Settings;
  clock: Clock;
  log: Log;
  newId: NewId;
}): Promise<WebhookApp> {
  const time = createRequestTime(clock);
  const around = boundAttempts(time);
  const dynamodb = openDynamodbState(settings, clock, { times: STORE_TIMES, around });
  const state = boundStateStore(dynamodb.state, time);
  const jobs = createJobStore({ state, clock, owner: randomUUID() });
  const sqs = openJobQueue({ settings, state, jobs, clock, log, around });
  const models = await nameImageModels(settings);
  const { MEDIA_BUCKET } = settings;
  const { adapters } = await composeServices(
    {
      settings,
      state,
      stores: { outputs: absentStore, inputs: absentStore, media: absentStore },
      imageModels: new Map(models.map((model) => [model.id, absentModel(model)])),
      pictures: absentPictures,
      jobs,
      queue: boundJobQueue(sqs.queue, time),
      openFrames: null,
      videos: MEDIA_BUCKET === undefined ? null : createVideoStore({ state, bucket: MEDIA_BUCKET }),
      clock,
      log,
      metrics: absentMetrics,
      newId,
    },
    (given) =>
      createChatAdapters(given, {
        newLimiter: async () => createCallLimiter(time, clock),
        isOnDemand: true,
      }),
  );

  await Promise.all([...adapters.values()].map(async (adapter) => adapter.start?.()));
  const byPath = new Map([...adapters.values()].map((each) => [each.webhookPath, each]));

  async function answer(request: Request): Promise<Response> {
    const adapter = byPath.get(new URL(request.url).pathname);
    const response = await adapter?.fetch?.(request);
    if (adapter !== undefined) await settle(adapter);
    const nothing = { error: "not_found", message: "There is nothing here." };
    return response ?? Response.json(nothing, { status: 404 });
  }

  /** Such as a person being told privately what went wrong: frozen, it would come much too late. */
  async function settle(adapter: Adapter): Promise<void> {
    try {
      await time.within(CALLS_WITHIN_MS, async () => adapter.settled?.());
    } catch (thrown) {
      log.warn({ platform: adapter.platform, err: thrown }, "not all was said within the time");
    }
  }

  /** What a request's time is counted from: its arrival, where the event says so credibly. */
  function startOf(receivedAtMs: number | null): number {
    const nowMs = clock.nowMs();
    const ageMs = nowMs - (receivedAtMs ?? nowMs);
    return ageMs >= 0 && ageMs <= EVENT_AGE_MAX_MS ? nowMs - ageMs : nowMs;
  }

  async function respond(event: unknown): Promise<Response> {
    const read = readApiGatewayEvent(event, { maxBytes: BODY_MAX_BYTES });
    if (read === "too large") return new Response(null, { status: 413 });
    if (read === null) {
      throw new AtelierError("invalid_input", "The webhook takes events of API Gateway alone.");
    }
    return time.run(startOf(read.receivedAtMs), () => answer(read.request));
  }

  return {
    async handle(event) {
      try {
        return await apiGatewayAnswer(await respond(event));
      } catch (thrown) {
        const error = asAtelierError(thrown);
        log.error({ err: error }, "a delivery was not answered");
        const status =
          error.kind === "invalid_input" ? 400 : error.kind === "unavailable" ? 503 : 500;
        return apiGatewayAnswer(new Response(null, { status }));
      }
    },

    async close() {
      for (const adapter of adapters.values()) {
        await adapter.stop?.();
        await adapter.close?.();
      }
      sqs.close();
      dynamodb.close();
    },
  };
}
