import { AtelierError } from "../../errors.ts";
import type { Embedder, EmbeddingModel } from "../../ports/index.ts";
import { type ClipAnswer, type ClipReply, readClipAnswer } from "./clip-answer.ts";
import {
  type ClipServiceName,
  clipAbort,
  clipDown,
  upperFirst,
  wrongAnswer,
} from "./clip-errors.ts";
import { pictureItem, splitIntoCalls } from "./clip-items.ts";

const CALLS_AT_ONCE = 4;

/** The body of a call, as every CLIP service reads it. */
interface ClipRequest {
  mode: "text" | "image";
  items: readonly string[];
  /** Asks a clip-inference of ours to say all about its model; others do not know it. */
  describe?: true;
}

/** One technology that carries a call to a CLIP service and its reply back. */
interface ClipTransport {
  service: ClipServiceName;
  send(body: string, signal: AbortSignal): Promise<ClipReply>;
  close(): void;
}

export interface ClipEmbedderOptions {
  transport: ClipTransport;
  /** What is known of the model where the service gives only rows and `dim`; `dim` is then its own. */
  configured: Omit<EmbeddingModel, "dim">;
  signal: AbortSignal;
  /** Told, before the call rejects, that the service runs another model now: open another embedder. */
  onOtherModel?: () => void;
}

/**
 * An Embedder that has a CLIP service compute. Asks the service which model it runs; from then
 * on an answer from another space rejects with `misconfigured`: someone deployed another model
 * there, and its rows must not be mixed with those that were made before.
 */
export async function createClipEmbedder(options: ClipEmbedderOptions): Promise<Embedder> {
  const { transport } = options;
  const { service } = transport;

  let isClosed = false;

  async function call(request: ClipRequest, signal: AbortSignal): Promise<ClipAnswer> {
    if (isClosed) throw clipDown(new Error("This embedder was closed."));
    if (signal.aborted) throw clipAbort(signal);
    let reply: ClipReply;
    try {
      reply = await transport.send(JSON.stringify(request), signal);
    } catch (thrown) {
      throw signal.aborted ? clipAbort(signal) : thrown;
    }
    return readClipAnswer(reply, { items: request.items.length, service });
  }

  async function findModel(): Promise<EmbeddingModel> {
    const empty = await call({ mode: "text", items: [], describe: true }, options.signal);
    if (empty.description !== undefined) return empty.description;
    // Some services answer an empty list with `dim` 0.
    const { dim } = await call({ mode: "text", items: ["a photo"] }, options.signal);
    return { ...options.configured, dim };
  }

  const model = await findModel();

  function check(answer: ClipAnswer): ClipAnswer {
    if (answer.space !== undefined && answer.space !== model.space) {
      options.onOtherModel?.();
      throw new AtelierError(
        "misconfigured",
        `${upperFirst(service.title)} now answers in the space ${answer.space}, and this process began with ${model.space}. Restart it, so that videos are indexed with the new model.`,
      );
    }
    if (answer.dim !== model.dim) {
      throw wrongAnswer(service, `dim is ${answer.dim} and was ${model.dim}`);
    }
    return answer;
  }

  async function embed(mode: ClipRequest["mode"], items: readonly string[], signal: AbortSignal) {
    const calls = splitIntoCalls(items);
    const answers: ClipAnswer[] = new Array(calls.length);
    const failed = new AbortController();
    const either = AbortSignal.any([signal, failed.signal]);
    let next = 0;
    async function work(): Promise<void> {
      for (let index = next++; index < calls.length; index = next++) {
        answers[index] = check(await call({ mode, items: calls[index] ?? [] }, either));
      }
    }
    try {
      await Promise.all(Array.from({ length: CALLS_AT_ONCE }, work));
    } catch (thrown) {
      // Nobody would use the other rows.
      failed.abort(thrown);
      throw thrown;
    }
    return answers.flatMap(({ rows, truncated }) =>
      rows.map((embedding, index) => ({ embedding, isTruncated: truncated.includes(index) })),
    );
  }

  return {
    model,
    embedTexts: (texts, { signal }) => embed("text", texts, signal),
    async embedPictures(pictures, { signal }) {
      const items = await Promise.all(pictures.map(pictureItem));
      return (await embed("image", items, signal)).map(({ embedding }) => embedding);
    },
    async close() {
      isClosed = true;
      transport.close();
    },
  };
}
