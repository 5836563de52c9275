/** The value below which `share` (0 to 1) of the values lie; NaN of none. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const index = Math.min(sorted.length - 1, Math.floor(sorted.length * share));
  return sorted[index] ?? Number.NaN;
}

export const median = (values: readonly number[]) => percentile(values, 0.5);

/** How long `work` takes, in milliseconds. */
export async function timeMs(work: () => Promise<unknown>): Promise<number> {
  const startMs = performance.now();
  await work();
  return performance.now() - startMs;
}

/**
 * Runs the works in turn, A B C A B C …, so that whatever else the machine does meets all of
 * them alike. Returns the milliseconds of each run, one list for each work; the first
 * `warmUpRounds` are not counted.
 */
export async function interleave<Name extends string>(
  works: Readonly<Record<Name, (round: number) => Promise<unknown>>>,
  { rounds, warmUpRounds }: { rounds: number; warmUpRounds: number },
): Promise<Record<Name, number[]>> {
  const names = Object.keys(works) as Name[];
  const times = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<
    Name,
    number[]
  >;
  for (let round = 0; round < warmUpRounds + rounds; round++) {
    for (const name of names) {
      const ms = await timeMs(() => works[name](round));
      if (round >= warmUpRounds) times[name].push(ms);
    }
  }
  return times;
}
