import type { Embedder, FrameFilter, FrameIndex, SimilarityFloor } from "../ports/index.ts";
import { neutralQueries } from "./neutral-queries.ts";
import { countContentWords } from "./query-words.ts";

/** From which similarity on a frame may be what was asked for, and from which it surely is. */
export interface Floors {
  maybe: number;
  strong: number;
}

/** Keeps measured floors for other processes. */
export interface FloorStore {
  /** Those of that name; null where none are kept. */
  find(name: string): Promise<Floors | null>;
  keep(name: string, floors: Floors): Promise<void>;
}

/** What a floor is looked up for. */
export interface FloorRequest {
  embedder: Embedder;
  filter: FrameFilter;
}

/** Of 100 queries that nothing fits, so many may still seem to find something. */
const FALSE_POSITIVE_RATE = 0.05;
/** Standard deviations above the mean that 0.5 % of a normal distribution lie beyond. */
const STRONG_DEVIATIONS = 2.576;
/** So many frames of the library are searched for among its other videos. */
const SAMPLED_VIDEOS = 8;
const SAMPLED_FRAMES = 5;
const MEASURING_MAX_MS = 60_000;
/** With fewer top scores than these, their spread says nothing. */
const SCORES_MIN = 10;
/** Where a library is too small to measure how alike its videos are: near-duplicates. */
const SMALL_LIBRARY: Floors = { maybe: 0.85, strong: 0.95 };
/** The same picture again is alike however often the library holds it, so no floor is above these. */
const SAME_PICTURE: Floors = { maybe: 0.95, strong: 0.98 };

export type SimilarityFloors = ReturnType<typeof createSimilarityFloors>;

/**
 * The floors of queries. Those a model brings are measured on its own test set; without them they
 * are measured on the index itself: what the neutral queries score is what nothing scores.
 * Measured floors are remembered by space and by the power of two of the frames searched; with a
 * store, also for other processes: measuring takes some sixty searches.
 */
export function createSimilarityFloors({
  index,
  store,
}: {
  index: FrameIndex;
  store?: FloorStore;
}) {
  const measured = new Map<string, Promise<Floors>>();

  async function remembered(
    kind: "texts" | "pictures",
    { embedder, filter }: FloorRequest,
    measure: (signal: AbortSignal) => Promise<Floors>,
  ): Promise<Floors> {
    const { space } = embedder.model;
    const frames = await index.count({ space, filter });
    const key = `${kind} ${space} ${Math.round(Math.log2(frames + 1))}`;
    // Others may wait for the same measurement, so it does not end with its asker's signal.
    const found =
      measured.get(key) ?? kept(key, () => measure(AbortSignal.timeout(MEASURING_MAX_MS)));
    measured.set(key, found);
    // One that failed is made again.
    found.catch(() => measured.delete(key));
    return found;
  }

  async function kept(key: string, measure: () => Promise<Floors>): Promise<Floors> {
    const earlier = await store?.find(key);
    if (earlier != null) return earlier;
    const floors = await measure();
    // Who cannot find them measures again.
    await store?.keep(key, floors).catch(() => {});
    return floors;
  }

  async function measureTexts(
    { embedder, filter }: FloorRequest,
    signal: AbortSignal,
  ): Promise<Floors> {
    const { space } = embedder.model;
    const rows = await embedder.embedTexts(neutralQueries, { signal });
    const scores: number[] = [];
    for (const { embedding } of rows) {
      const [best] = await index.search(embedding, { space, topK: 1, filter, signal });
      if (best !== undefined) scores.push(best.score);
    }
    return floorsOf(scores);
  }

  /** How alike frames of different videos are: a picture of a library is no more alike by chance. */
  async function measurePictures(
    { embedder, filter }: FloorRequest,
    signal: AbortSignal,
  ): Promise<Floors> {
    const { space } = embedder.model;
    const scores: number[] = [];
    for (const videoId of spread(filter.videoIds, SAMPLED_VIDEOS)) {
      const segment = await index.get(videoId, space);
      const others = filter.videoIds.filter((id) => id !== videoId);
      if (segment === null || others.length === 0) continue;
      for (const row of spread([...segment.frames.keys()], SAMPLED_FRAMES)) {
        const embedding = segment.embeddings.slice(row * segment.dim, (row + 1) * segment.dim);
        const options = { space, topK: 1, filter: { videoIds: others }, signal };
        const [best] = await index.search(embedding, options);
        if (best !== undefined) scores.push(best.score);
      }
    }
    if (scores.length < SCORES_MIN) return SMALL_LIBRARY;
    const { maybe, strong } = floorsOf(scores);
    return {
      maybe: Math.min(maybe, SAME_PICTURE.maybe),
      strong: Math.min(strong, SAME_PICTURE.strong),
    };
  }

  return {
    async ofText(text: string, request: FloorRequest): Promise<Floors> {
      const { calibration, space } = request.embedder.model;
      if (calibration === null) {
        return remembered("texts", request, (signal) => measureTexts(request, signal));
      }
      const frames = await index.count({ space, filter: request.filter });
      const words = countContentWords(text, request.embedder.model);
      return {
        maybe: floorAt(calibration.maybe, words, frames),
        strong: floorAt(calibration.strong, words, frames),
      };
    },

    ofPicture: (request: FloorRequest): Promise<Floors> =>
      remembered("pictures", request, (signal) => measurePictures(request, signal)),
  };
}

/** The measured floor, between two sizes of the index in proportion to their logarithms. */
export function floorAt({ floors }: SimilarityFloor, words: number, frames: number): number {
  const lengths = Object.keys(floors).map(Number);
  const length = Math.min(Math.max(words, Math.min(...lengths)), Math.max(...lengths));
  const points = Object.entries(floors[String(length)] ?? {})
    .map(([size, floor]) => ({ size: Math.log(Number(size)), floor }))
    .sort((a, b) => a.size - b.size);
  const size = Math.log(Math.max(1, frames));
  const after = points.find((point) => point.size >= size);
  const before = points.findLast((point) => point.size <= size);
  if (before === undefined || after === undefined) {
    return (before ?? after)?.floor ?? Number.POSITIVE_INFINITY;
  }
  if (before === after) return before.floor;
  const share = (size - before.size) / (after.size - before.size);
  return before.floor + share * (after.floor - before.floor);
}

/** The floors that these best scores of queries without an answer stay below. */
function floorsOf(scores: readonly number[]): Floors {
  if (scores.length === 0) return { maybe: 0, strong: 0 };
  const sorted = [...scores].sort((a, b) => a - b);
  const at = Math.min(sorted.length - 1, Math.ceil(sorted.length * (1 - FALSE_POSITIVE_RATE)) - 1);
  const maybe = sorted[at] ?? 0;
  const mean = scores.reduce((sum, score) => sum + score, 0) / scores.length;
  const variance = scores.reduce((sum, score) => sum + (score - mean) ** 2, 0) / scores.length;
  // So few scores have no 0.5 % quantile; it is taken from their mean and spread.
  return { maybe, strong: Math.max(maybe, mean + STRONG_DEVIATIONS * Math.sqrt(variance)) };
}

/** At most `count` of the items, evenly spread. */
function spread<Item>(items: readonly Item[], count: number): Item[] {
  const step = Math.max(1, items.length / count);
  return items.filter((_, at) => Math.floor(at / step) !== Math.floor((at - 1) / step));
}
