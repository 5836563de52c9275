import { setTimeout as sleep } from "node:timers/promises";
import {
  DISCORD_FIRST_RESPONSE_MS,
  type DiscordInteractions,
  type FirstResponse,
} from "./discord-interactions.ts";
import { type JsonRecord, textOf } from "./json-record.ts";

/** How long the answer to a redelivery is waited for: there may be none. */
const REDELIVERY_MS = 700;

/** One sending of an interaction to the bot, and how it was taken. */
export interface Delivery {
  readonly payload: JsonRecord;
  /** The interaction's; sendings of one interaction have the same. */
  readonly id: string;
  /** 0 the first time. */
  readonly attempt: number;
  readonly sentAtMs: number;
  /** Until the first response; null while there is none, and where Discord refused it. */
  tookMs: number | null;
  /** The first response; null while there is none. */
  answer: FirstResponse | null;
  /** Over HTTP: the status of the bot's answer. */
  status: number | null;
  /** The line broke before the answer, or there was no line. */
  cut: boolean;
}

/** How interactions reach the bot. */
export interface DeliveryTransport {
  /** Over HTTP resolves with the bot's status once its answer was taken; null where the line broke. */
  send(payload: JsonRecord): Promise<{ status: number | null } | null>;
}

export function createDiscordDeliveries(
  transport: DeliveryTransport,
  interactions: DiscordInteractions,
) {
  const all: Delivery[] = [];

  function started(payload: JsonRecord, attempt: number): Delivery {
    const delivery: Delivery = {
      payload,
      id: textOf(payload.id),
      attempt,
      sentAtMs: Date.now(),
      tookMs: null,
      answer: null,
      status: null,
      cut: false,
    };
    all.push(delivery);
    return delivery;
  }

  /** Until the answer that came with the request, if one did. */
  function send(delivery: Delivery): Promise<void> {
    return transport.send(delivery.payload).then((taken) => {
      delivery.cut = taken === null;
      delivery.status = taken?.status ?? null;
    });
  }

  /** Until `done`, or so long. */
  async function within(ms: number, done: Promise<unknown>): Promise<void> {
    const timer = new AbortController();
    const late = sleep(ms, undefined, { signal: timer.signal, ref: false }).catch(() => {});
    await Promise.race([done, late]).finally(() => timer.abort());
  }

  async function untilResponse(delivery: Delivery): Promise<void> {
    const interaction = interactions.get(delivery.id);
    while (interaction !== null && interaction.response === null) {
      await interactions.next(delivery.id);
    }
    delivery.answer = interaction?.response ?? null;
    delivery.tookMs = interaction?.response?.tookMs ?? null;
  }

  return {
    all: all as readonly Delivery[],

    /** Resolves at the first response, or 3 s later, when the person reads that there was none. */
    async deliver(payload: JsonRecord): Promise<Delivery> {
      const delivery = started(payload, 0);
      const sent = send(delivery);
      await within(DISCORD_FIRST_RESPONSE_MS + 100, untilResponse(delivery));
      // An answer of the callback endpoint may be ahead of the HTTP answer that belongs to it.
      if (delivery.answer !== null) await within(DISCORD_FIRST_RESPONSE_MS, sent);
      return delivery;
    },

    /** Sends the same interaction once more; resolves when it is answered, or a little later. */
    async again(earlier: Delivery): Promise<Delivery> {
      const repeated = started(earlier.payload, earlier.attempt + 1);
      const answered = interactions.next(earlier.id);
      await Promise.all([send(repeated), within(REDELIVERY_MS, answered)]);
      return repeated;
    },

    /** Those whose first response did not come within 3 s. */
    late(): readonly Delivery[] {
      return all.filter(
        ({ attempt, tookMs, sentAtMs, cut }) =>
          attempt === 0 &&
          tookMs === null &&
          !cut &&
          Date.now() - sentAtMs > DISCORD_FIRST_RESPONSE_MS,
      );
    },
  };
}
