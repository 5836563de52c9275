const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** How long ago in few words; beyond a week the date. */
export function relativeTime(atMs: number, nowMs: number): string {
  const agoMs = Math.max(0, nowMs - atMs);
  if (agoMs < 45_000) return "just now";
  if (agoMs < HOUR_MS) return `${Math.max(1, Math.round(agoMs / MINUTE_MS))} min ago`;
  if (agoMs < DAY_MS) return `${Math.round(agoMs / HOUR_MS)} h ago`;
  if (agoMs < 2 * DAY_MS) return "yesterday";
  if (agoMs < 7 * DAY_MS) return `${Math.floor(agoMs / DAY_MS)} days ago`;
  return new Date(atMs).toLocaleDateString(undefined, { dateStyle: "medium" });
}

export function fullTime(atMs: number): string {
  return new Date(atMs).toLocaleString(undefined, { dateStyle: "full", timeStyle: "medium" });
}
