/** All indexed frames of one video in one space. */
export interface FrameSegment {
  videoId: string;
  /** Of the model whose embeddings these are. */
  space: string;
  dim: number;
  /** Presentation times in milliseconds, ascending, each once; and the shot each belongs to, from 0. */
  frames: readonly { timeMs: number; shot: number }[];
  /** `frames.length` rows of `dim` numbers, each of L2 norm 1. */
  embeddings: Float32Array;
}

/** What a search looks through. */
export interface FrameFilter {
  videoIds: readonly string[];
  /** Both ends count in. */
  fromMs?: number;
  toMs?: number;
}

export interface FrameHit {
  videoId: string;
  timeMs: number;
  shot: number;
  /** Cosine similarity, -1 to 1. */
  score: number;
}

/** Finds the frames whose embeddings are nearest to one. */
export interface FrameIndex {
  /** Makes the segment searchable, whole or not at all, in the place of an earlier one of that video and space. */
  put(segment: FrameSegment): Promise<void>;
  /** The segment, or null when it is absent. */
  get(videoId: string, space: string): Promise<FrameSegment | null>;
  /** Removes the video from that space, or from every one; removing what is not there is no error. */
  delete(videoId: string, space?: string): Promise<void>;
  /** The nearest frames, best first; empty when nothing passes the filter. Unknown videos count as empty. */
  search(
    embedding: Float32Array,
    options: { space: string; topK: number; filter: FrameFilter; signal: AbortSignal },
  ): Promise<FrameHit[]>;
  /** How many frames pass the filter; an index that cannot tell exactly says about how many. */
  count(options: { space: string; filter: FrameFilter }): Promise<number>;
  close(): Promise<void>;
}
