import type { EmbeddingModel } from "../ports/index.ts";
import { wordsOf } from "./query-words.ts";

/** Models that were trained on many languages say so in their names. */
const MULTILINGUAL = /siglip-?2|multilingual|xlm|nllb|m-?clip/iu;

/** Words that sentences of other languages hardly do without, and English ones do not have. */
const FOREIGN_WORDS = new Set(
  `ein eine einen einem einer der das und mit auf im am bei ist sind vor hinter über nicht
  un une le les des et avec dans sur est sous une devant derrière
  una el los las y con por para sobre está del
  uno il lo gli della nel nella sul di che
  um uma os com no na em do da
  een het van met op bij
  och på med en ett är
  jest i na z w pod`.split(/\s+/u),
);
const ENGLISH_WORDS = new Set("a an the of in on at with and is are by near".split(" "));

/** What people should know who ask in a language that the model was hardly trained on; else null. */
export function languageHint(text: string, model: EmbeddingModel): string | null {
  if (model.vocabulary !== null || MULTILINGUAL.test(model.name) || !looksForeign(text))
    return null;
  return `${model.title} was trained on English: other languages find less. Try the same in English.`;
}

/** Whether a text is probably in another language than English. */
export function looksForeign(text: string): boolean {
  const letters = text.match(/\p{L}/gu) ?? [];
  const others = letters.filter((letter) => !/\p{Script=Latin}/u.test(letter));
  if (others.length * 2 > letters.length) return true;
  const words = wordsOf(text);
  if (words.some((word) => ENGLISH_WORDS.has(word))) return false;
  return words.length > 1 && words.some((word) => FOREIGN_WORDS.has(word));
}
