import { Tokenizer } from "@huggingface/tokenizers";

/** A text as the text graph reads it. */
export interface TokenizedText {
  ids: readonly number[];
  /** 1 for a token of the text, 0 for padding. */
  mask: readonly number[];
  isTruncated: boolean;
}

export interface ClipTokenizerOptions {
  /** The folder's `tokenizer.json` and `tokenizer_config.json`. */
  tokenizer: object;
  config: object;
  /** Lengths that a text is padded to, in rising order; the last one is the most it may have. */
  lengths: readonly number[];
  padToken: string | null;
  /** SigLIP 2 was trained on lower case, which its tokenizer's own file does not say. */
  isLowerCased: boolean;
}

/** Nothing is gained by reading on: no model here takes more than a few hundred tokens. */
const CHARACTERS_MAX = 8_192;

/**
 * Texts to token ids. The shortest of `lengths` that fits is taken: behind CLIP's causal mask
 * padding after the end token changes nothing, and 16 tokens take a quarter of 77's time. What is
 * too long loses its end but keeps the end token, at which the feature is read.
 */
export function createClipTokenizer({
  tokenizer: description,
  config,
  lengths,
  padToken,
  isLowerCased,
}: ClipTokenizerOptions): { encode(text: string): TokenizedText } {
  const tokenizer = new Tokenizer(description, config);
  const longest = lengths.at(-1) ?? 0;
  const endId = tokenizer.encode("").ids.at(-1);
  const padId = (padToken === null ? undefined : tokenizer.token_to_id(padToken)) ?? endId ?? 0;
  return {
    encode(text) {
      const kept = text.slice(0, CHARACTERS_MAX);
      const { ids } = tokenizer.encode(isLowerCased ? kept.toLowerCase() : kept);
      const isTooLong = ids.length > longest;
      const endsWithEnd = endId !== undefined && ids.at(-1) === endId;
      const fitting = !isTooLong
        ? ids
        : endsWithEnd
          ? [...ids.slice(0, longest - 1), endId]
          : ids.slice(0, longest);
      const length = lengths.find((each) => each >= fitting.length) ?? longest;
      const padding = length - fitting.length;
      return {
        ids: [...fitting, ...Array<number>(padding).fill(padId)],
        mask: [...Array<number>(fitting.length).fill(1), ...Array<number>(padding).fill(0)],
        isTruncated: isTooLong || kept.length < text.length,
      };
    },
  };
}
