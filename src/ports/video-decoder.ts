/** What the container says about a video. */
export interface VideoInfo {
  durationMs: number;
  /** Upright, as people see it. */
  widthPx: number;
  heightPx: number;
  codec: string;
}

/** A frame that may be worth keeping. */
export interface CandidateFrame {
  /** Exact presentation time, from 0. */
  timeMs: number;
  /** Counts the cuts before it. */
  shot: number;
  /** An 8 × 8 grid of brightness, 0 to 255, to see how alike two frames are. */
  luma: Uint8Array;
  /** The thumbnail: upright, sRGB, at most 640 px on its long side. */
  jpeg: Uint8Array;
}

/** Reads videos. Time and size limits are the driver's; whatever a file does, no call hangs. */
export interface VideoDecoder {
  /**
   * Looks at the file. Rejects with `invalid_input` (code `InvalidVideo`) and a sentence for what
   * is no video, has no picture track, or is above the limits.
   */
  probe(path: string, options: { signal: AbortSignal }): Promise<VideoInfo>;
  /**
   * The candidates in the order of time: one a second and one at every cut. Decodes once, keeps
   * pace with whoever reads, and stops when the reader stops. Rejects as `probe`; what was
   * yielded before a file turns out truncated stands. With `fromMs` it begins at that time, where
   * the shot counts as 0, and yields the frames that it would have yielded there anyway.
   */
  frames(
    path: string,
    options: { fromMs?: number; signal: AbortSignal },
  ): AsyncIterable<CandidateFrame>;
}
