import { createRequire } from "node:module";
import type usearch from "usearch";
import type { FrameHit } from "../../src/ports/index.ts";
import { createSegmentFolder } from "../fixtures/segment-folder.ts";
import { median, percentile, timeMs } from "./measure.ts";
import { createSyntheticFrames, DIM } from "./synthetic-frames.ts";
import { ms, type Row, type Section } from "./table.ts";

const { exactSearch, MetricKind }: typeof usearch = createRequire(import.meta.url)("usearch");

const SIZES = [10_000, 100_000, 1_000_000] as const;
const QUERIES = 100;
/** The plain loop takes half a second for a million rows. */
const PLAIN_QUERIES = 5;
const TOP = 10;
/** Scores that differ by less are equal: no half-precision row tells them apart. */
const TIE = 1e-5;
const SPACE = "bench-512-p1";

/** Search of synthetic frames of 512 dimensions: how fast, how exact, how large; a plain loop beside it. */
export async function measureSearch(): Promise<Section> {
  const rows: Row[] = [];
  for (const size of SIZES) rows.push(...(await measureSize(size)));
  return { heading: "Search (int8 scan, rescored in half precision; synthetic frames)", rows };
}

async function measureSize(size: number): Promise<Row[]> {
  const folder = await createSegmentFolder();
  const index = folder.open();
  const signal = new AbortController().signal;
  try {
    const frames = createSyntheticFrames(size);
    const { rows, videoIds, rowOf } = await frames.writeSegments(size, SPACE, folder.pathOf);
    const search = (embedding: Float32Array, ids: readonly string[] = videoIds) =>
      index.search(embedding, { space: SPACE, topK: TOP, filter: { videoIds: ids }, signal });
    const openMs = await timeMs(() => search(frames.query()));
    const queries = Array.from({ length: QUERIES }, () => frames.query());

    const ownMs: number[] = [];
    const inVideoMs: number[] = [];
    const floatMs: number[] = [];
    const plainMs: number[] = [];
    let found = 0;
    for (const [at, query] of queries.entries()) {
      // In turn, so that whatever else the machine does meets all of them alike.
      let hits: FrameHit[] = [];
      ownMs.push(await timeMs(async () => (hits = await search(query))));
      const [video = ""] = videoIds.slice(at % videoIds.length);
      inVideoMs.push(await timeMs(() => search(query, [video])));
      let exact: number[] = [];
      floatMs.push(await timeMs(async () => (exact = floatSearch(rows, query))));
      if (at < PLAIN_QUERIES) plainMs.push(await timeMs(async () => plainSearch(rows, query)));
      const tenth = scoreOf(rows, exact.at(-1) ?? 0, query);
      found += hits.filter((hit) => scoreOf(rows, rowOf(hit), query) > tenth - TIE).length;
    }
    const { bytes } = await index.usage();
    const name = size.toLocaleString("en");
    const p50 = median(ownMs);
    return [
      {
        what: `${name} frames, p50 / p99`,
        value: `${ms(p50)} / ${ms(percentile(ownMs, 0.99))}`,
        beside: `plain JS loop ${ms(median(plainMs))}, usearch float32 ${ms(median(floatMs))}${
          size === 1_000_000 ? "; target: p50 at most 35 ms" : ""
        }`,
      },
      {
        what: `${name} frames, recall@${TOP}`,
        value: (found / (QUERIES * TOP)).toFixed(4),
        beside: "against exact float32, scores within 0.00001 being equal; target: 0.999",
      },
      {
        what: `${name} frames, within one of their videos, p50`,
        value: ms(median(inVideoMs)),
      },
      {
        what: `${name} frames, memory`,
        value: `${(bytes / size).toFixed(0)} bytes a frame`,
        beside: `read and made searchable in ${(openMs / 1_000).toFixed(1)} s`,
      },
    ];
  } finally {
    await index.close();
    await folder.close();
  }
}

/** What is exact: the nearest of the float32 rows. */
function floatSearch(rows: Float32Array, query: Float32Array): number[] {
  return Array.from(exactSearch(rows, query, DIM, TOP, MetricKind.IP, 0).keys, Number);
}

function scoreOf(rows: Float32Array, row: number, query: Float32Array): number {
  let score = 0;
  for (let at = 0; at < DIM; at++) score += (rows[row * DIM + at] ?? 0) * (query[at] ?? 0);
  return score;
}

/** The same in plain JavaScript. */
function plainSearch(rows: Float32Array, query: Float32Array): number[] {
  const best: { row: number; score: number }[] = [];
  for (let row = 0; row * DIM < rows.length; row++) {
    const score = scoreOf(rows, row, query);
    if (best.length === TOP && score <= (best.at(-1)?.score ?? 0)) continue;
    const place = best.findIndex((each) => each.score < score);
    best.splice(place === -1 ? best.length : place, 0, { row, score });
    best.length = Math.min(best.length, TOP);
  }
  return best.map(({ row }) => row);
}
