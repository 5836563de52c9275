/** Average change of brightness, 0 to 255, that can be a cut; less is movement in a picture. */
const CUT_MIN_CHANGE = 12;
/** How many times larger than what came before: a wild scene is no row of cuts. */
const CUT_RATIO = 3;
/** A dissolve: no step is large, but a second later nothing is where it was. */
const DISSOLVE_MIN_CHANGE = 32;
const DISSOLVE_MS = 1_000;

/** Counts the shots by grids of brightness, given in the order of time. */
export function createShotCounter() {
  let shot = 0;
  let before: Uint8Array | null = null;
  let usualChange = 0;
  let marked: { timeMs: number; grid: Uint8Array } | null = null;

  return {
    /** The shot that this moment belongs to, from 0. */
    next(timeMs: number, grid: Uint8Array): number {
      const change = before === null ? 0 : gridChange(before, grid);
      const isCut = change >= CUT_MIN_CHANGE && change >= CUT_RATIO * usualChange;
      usualChange = isCut ? 0 : usualChange + (change - usualChange) / 4;
      const isDissolved =
        marked !== null &&
        timeMs - marked.timeMs >= DISSOLVE_MS &&
        gridChange(marked.grid, grid) >= DISSOLVE_MIN_CHANGE;
      if (isCut || isDissolved) shot++;
      if (isCut || marked === null || timeMs - marked.timeMs >= DISSOLVE_MS) {
        marked = { timeMs, grid };
      }
      before = grid;
      return shot;
    },
  };
}

function gridChange(a: Uint8Array, b: Uint8Array): number {
  let sum = 0;
  for (let cell = 0; cell < a.length; cell++) sum += Math.abs((a[cell] ?? 0) - (b[cell] ?? 0));
  return sum / Math.max(1, a.length);
}
