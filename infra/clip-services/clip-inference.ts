import { z } from "zod";
import { AtelierError, type Embedder } from "#core";
import { embedPictureItems } from "./embed-pictures.ts";
import type { OpenStores } from "./picture-item.ts";
import { readEvent } from "./read-event.ts";
import { answerItemProblem, answerWith, type ServiceAnswer } from "./service-answer.ts";

/** A Lambda's result may have 6 MB, and a number takes up to 12 characters here. */
const ANSWER_MAX_NUMBERS = 480_000;
/** Far beyond what any model reads, and a tokenizer's work stays small. */
const TEXT_MAX_CHARACTERS = 10_000;
/** Decimal places: more exact than the single precision that models compute in. */
const DECIMALS = 1e8;

const EXAMPLE = '{"mode": "text", "items": ["a red car"]}';
const requestSchema = z.object({
  mode: z.enum(["text", "image"], 'must be "text" or "image"'),
  items: z.array(z.unknown(), "must be a list of strings"),
  /** Beside the contract: also answer all that is known of the model. */
  describe: z.boolean("must be true or false").default(false),
});

export type ClipInference = (event: unknown, signal: AbortSignal) => Promise<ServiceAnswer>;

/**
 * Contracts section 3. Answers with rows of L2 norm 1 in the order of the items, or with 400 and
 * the place of the first item that cannot be read. Beside `embeddings` and `dim` the body has
 * `model`, `space` (rows of different spaces must not be compared), and `truncated`, the places
 * of texts whose end was left out. Rejects with an AtelierError for everything else.
 */
export function createClipInference({
  embedder,
  openStores,
}: {
  embedder: Embedder;
  openStores: OpenStores;
}): ClipInference {
  const { name, space, dim } = embedder.model;
  const itemsMax = Math.floor(ANSWER_MAX_NUMBERS / dim);

  return async (event, signal) => {
    const request = readEvent(event, requestSchema, EXAMPLE);
    const { mode, describe } = request;
    if (request.items.length > itemsMax) {
      throw new AtelierError("invalid_input", `items may have at most ${itemsMax}. Send fewer.`);
    }
    const items = request.items.filter((item) => typeof item === "string");
    const odd = request.items.findIndex((item) => typeof item !== "string");
    if (odd >= 0) {
      const error = new AtelierError("invalid_input", `items.${odd} must be a string.`);
      return answerItemProblem({ index: odd, error });
    }

    const answer = (rows: readonly Float32Array[], truncated: readonly number[]) =>
      answerWith({
        embeddings: rows.map((row) => Array.from(row, rounded)),
        dim,
        model: name,
        space,
        ...(truncated.length > 0 && { truncated }),
        ...(describe && { description: embedder.model }),
      });
    if (mode === "text") {
      const texts = items.map((text) => text.slice(0, TEXT_MAX_CHARACTERS));
      const embedded = await embedder.embedTexts(texts, { signal });
      const truncated = embedded.flatMap(({ isTruncated }, index) => (isTruncated ? [index] : []));
      return answer(
        embedded.map(({ embedding }) => embedding),
        truncated,
      );
    }
    const { rows, failures } = await embedPictureItems(items, {
      embedder,
      openStores,
      signal,
      stopAtFailure: true,
    });
    const [failure] = failures;
    return failure === undefined ? answer([...rows.values()], []) : answerItemProblem(failure);
  };
}

function rounded(value: number): number {
  return Math.round(value * DECIMALS) / DECIMALS;
}
