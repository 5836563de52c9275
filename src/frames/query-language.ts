import type { EmbeddingModel } from "../ports/index.ts";
import { wordsOf } from "./query-words.ts";

/** Models that were trained on many languages say so in their names. */
const MULTILINGUAL = /siglip-?2|multilingual|xlm|nllb|m-?clip/iu;

/** Words of other languages that English does not have: small ones, and such as queries begin with. */
const FOREIGN_WORDS = wordSet(`
  ein eine einen einem einer eines das der und auf ist sind vor hinter über nicht
  rotes roter rotem blaues blauer schwarzes schwarzer weißes weißer grün grünes grüner nachts
  hund katze frau haus
  une dans avec devant derrière voiture bateau nuit bleue verte jaune homme chien maison
  una por sobre está rojo roja negra amarilla coche noche perro mujer hombre
  gli della nel nella rossa macchina notte uomo
  uma vermelho vermelha carro noite
  een het bij hond vrouw
  och på ett är röd natt`);
/** Words that English has too, in names at least (Los Angeles, film noir): one of them says nothing. */
const SHARED_WORDS = wordSet(`
  am im mit bei auto rot blau
  un le la les des et en sur sous est rouge bleu noir noire blanc femme
  el los las del con para verde blanca
  il lo un che di sul rosso
  um os com em na da
  op van met
  med jest w z`);
const ENGLISH_WORDS = wordSet("a an the of in on at with and is are by near no not i you do");

function wordSet(words: string): ReadonlySet<string> {
  return new Set(words.trim().split(/\s+/u));
}

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
  const words = [...new Set(wordsOf(text))];
  const countIn = (known: ReadonlySet<string>) => words.filter((word) => known.has(word)).length;
  const english = countIn(ENGLISH_WORDS);
  const foreign = countIn(FOREIGN_WORDS);
  return foreign > 0 ? foreign >= english : english === 0 && countIn(SHARED_WORDS) > 1;
}
