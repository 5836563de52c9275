export interface ExtendableDeadline {
  readonly signal: AbortSignal;
  /** The signal aborts so long from now, in the place of what was said before. */
  allow(ms: number): void;
  clear(): void;
}

/** As `AbortSignal.timeout`, for work whose size is known only after it has begun. */
export function createExtendableDeadline(ms: number): ExtendableDeadline {
  const stop = new AbortController();
  const end = () => stop.abort(new DOMException("The time is up.", "TimeoutError"));
  let timer = setTimeout(end, ms);
  return {
    signal: stop.signal,
    allow(moreMs) {
      clearTimeout(timer);
      timer = setTimeout(end, moreMs);
    },
    clear: () => clearTimeout(timer),
  };
}
