import type { Progress } from "../command/command.ts";

/** How far a running job is, for people: what it says itself, else what it does and its count. */
export function stepText(doing: string | undefined, progress: Progress | null): string {
  if (progress?.text !== undefined) return progress.text;
  const step =
    progress === null || progress.total <= 1 ? "" : ` ${progress.done} of ${progress.total}`;
  return `${doing ?? "Drawing"}…${step}`;
}
