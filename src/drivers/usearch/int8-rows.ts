import { createRequire } from "node:module";
import type usearch from "usearch";
import { float16Value } from "../../ports/index.ts";

// As CommonJS: in a worker thread, the ES module of usearch 2.25 looks for its binary without end.
const { exactSearch, MetricKind }: typeof usearch = createRequire(import.meta.url)("usearch");

/** Some rows that follow each other in one block. */
export interface RowRange {
  block: number;
  start: number;
  end: number;
}

/** A row by block and place in it, and how near it is: the inner product of the int8 rows. */
export interface NearRow {
  block: number;
  row: number;
  nearness: number;
}

interface Block {
  rows: Int8Array;
  used: number;
}

/** 32 MB at 512 dimensions; the system lends the memory page by page as it is written. */
const BLOCK_ROWS = 65_536;
const SCRATCH_ROWS = 8_192;

/**
 * The embeddings of one space as int8 rows, in blocks with an ArrayBuffer each: usearch 2.25
 * reads from the start of a view's buffer wherever the view begins, and takes no shared memory.
 * What is removed is closed up at once, so that every block is dense.
 */
export function createInt8Rows({ dim, threads }: { dim: number; threads: number }) {
  const blocks: Block[] = [];
  const toInt8 = int8OfHalf(dim);
  const scratch = createScratch(dim);

  /** The first block with room. */
  function roomyBlock(): { index: number; block: Block } {
    const found = blocks.findIndex(({ used }) => used < BLOCK_ROWS);
    const index = found === -1 ? blocks.length : found;
    const block = blocks[index] ?? { rows: new Int8Array(BLOCK_ROWS * dim), used: 0 };
    blocks[index] = block;
    return { index, block };
  }

  /** The nearest of the first `used` rows; usearch takes no `count` above them. */
  function scan(rows: Int8Array, used: number, query: Int8Array, count: number) {
    const k = Math.min(count, used);
    const dense = rows.subarray(0, used * dim);
    const { keys, distances } = exactSearch(dense, query, dim, k, MetricKind.IP, threads);
    return Array.from(keys, (key, index) => ({
      at: Number(key),
      // The distance is one less the inner product, a whole number that float32 holds.
      nearness: 1 - (distances[index] ?? 1),
    }));
  }

  return {
    /** Appends rows given as half-precision bits; says where they are, in their order. */
    append(halves: Uint16Array): RowRange[] {
      const ranges: RowRange[] = [];
      for (let from = 0; from < halves.length; ) {
        const { index, block } = roomyBlock();
        const start = block.used;
        const rows = Math.min(halves.length / dim - from / dim, BLOCK_ROWS - start);
        for (let at = 0; at < rows * dim; at++) {
          block.rows[start * dim + at] = toInt8[halves[from + at] ?? 0] ?? 0;
        }
        block.used += rows;
        ranges.push({ block: index, start, end: block.used });
        from += rows * dim;
      }
      return ranges;
    },

    /** Takes the rows out; those behind them in the block move up by as many. */
    remove({ block: index, start, end }: RowRange): void {
      const block = blocks[index];
      if (block === undefined) return;
      block.rows.copyWithin(start * dim, end * dim, block.used * dim);
      block.used -= end - start;
      // An empty block gives its memory back; its number is used again.
      if (block.used === 0) block.rows = new Int8Array(BLOCK_ROWS * dim);
    },

    /** The `count` nearest rows of the ranges, or all of them, nearest first. No two ranges overlap. */
    nearest(embedding: Float32Array, ranges: readonly RowRange[], count: number): NearRow[] {
      const query = int8Of(embedding);
      const found: NearRow[] = [];
      const searchScratch = () => {
        if (scratch.used() === 0) return;
        for (const { at, nearness } of scan(scratch.rows, scratch.used(), query, count)) {
          found.push({ ...scratch.source(at), nearness });
        }
        scratch.clear();
      };
      const partsOf = blocks.map((): RowRange[] => []);
      for (const range of ranges) partsOf[range.block]?.push(range);
      for (const [index, block] of blocks.entries()) {
        const parts = partsOf[index] ?? [];
        const wanted = parts.reduce((sum, { start, end }) => sum + end - start, 0);
        if (wanted > 0 && wanted === block.used) {
          for (const { at, nearness } of scan(block.rows, block.used, query, count)) {
            found.push({ block: index, row: at, nearness });
          }
        } else {
          // Of a block that is searched in part, the rows are copied next to each other.
          for (const part of parts) {
            let { start } = part;
            while (start < part.end) {
              start += scratch.take(block.rows, { ...part, start });
              if (scratch.isFull()) searchScratch();
            }
          }
        }
      }
      searchScratch();
      return found.sort((a, b) => b.nearness - a.nearness).slice(0, count);
    },

    /** Bytes of the rows in use. */
    usedBytes: () => blocks.reduce((sum, { used }) => sum + used * dim, 0),
  };
}

/** Room to bring rows of several places together, which remembers where they come from. */
function createScratch(dim: number) {
  const rows = new Int8Array(SCRATCH_ROWS * dim);
  const sources = new Int32Array(2 * SCRATCH_ROWS);
  let used = 0;
  return {
    rows,
    used: () => used,
    isFull: () => used === SCRATCH_ROWS,
    clear() {
      used = 0;
    },
    /** Copies as many rows of the range as there is room for; says how many. */
    take(from: Int8Array, { block, start, end }: RowRange): number {
      const taken = Math.min(end - start, SCRATCH_ROWS - used);
      rows.set(from.subarray(start * dim, (start + taken) * dim), used * dim);
      for (let offset = 0; offset < taken; offset++) {
        sources.set([block, start + offset], 2 * (used + offset));
      }
      used += taken;
      return taken;
    },
    source: (at: number) => ({ block: sources[2 * at] ?? 0, row: sources[2 * at + 1] ?? 0 }),
  };
}

/**
 * The int8 of each half-precision number. All rows of a space have one scale, so that inner
 * products compare: ±127 stands for 12 times the mean size of a number in a row of norm 1, which
 * the outlying dimensions of CLIP's embeddings stay within; a rare larger one is cut off, and the
 * rescoring in half precision sees it whole.
 */
function int8OfHalf(dim: number): Int8Array {
  const largest = Math.min(1, 12 / Math.sqrt(dim));
  return Int8Array.from({ length: 65_536 }, (_, bits) => {
    const step = (float16Value(bits) * 127) / largest;
    return Number.isNaN(step) ? 0 : Math.max(-127, Math.min(127, Math.round(step)));
  });
}

/** The query on the finest scale it fits. */
function int8Of(embedding: Float32Array): Int8Array {
  const largest = embedding.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
  return Int8Array.from(embedding, (value) => Math.round((value * 127) / (largest || 1)));
}
