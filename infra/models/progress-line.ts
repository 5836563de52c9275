import type { PullProgress } from "./pull-model.ts";

const BAR = 24;

/** `onnx/vision_model.onnx  ██████░░░░  43 %  38 of 89 MB  2.1 MB/s  24 s left` */
function progressLine(
  { path, doneBytes, totalBytes }: PullProgress,
  bytesPerSecond: number,
): string {
  const share = totalBytes > 0 ? Math.min(1, doneBytes / totalBytes) : 1;
  const filled = Math.round(share * BAR);
  const bar = "█".repeat(filled) + "░".repeat(BAR - filled);
  const percent = `${Math.floor(share * 100)} %`.padStart(5);
  const parts = [path, bar, percent, `${inMegabytes(doneBytes)} of ${inMegabytes(totalBytes)} MB`];
  if (bytesPerSecond > 0 && share < 1) {
    parts.push(`${inMegabytes(bytesPerSecond)} MB/s`);
    parts.push(`${Math.ceil((totalBytes - doneBytes) / bytesPerSecond)} s left`);
  }
  return parts.join("  ");
}

/** Draws one line over and over on a terminal; elsewhere, such as in a log, a line for each file. */
export function createProgressPrinter(
  output: { isTTY?: boolean; write(text: string): unknown },
  now: () => number,
): (progress: PullProgress) => void {
  const repaintMs = 100;
  let path = "";
  let finished = "";
  let startMs = 0;
  let startBytes = 0;
  let paintedMs = 0;
  return (progress) => {
    if (progress.path === finished) return;
    const isDone = progress.doneBytes >= progress.totalBytes;
    if (progress.path !== path) {
      path = progress.path;
      startMs = now();
      startBytes = progress.doneBytes;
    } else if (!isDone && now() - paintedMs < repaintMs) {
      return;
    }
    paintedMs = now();
    const seconds = (now() - startMs) / 1000;
    const speed = seconds > 0 ? (progress.doneBytes - startBytes) / seconds : 0;
    const line = progressLine(progress, speed);
    if (output.isTTY === true) output.write(`\r\x1b[2K${line}${isDone ? "\n" : ""}`);
    else if (isDone) output.write(`${line}\n`);
    if (isDone) finished = path;
  };
}

function inMegabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(bytes < 10e6 ? 1 : 0);
}
