import { escapeWithin } from "./literal-text.ts";

/** Hands out the characters that all text displays of one message have together, first come, first served. */
export interface TextBudget {
  left(): number;
  /** As much of the text as there is room for, escaped; may be empty. */
  take(text: string, max?: number): string;
  /** Takes it whole, as it is, or not at all; says which. */
  takeWhole(text: string): boolean;
  /** What is made with at most so many of its characters. */
  spend(max: number, make: (share: TextBudget) => string): string;
}

export function createTextBudget(charactersMax: number): TextBudget {
  let left = charactersMax;

  function spent(text: string): string {
    left -= text.length;
    return text;
  }

  return {
    left: () => left,
    take: (text, max = Number.POSITIVE_INFINITY) => spent(escapeWithin(text, Math.min(max, left))),
    takeWhole(text) {
      if (text.length > left) return false;
      spent(text);
      return true;
    },
    spend: (max, make) => spent(make(createTextBudget(Math.min(max, left)))),
  };
}
