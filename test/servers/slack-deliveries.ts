import { setTimeout as sleep } from "node:timers/promises";
import type { JsonRecord } from "./json-record.ts";

/** https://docs.slack.dev/interactivity/handling-user-interaction#acknowledgment_response */
const SLACK_ACK_MS = 3000;
/** Events only: at once, after a minute, after five (https://docs.slack.dev/apis/events-api#retries). */
const SLACK_RETRY_DELAYS_MS = [0, 60_000, 300_000];

export type DeliveryKind = "slash_commands" | "interactive" | "events_api";

/** One sending of a command, an interaction or an event to the bot, and how it was taken. */
export interface Delivery {
  readonly kind: DeliveryKind;
  readonly payload: JsonRecord;
  /** Socket Mode: the envelope's; sendings of one envelope have the same. */
  readonly id: string;
  /** 0 the first time. */
  readonly attempt: number;
  readonly reason: string;
  readonly sentAtMs: number;
  /** Until the acknowledgement; null while there is none. */
  tookMs: number | null;
  /** HTTP only. */
  status: number | null;
  /** What came with the acknowledgement. */
  answer: unknown;
  /** The line broke before the acknowledgement. */
  cut: boolean;
}

export interface Acknowledgement {
  /** Null on a socket. */
  status: number | null;
  answer: unknown;
}

/** How deliveries reach the bot; resolves with null where the line broke. */
export interface DeliveryTransport {
  /** A new id for a first sending. */
  newId(): string;
  send(delivery: Delivery): Promise<Acknowledgement | null>;
}

interface DeliveriesOptions {
  transport: DeliveryTransport;
  retryDelaysMs?: readonly number[];
}

/** Sends to the bot, keeps every sending, and sends again what Slack would send again. */
export function createDeliveries({
  transport,
  retryDelaysMs = SLACK_RETRY_DELAYS_MS,
}: DeliveriesOptions) {
  const all: Delivery[] = [];
  const ended = new AbortController();

  function send(delivery: Delivery): Promise<Acknowledgement | null> {
    all.push(delivery);
    const startedMs = performance.now();
    return transport.send(delivery).then((taken) => {
      if (taken === null) {
        delivery.cut = true;
        return null;
      }
      delivery.tookMs = performance.now() - startedMs;
      delivery.status = taken.status;
      delivery.answer = taken.answer;
      return taken;
    });
  }

  function sending(from: Pick<Delivery, "kind" | "payload">, more: Partial<Delivery>): Delivery {
    return {
      id: transport.newId(),
      attempt: 0,
      reason: "",
      sentAtMs: Date.now(),
      tookMs: null,
      status: null,
      answer: undefined,
      cut: false,
      kind: from.kind,
      payload: from.payload,
      ...more,
    };
  }

  /** The acknowledgement if it comes in time, else null, as Slack sees it. */
  async function inTime(taken: Promise<Acknowledgement | null>): Promise<Acknowledgement | null> {
    const timer = new AbortController();
    const late = sleep(SLACK_ACK_MS, null, { signal: timer.signal, ref: false }).catch(() => null);
    return Promise.race([taken, late]).finally(() => timer.abort());
  }

  async function deliverEvent(first: Delivery): Promise<void> {
    let last = first;
    for (const delayMs of [...retryDelaysMs, null]) {
      const taken = await inTime(send(last));
      if (taken !== null && isSuccess(taken)) return;
      if (delayMs === null) return;
      await sleep(delayMs, undefined, { signal: ended.signal, ref: false }).catch(() => {});
      if (ended.signal.aborted) return;
      const reason = taken === null ? "http_timeout" : "http_error";
      last = sending(first, { attempt: last.attempt + 1, reason });
    }
  }

  return {
    all: all as readonly Delivery[],

    /** Resolves with the acknowledgement, or null where Slack would have shown an error. */
    async deliver(kind: DeliveryKind, payload: JsonRecord): Promise<Acknowledgement | null> {
      const delivery = sending({ kind, payload }, {});
      if (kind !== "events_api") {
        const taken = await inTime(send(delivery));
        return taken !== null && isSuccess(taken) ? taken : null;
      }
      deliverEvent(delivery).catch(() => {});
      return null;
    },

    /**
     * Sends one that was sent before once more: the same body with a new signature over HTTP, the
     * same envelope on a socket. Resolves when it is acknowledged, or 3 s later.
     */
    async again(earlier: Delivery): Promise<Delivery> {
      const attempt = earlier.attempt + 1;
      const repeated = sending(earlier, { id: earlier.id, attempt, reason: "http_timeout" });
      await inTime(send(repeated));
      return repeated;
    },

    /** Those whose acknowledgement came after 3 s, or has not come for longer than that. */
    late(): readonly Delivery[] {
      return all.filter(({ tookMs, sentAtMs, cut }) =>
        tookMs === null ? !cut && Date.now() - sentAtMs > SLACK_ACK_MS : tookMs > SLACK_ACK_MS,
      );
    },

    end: () => ended.abort(),
  };
}

function isSuccess({ status }: Acknowledgement): boolean {
  return status === null || (status >= 200 && status < 300);
}
