import { contentWords } from "./sentences.ts";
import { stopWords } from "./words.ts";

export const MAX_TOKENS = 40;
const PAD = "[pad]";
const UNKNOWN = "[unk]";

/** Token ids by word: padding 0, unknown 1, then stop words and content words. */
export function createVocabulary(): ReadonlyMap<string, number> {
  const words = [PAD, UNKNOWN, ...[...stopWords].sort(), ...contentWords()];
  return new Map(words.map((word, id) => [word, id]));
}

/** The same reading as tokenizer.json's, for writing the training set. */
export function tokenIds(text: string, vocabulary: ReadonlyMap<string, number>): number[] {
  const words = text.toLowerCase().split(/[^\p{L}\p{N}]+/u);
  return words.filter((word) => word !== "").map((word) => vocabulary.get(word) ?? 1);
}

/**
 * tokenizer.json: lower case, everything but letters and digits is space, one token for a word.
 * WordPiece without continuation pieces is a word list, and every tokenizer library reads it.
 */
export function tokenizerFiles(): { tokenizer: object; config: object } {
  const special = [PAD, UNKNOWN].map((content, id) => ({
    id,
    content,
    single_word: false,
    lstrip: false,
    rstrip: false,
    normalized: false,
    special: true,
  }));
  return {
    tokenizer: {
      version: "1.0",
      truncation: null,
      padding: null,
      added_tokens: special,
      normalizer: {
        type: "Sequence",
        normalizers: [
          { type: "NFC" },
          { type: "Lowercase" },
          { type: "Replace", pattern: { Regex: "['’]s(?![a-z])" }, content: "" },
          { type: "Replace", pattern: { Regex: "[^\\p{L}\\p{N}]+" }, content: " " },
        ],
      },
      pre_tokenizer: { type: "WhitespaceSplit" },
      post_processor: null,
      decoder: null,
      model: {
        type: "WordPiece",
        unk_token: UNKNOWN,
        continuing_subword_prefix: "##",
        max_input_chars_per_word: 60,
        vocab: Object.fromEntries(createVocabulary()),
      },
    },
    config: {
      tokenizer_class: "PreTrainedTokenizerFast",
      model_max_length: MAX_TOKENS,
      pad_token: PAD,
      unk_token: UNKNOWN,
    },
  };
}
