import type { Worker } from "node:worker_threads";
import { AtelierError } from "../../errors.ts";
import type { TextEmbedding } from "../../ports/index.ts";
import { fromFailure, type WorkerOrder, type WorkerReport } from "./embedding-work.ts";

export interface EmbeddingPool {
  /** Starts a worker if there is none, and tells the length of its embeddings. */
  warmUp(): Promise<number>;
  /** The answers in the order of the questions; rejects with the first failure. */
  run(questions: readonly Question[], signal: AbortSignal): Promise<TextEmbedding[]>;
  close(): Promise<void>;
}

type Question = { text: string } | { picture: Uint8Array };

/** A question that waits or is with a worker. */
interface Item {
  question: Question;
  /** A single one is somebody's query and goes before an ingest's many. */
  isAlone: boolean;
  deaths: number;
  resolve(result: TextEmbedding): void;
  reject(reason: unknown): void;
}

interface Awaiting {
  resolve(dim: number): void;
  reject(reason: unknown): void;
}

/** A worker and what is with it. */
interface Hand {
  worker: Worker;
  held: Map<number, Item>;
  isReady: boolean;
  /** Runs while it has nothing to do. */
  idle: NodeJS.Timeout | undefined;
}

/**
 * What one worker has at a time: one in the graph, one ready behind it, one being prepared. A
 * worker hears of new work only between two runs of its graph, so with fewer it would wait.
 */
const AHEAD = 3;
/** Of the same item or in a row before any work: then it is not chance. */
const DEATHS_MAX = 2;
const END_WITHIN_MS = 5_000;

/**
 * Up to `size` workers, started when there is work for them. Only what a worker can begin on is
 * handed over; the rest waits here, in order. When a worker dies another takes its place and its
 * items are tried once more. One that has had nothing to do for `idleMs` is ended, where that is
 * given: each holds tens of megabytes.
 */
export function createEmbeddingPool({
  size,
  startWorker,
  idleMs,
}: {
  size: number;
  startWorker: () => Worker;
  idleMs?: number;
}): EmbeddingPool {
  const waiting: Item[] = [];
  const hands = new Set<Hand>();
  const endings = new Set<Promise<void>>();
  const awaitingDim: Awaiting[] = [];
  let dim: number | null = null;
  let lastId = 0;
  let deathsAtStart = 0;
  let isClosed = false;

  const giveUp = (reason: AtelierError) => {
    for (const item of waiting.splice(0)) item.reject(reason);
    for (const each of awaitingDim.splice(0)) each.reject(reason);
  };

  const pump = () => {
    for (;;) {
      const free = [...hands].filter(({ held }) => held.size < AHEAD);
      const idlest = free.sort((a, b) => a.held.size - b.held.size)[0];
      const isOneMoreOfUse = hands.size < size && (idlest === undefined || idlest.held.size > 0);
      const item = waiting[0];
      if (item === undefined) return;
      const hand = isOneMoreOfUse ? recruit() : idlest;
      if (hand === undefined) return;
      waiting.shift();
      const id = ++lastId;
      hand.held.set(id, item);
      clearTimeout(hand.idle);
      const order: WorkerOrder = { id, ...item.question };
      hand.worker.postMessage(order);
    }
  };

  const recruit = (): Hand => {
    const hand: Hand = {
      worker: startWorker(),
      held: new Map(),
      isReady: false,
      idle: undefined,
    };
    hands.add(hand);
    let cause: unknown;
    hand.worker.on("message", (report: WorkerReport) => hear(hand, report));
    // "exit" follows and says the rest.
    hand.worker.on("error", (thrown) => {
      cause = thrown;
    });
    hand.worker.on("exit", () => bury(hand, cause));
    return hand;
  };

  const hear = (hand: Hand, report: WorkerReport) => {
    switch (report.kind) {
      case "ready":
        hand.isReady = true;
        deathsAtStart = 0;
        dim = report.dim;
        for (const each of awaitingDim.splice(0)) each.resolve(report.dim);
        break;
      case "unusable": {
        const reason = fromFailure(report.failure);
        hands.delete(hand);
        for (const item of hand.held.values()) item.reject(reason);
        hand.held.clear();
        giveUp(reason);
        break;
      }
      case "done":
        hand.held.get(report.id)?.resolve(report.result);
        hand.held.delete(report.id);
        break;
      case "failed":
        hand.held.get(report.id)?.reject(fromFailure(report.failure));
        hand.held.delete(report.id);
        break;
    }
    pump();
    if (idleMs === undefined || !hands.has(hand) || hand.held.size > 0) return;
    clearTimeout(hand.idle);
    hand.idle = setTimeout(() => dismiss(hand), idleMs).unref();
  };

  const dismiss = (hand: Hand) => {
    clearTimeout(hand.idle);
    if (!hands.delete(hand)) return;
    const ending = end(hand.worker).finally(() => endings.delete(ending));
    endings.add(ending);
  };

  const bury = (hand: Hand, cause: unknown) => {
    clearTimeout(hand.idle);
    if (!hands.delete(hand)) return;
    const reason = stopped(cause);
    const [first, ...others] = hand.held.values();
    // The first was in the graph; those behind it are not to blame.
    if (first !== undefined) first.deaths += hand.isReady ? 1 : 0;
    const again = [first, ...others].filter((item) => item !== undefined);
    for (const item of again.filter(({ deaths }) => deaths >= DEATHS_MAX)) item.reject(reason);
    waiting.unshift(...again.filter(({ deaths }) => deaths < DEATHS_MAX));
    if (!hand.isReady) deathsAtStart += 1;
    if (isClosed || deathsAtStart >= DEATHS_MAX) {
      deathsAtStart = 0;
      giveUp(reason);
      return;
    }
    if (awaitingDim.length > 0 && hands.size === 0) recruit();
    pump();
  };

  return {
    warmUp() {
      if (isClosed) return Promise.reject(closed());
      if (dim !== null) return Promise.resolve(dim);
      return new Promise((resolve, reject) => {
        awaitingDim.push({ resolve, reject });
        if (hands.size === 0) recruit();
      });
    },

    async run(questions, signal) {
      signal.throwIfAborted();
      if (isClosed) throw closed();
      const items: Item[] = [];
      const leave = () => {
        for (const item of items) {
          const place = waiting.indexOf(item);
          if (place >= 0) waiting.splice(place, 1);
          item.reject(signal.reason);
        }
      };
      const answers = questions.map(
        (question) =>
          new Promise<TextEmbedding>((resolve, reject) => {
            items.push({ question, isAlone: questions.length === 1, deaths: 0, resolve, reject });
          }),
      );
      const place = questions.length === 1 ? waiting.findIndex((each) => !each.isAlone) : -1;
      waiting.splice(place < 0 ? waiting.length : place, 0, ...items);
      pump();
      signal.addEventListener("abort", leave, { once: true });
      try {
        return await Promise.all(answers);
      } catch (thrown) {
        // Nobody waits for the others any more.
        leave();
        throw thrown;
      } finally {
        signal.removeEventListener("abort", leave);
      }
    },

    async close() {
      isClosed = true;
      giveUp(closed());
      for (const hand of hands) {
        for (const item of hand.held.values()) item.reject(closed());
        hand.held.clear();
        dismiss(hand);
      }
      await Promise.all(endings);
    },
  };
}

/** Lets it finish what it is at, within limits. */
async function end(worker: Worker): Promise<void> {
  const ended = new Promise((resolve) => worker.once("exit", resolve));
  const order: WorkerOrder = { end: true };
  worker.postMessage(order);
  const timer = setTimeout(() => void worker.terminate(), END_WITHIN_MS);
  await ended;
  clearTimeout(timer);
}

function stopped(cause: unknown): AtelierError {
  return new AtelierError(
    "unavailable",
    "The search model stopped in the middle of its work. Try again in a minute.",
    { cause },
  );
}

const closed = () =>
  new AtelierError("unavailable", "The search model has been closed. Try again in a minute.");
