import { closestWord } from "../command/closest-word.ts";
import { AtelierError } from "../errors.ts";
import type { EmbeddingModel } from "../ports/index.ts";

/** English words that may stand in any query and carry nothing, for models that list none. */
const ENGLISH_STOP_WORDS = new Set(
  `a an the of in on at with and or is are was were be there this that these those it its some any
  by from for to into near as we i me our my his her their can do show find picture pictures image
  photo frame scene moment shot video something`.split(/\s+/u),
);
const EXAMPLES = 5;
/** Every word so short has others near it. */
const SHORT_WORD = 3;

/** The text's words in lower case, without punctuation and a possessive’s ending. */
export function wordsOf(text: string): string[] {
  return text
    .normalize("NFC")
    .toLowerCase()
    .replace(/['’]s\b/gu, "")
    .split(/[^\p{L}\p{M}\p{N}]+/u)
    .filter((word) => word !== "");
}

/** How many of the text's words carry meaning, as far as that is known. */
export function countContentWords(text: string, { vocabulary }: EmbeddingModel): number {
  const content = vocabulary === null ? null : new Set(vocabulary.contentWords);
  return wordsOf(text).filter((word) => content?.has(word) ?? !ENGLISH_STOP_WORDS.has(word)).length;
}

/**
 * Rejects with `invalid_input` a text with a word that the model does not know, where what it knows
 * can be listed: it would answer with noise.
 */
export function assertKnownWords(
  text: string,
  { vocabulary, title }: EmbeddingModel,
  { option, isForeign }: { option: string; isForeign: boolean },
): void {
  if (vocabulary === null) return;
  const content = new Set(vocabulary.contentWords);
  const stop = new Set(vocabulary.stopWords);
  const words = [...new Set(wordsOf(text))];
  const unknown = words.filter((word) => !content.has(word) && !stop.has(word));
  const knows = `The ${lowerFirst(title)} knows ${knownWords(vocabulary.knows)}`;
  if (unknown.length > 0) {
    const quoted = unknown.map((word) => `“${word}”`).join(", ");
    const near = unknown
      .filter((word) => word.length > SHORT_WORD)
      .flatMap((word) => closestWord(word, vocabulary.contentWords) ?? []);
    const meant = near.length === 0 ? "" : ` Did you mean ${near.map(quote).join(", ")}?`;
    const hint = isForeign ? " Ask in English." : meant;
    const message = `${knows}; it does not know ${quoted}.${hint}`;
    throw new AtelierError("invalid_input", message, { option });
  }
  if (!words.some((word) => content.has(word))) {
    const message = `${knows}. Say which of these is to be seen.`;
    throw new AtelierError("invalid_input", message, { option });
  }
}

/** `40 things (cat, dog, horse, …), 4 times (morning, day, evening, night)`. */
function knownWords(knows: Readonly<Record<string, readonly string[]>>): string {
  const groups = Object.entries(knows).map(([group, words]) => {
    const more = words.length > EXAMPLES ? ", …" : "";
    return `${words.length} ${group} (${words.slice(0, EXAMPLES).join(", ")}${more})`;
  });
  return groups.join(", ");
}

function quote(word: string): string {
  return `“${word}”`;
}

function lowerFirst(text: string): string {
  // A name such as CLIP or SigLIP keeps its letters.
  return /^\p{Lu}\p{Ll}/u.test(text) && !/^\p{L}+\p{Lu}/u.test(text)
    ? text.charAt(0).toLowerCase() + text.slice(1)
    : text;
}
