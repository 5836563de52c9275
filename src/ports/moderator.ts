/** What somebody wants drawn, in words and, where it begins with one, as a picture. */
export interface ModeratedRequest {
  text: string;
  picture?: { bytes: Uint8Array; mediaType: "image/png" | "image/jpeg" | "image/webp" };
}

/** Judges what people ask for before anything is spent on it. */
export interface Moderator {
  /**
   * Resolves when it may be drawn. Rejects with `refused` when it may not, and with
   * `rate_limited`, `unavailable` or `misconfigured` when that could not be judged: nothing is
   * drawn unjudged.
   */
  check(request: ModeratedRequest, options: { signal: AbortSignal }): Promise<void>;
}
