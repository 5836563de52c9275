import type { Random } from "../../../src/drivers/sketch/random.ts";
import type { SimilarityFloor } from "../../../src/ports/index.ts";

/** A query and what has to hold of a frame for the query to describe it. */
export interface KnownQuery {
  embedding: Float32Array;
  needs: readonly number[];
  contentWords: number;
}

export interface KnownFrame {
  embedding: Float32Array;
  facts: ReadonlySet<number>;
}

export const indexSizes = [10, 100, 1000, 10_000] as const;
/** How many indexes of each size a query is tried on; all frames together make one of the largest. */
const draws: Readonly<Record<number, number>> = { 10: 30, 100: 15, 1000: 4, 10000: 1 };

/** Cosine similarities of one query: with the frames it describes, and with all others. */
export interface Similarities {
  contentWords: number;
  fitting: readonly number[];
  others: Float32Array;
}

export function compare(query: KnownQuery, frames: readonly KnownFrame[]): Similarities {
  const fitting: number[] = [];
  const others: number[] = [];
  for (const frame of frames) {
    let product = 0;
    for (let at = 0; at < query.embedding.length; at++)
      product += (query.embedding[at] ?? 0) * (frame.embedding[at] ?? 0);
    const fits = query.needs.every((fact) => frame.facts.has(fact));
    (fits ? fitting : others).push(product);
  }
  return { contentWords: query.contentWords, fitting, others: Float32Array.from(others) };
}

/** The best similarity in random indexes of `size` frames that the query describes none of. */
export function bestOfOthers({ others }: Similarities, size: number, random: Random): number[] {
  if (size >= others.length) return [others.reduce((best, each) => Math.max(best, each), -1)];
  return Array.from({ length: draws[size] ?? 10 }, () => {
    let best = -1;
    for (let left = size; left > 0; left--)
      best = Math.max(best, others[random.whole(0, others.length - 1)] ?? -1);
    return best;
  });
}

/** The floors that let `falsePositiveRate` of the queries through that describe nothing there. */
export function floorsFor(
  list: readonly Similarities[],
  falsePositiveRate: number,
  random: Random,
): SimilarityFloor {
  const floors = ["1", "2", "3"].map((words) => {
    const mine = list.filter((each) => wordsKey(each.contentWords) === words);
    const bySize = indexSizes.map((size) => {
      const best = mine.flatMap((each) => bestOfOthers(each, size, random)).sort((a, b) => a - b);
      const at = Math.min(best.length - 1, Math.ceil(best.length * (1 - falsePositiveRate)));
      return [String(size), Math.round((best[at] ?? 1) * 1e4) / 1e4] as const;
    });
    return [words, Object.fromEntries(bySize)] as const;
  });
  return { falsePositiveRate, floors: Object.fromEntries(floors) };
}

export function wordsKey(contentWords: number): string {
  return String(Math.min(3, Math.max(1, contentWords)));
}
