import type { Random } from "../../../src/drivers/sketch/random.ts";

/**
 * How a sentence may be put. `training` is what the model learns from; `heldOut` shares its words
 * but none of its openings, orders and turns, and is used for nothing but measuring.
 */
export interface Wording {
  openings: readonly [string, ...string[]];
  /** T things, P place, M moment of the day, in the order of the sentence. */
  orders: readonly [string, ...string[]];
  /** The same for bare key words ("red car beach night"). */
  bareOrders: readonly [string, ...string[]];
  /** Written between the parts of a sentence. */
  breaks: readonly [string, ...string[]];
  /** Written between things. */
  joints: readonly [string, ...string[]];
  /** One thing in a colour: `c` the colour, `t` the thing, `ts` its plural. */
  coloured: readonly [string, ...string[]];
  plain: readonly [string, ...string[]];
}

export const training: Wording = {
  openings: [
    "",
    "",
    "",
    "",
    "a picture of",
    "show me",
    "there is",
    "a scene with",
    "find",
    "i see",
  ],
  orders: ["TPM", "TPM", "TMP", "PTM", "MPT"],
  bareOrders: ["TPM", "TMP", "MPT"],
  breaks: [" ", " ", " ", ", ", " and "],
  joints: [" and ", " and ", ", ", " with ", " next to ", " near "],
  coloured: ["a c t", "a c t", "the c t", "c t", "c ts", "a t that is c", "some c ts"],
  plain: ["a t", "a t", "the t", "t", "ts", "some ts"],
};

export const heldOut: Wording = {
  openings: [
    "can you find the moment with",
    "a video frame that shows",
    "looking for",
    "please give us the part where we see",
    "the shot of",
  ],
  orders: ["MTP", "PMT"],
  bareOrders: ["PTM", "PMT"],
  breaks: [" ", "; ", ". "],
  joints: [" beside ", " behind ", " as well as ", " / "],
  coloured: ["this c t", "one c coloured t", "c coloured ts", "a t which is c", "any c t"],
  plain: ["this t", "any t", "its t", "those ts"],
};

/** Writes a thing as `pattern` says, with the article that its first sound asks for. */
export function fill(pattern: string, words: { c: string; t: string; ts: string }): string {
  const text = pattern.replace(/\b(ts|t|c)\b/gu, (slot) => words[slot as keyof typeof words]);
  return text.replace(/\ba (?=[aeiou])/gu, "an ");
}

/** Puts one or two words that carry nothing between the words of a sentence. */
export function pad(text: string, fillers: readonly string[], random: Random): string {
  const words = text.split(" ");
  for (let left = random.whole(1, 2); left > 0; left--) {
    const filler = fillers[random.whole(0, fillers.length - 1)] ?? "the";
    words.splice(random.whole(0, words.length), 0, filler);
  }
  return words.join(" ");
}
