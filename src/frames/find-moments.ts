import { AtelierError } from "../errors.ts";
import type { Embedder, FrameFilter, FrameHit, FrameIndex } from "../ports/index.ts";
import type { Floors, SimilarityFloors } from "./floors.ts";
import { languageHint, looksForeign } from "./query-language.ts";
import { assertKnownWords } from "./query-words.ts";
import type { Video } from "./video.ts";

/** What is looked for: words, a picture, or what a frame of an indexed video looks like. */
export type MomentQuery =
  | { text: string }
  | { picture: Uint8Array }
  | { frame: { videoId: string; timeMs: number } };

export interface MomentSearch {
  query: MomentQuery;
  /** What is not to be seen. */
  not?: string;
  /** Where to look; where it is one video, as many of its moments as fit are found. */
  videos: readonly Pick<Video, "id" | "space">[];
  fromMs?: number;
  toMs?: number;
  /** Moments on a page. */
  count: number;
}

/** The best frame of a shot. */
interface Moment extends FrameHit {
  /** How sure it is; null for what is only the closest there is. */
  certainty: "strong" | "maybe" | null;
}

export interface FoundMoments {
  /** Best first. */
  moments: readonly Moment[];
  /** Something fits; else the moments are only the closest. */
  isClear: boolean;
  hasMore: boolean;
  /** What people should know about this answer. */
  notices: readonly string[];
}

export interface MomentServices {
  embedder: Embedder;
  index: FrameIndex;
  floors: SimilarityFloors;
  /**
   * The embedder of another space that videos are indexed in; null where there is none. Rejects
   * with `unavailable` where it is the model here that is the earlier one by now.
   */
  earlierEmbedder?: (
    space: string,
    options: { signal: AbortSignal },
  ) => Embedder | null | Promise<Embedder | null>;
}

/** A moment and how far above its floor it is, which compares across spaces. */
interface Ranked extends Moment {
  margin: number;
}

interface Part {
  embedder: Embedder;
  filter: FrameFilter;
  signal: AbortSignal;
}

/** Of a library, so many moments of one video at most. */
const MOMENTS_OF_VIDEO = 2;
const HITS_MIN = 100;
const HITS_OF_MOMENT = 8;
/** Beyond these, moments are no longer looked for. */
const HITS_MAX = 12_800;
const AVOIDED_HITS = 1_000;
/** Of fewer frames than these, none can stand out. */
const AVOIDED_MIN = 10;

/**
 * The moments that fit best: the best frame of each shot, at most two of each video. Where some
 * reach the floor, only those; else the closest. Rejects with `invalid_input` when the model does
 * not know a word, with `not_found` when the frame to look like is gone.
 */
export async function findMoments(
  search: MomentSearch,
  services: MomentServices,
  { page, signal }: { page: number; signal: AbortSignal },
): Promise<FoundMoments> {
  const { query, not, videos, fromMs, toMs, count } = search;
  const { model } = services.embedder;
  const check = (text: string, option: string) =>
    assertKnownWords(text, model, { option, isForeign: looksForeign(text) });
  if ("text" in query) check(query.text, "text");
  if (not !== undefined) check(not, "not");
  const notices = new Set<string>();
  const hint = "text" in query ? languageHint(query.text, model) : null;
  if (hint !== null) notices.add(hint);

  const needed = (page + 1) * count + 1;
  const parts: Ranked[][] = [];
  let waiting = 0;
  for (const [space, members] of bySpace(videos)) {
    const embedder =
      space === model.space
        ? services.embedder
        : await services.earlierEmbedder?.(space, { signal });
    if (embedder == null) {
      waiting += members.length;
      continue;
    }
    const filter = {
      videoIds: members.map(({ id }) => id),
      ...(fromMs !== undefined && { fromMs }),
      ...(toMs !== undefined && { toMs }),
    };
    const part = { embedder, filter, signal };
    const limit = videos.length === 1 ? Number.POSITIVE_INFINITY : MOMENTS_OF_VIDEO;
    const found = await searchPart(search, part, services, { needed, limit, notices });
    if (found === null) waiting += members.length;
    else parts.push(found);
  }
  if ("frame" in query && parts.length === 0) {
    throw new AtelierError("not_found", "That moment is not indexed any more. Search again.");
  }
  if (waiting > 0) notices.add(waitingNotice(waiting));
  const ranked = parts.flat().sort((a, b) => b.margin - a.margin);
  const clear = ranked.filter(({ certainty }) => certainty !== null);
  const isClear = clear.length > 0;
  // Like a frame there is always something; how alike it is, each moment says.
  const shown = isClear && !("frame" in query) ? clear : ranked;
  return {
    moments: shown.slice(page * count, (page + 1) * count).map(({ margin: _, ...rest }) => rest),
    isClear,
    hasMore: shown.length > (page + 1) * count,
    notices: [...notices],
  };
}

/** The best moments of the videos of one space; null when the frame to look like is of another. */
async function searchPart(
  { query, not }: MomentSearch,
  part: Part,
  services: MomentServices,
  { needed, limit, notices }: { needed: number; limit: number; notices: Set<string> },
): Promise<Ranked[] | null> {
  const { embedder, filter, signal } = part;
  const { index } = services;
  const { space } = embedder.model;
  const embedding = await embeddingOf(query, part, services, notices);
  if (embedding === null) return null;
  const floors =
    "text" in query
      ? await services.floors.ofText(query.text, part)
      : await services.floors.ofPicture(part);
  const avoided = not === undefined ? null : await avoidedFrames(not, part, services, notices);
  for (let topK = Math.max(HITS_MIN, HITS_OF_MOMENT * needed); ; topK *= 4) {
    const hits = await index.search(embedding, { space, topK, filter, signal });
    const own = "frame" in query ? hits.find((hit) => isFrame(hit, query.frame)) : undefined;
    const wanted = hits.filter((hit) => {
      // Other frames of its shot would only repeat the frame to look like.
      const isOwn = own !== undefined && hit.videoId === own.videoId && hit.shot === own.shot;
      return !isOwn && avoided?.get(frameName(hit))?.(hit.score) !== true;
    });
    const moments = momentsOf(wanted, floors, limit);
    if (moments.length >= needed || hits.length < topK || topK >= HITS_MAX) return moments;
  }
}

/** What is looked for, in the space of the part; null when the frame to look like is not in it. */
async function embeddingOf(
  query: MomentQuery,
  { embedder, signal }: Part,
  { index }: MomentServices,
  notices: Set<string>,
): Promise<Float32Array | null> {
  if ("text" in query) return embeddingOfText(query.text, embedder, signal, notices);
  if ("picture" in query) {
    const [row] = await embedder.embedPictures([query.picture], { signal });
    return row ?? null;
  }
  const { videoId, timeMs } = query.frame;
  const segment = await index.get(videoId, embedder.model.space);
  const row = segment?.frames.findIndex((frame) => frame.timeMs === timeMs) ?? -1;
  if (segment === null || row === -1) return null;
  return segment.embeddings.slice(row * segment.dim, (row + 1) * segment.dim);
}

async function embeddingOfText(
  text: string,
  embedder: Embedder,
  signal: AbortSignal,
  notices: Set<string>,
): Promise<Float32Array | null> {
  const [row] = await embedder.embedTexts([text], { signal });
  if (row?.isTruncated === true) {
    notices.add("The text is longer than the model reads: only its beginning was looked for.");
  }
  return row?.embedding ?? null;
}

/**
 * The frames that show what is to be avoided, each with a test of the score that it has for what
 * is looked for: those that reach the floor of what is to be avoided, those well above the rest of
 * the library in it, and those that are nearer to it than to what is looked for. Rather too many
 * than too few: who says what is not to be seen minds one that shows it more than one missing.
 */
async function avoidedFrames(
  not: string,
  part: Part,
  { index, floors }: MomentServices,
  notices: Set<string>,
): Promise<Map<string, (score: number) => boolean>> {
  const { embedder, filter, signal } = part;
  const embedding = await embeddingOfText(not, embedder, signal, notices);
  const { maybe } = await floors.ofText(not, part);
  const { space } = embedder.model;
  for (let topK = AVOIDED_HITS; embedding !== null; topK *= 4) {
    const hits = await index.search(embedding, { space, topK, filter, signal });
    const isWhole = hits.length < topK;
    const from = Math.min(maybe, outstanding(hits, isWhole));
    if (!isWhole && (hits.at(-1)?.score ?? 0) >= from && topK < HITS_MAX) continue;
    return new Map(
      hits.map((hit) => [frameName(hit), (score) => hit.score >= from || hit.score > score]),
    );
  }
  return new Map();
}

/** The score from which a hit stands out of the library: halfway from the usual to the best. */
function outstanding(hits: readonly FrameHit[], isWhole: boolean): number {
  const best = hits[0]?.score ?? 0;
  const usual = (isWhole ? hits[hits.length >> 1] : hits.at(-1))?.score ?? 0;
  return hits.length < AVOIDED_MIN ? Number.POSITIVE_INFINITY : (usual + best) / 2;
}

/** The best frame of each shot, at most `limit` of each video; hits come best first. */
function momentsOf(hits: readonly FrameHit[], { maybe, strong }: Floors, limit: number): Ranked[] {
  const shots = new Set<string>();
  const ofVideo = new Map<string, number>();
  const moments: Ranked[] = [];
  for (const hit of hits) {
    const shot = `${hit.videoId} ${hit.shot}`;
    const found = ofVideo.get(hit.videoId) ?? 0;
    if (shots.has(shot) || found >= limit) continue;
    shots.add(shot);
    ofVideo.set(hit.videoId, found + 1);
    const certainty = hit.score >= strong ? "strong" : hit.score >= maybe ? "maybe" : null;
    moments.push({ ...hit, certainty, margin: (hit.score - maybe) / (strong - maybe || 1) });
  }
  return moments;
}

function isFrame(hit: FrameHit, { videoId, timeMs }: { videoId: string; timeMs: number }): boolean {
  return hit.videoId === videoId && hit.timeMs === timeMs;
}

function bySpace(videos: MomentSearch["videos"]): Map<string, MomentSearch["videos"]> {
  const spaces = new Map<string, Pick<Video, "id" | "space">[]>();
  for (const video of videos) spaces.set(video.space, [...(spaces.get(video.space) ?? []), video]);
  return spaces;
}

function frameName({ videoId, timeMs }: FrameHit): string {
  return `${videoId} ${timeMs}`;
}

function waitingNotice(videos: number): string {
  return videos === 1
    ? "One video is being indexed anew for another model and is not searched yet."
    : `${videos} videos are being indexed anew for another model and are not searched yet.`;
}
