import { cut, lengthInSlack } from "./literal-text.ts";

/** Hands out the characters that all blocks of one message have together, first come, first served. */
export function createTextBudget(charactersMax: number) {
  let left = charactersMax;
  return {
    /** As much of the text as there is room for; may be empty. */
    take(text: string, max = Number.POSITIVE_INFINITY): string {
      const taken = cut(text, Math.min(max, left));
      left -= lengthInSlack(taken);
      return taken;
    },
    /** Takes it whole or not at all; says which. */
    takeWhole(...texts: readonly string[]): boolean {
      const needed = texts.reduce((sum, text) => sum + lengthInSlack(text), 0);
      if (needed > left) return false;
      left -= needed;
      return true;
    },
  };
}

export type TextBudget = ReturnType<typeof createTextBudget>;
