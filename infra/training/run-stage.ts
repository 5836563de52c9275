import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { AtelierError } from "#core";

export interface StageCommand {
  /** As the operator reads it. */
  name: string;
  program: string;
  args: readonly string[];
}

/** As a shell tells that SIGTERM ended a process. */
export const EXIT_STOPPED = 143;

/** Beyond the last lines nobody finds the cause faster. */
const LAST_LINES = 12;

/** What to do about the failures that come from the machine; all else is told by its last lines. */
const remedies: readonly (readonly [RegExp, string])[] = [
  [
    /No module named '?(torch|onnx|numpy)|env: .*No such file/u,
    "Python has no PyTorch here. Use the image's training target, or on Debian: apt-get install python3-torch python3-onnx libopenblas0-pthread.",
  ],
  [/spawn ffmpeg ENOENT/u, "There is no ffmpeg here. Install it, with libx264."],
  [/No space left on device|ENOSPC/u, "The disk is full. Raise VolumeSizeInGB, or lower scenes."],
];

/**
 * Runs one stage to its end and passes its lines on. When the signal aborts, the stage is sent
 * SIGTERM, and SIGKILL after `graceMs`. Rejects with the signal's reason when it ended because of
 * that, else with an AtelierError that says what to do or has the stage's last lines.
 */
export async function runStage(
  { name, program, args }: StageCommand,
  {
    signal,
    graceMs,
    print,
  }: { signal: AbortSignal; graceMs: number; print: (line: string) => void },
): Promise<void> {
  signal.throwIfAborted();
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"] });
  const last: string[] = [];
  const tell = (line: string) => {
    last.push(line);
    if (last.length > LAST_LINES) last.shift();
    print(line);
  };
  child.on("error", (error) => tell(error.message));
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on("line", tell);
  }
  let force: NodeJS.Timeout | undefined;
  const stop = () => {
    child.kill("SIGTERM");
    force = setTimeout(() => child.kill("SIGKILL"), graceMs);
  };
  signal.addEventListener("abort", stop, { once: true });
  const [code] = await once(child, "close").catch(() => [null]);
  signal.removeEventListener("abort", stop);
  clearTimeout(force);
  if (code === 0) return;
  // What ends otherwise while it is stopped has failed, such as to write its checkpoint.
  if (code === null || code === EXIT_STOPPED) signal.throwIfAborted();
  const text = last.join("\n");
  const [, remedy] = remedies.find(([pattern]) => pattern.test(text)) ?? [];
  const what =
    remedy ?? `The stage "${name}" ended with ${code ?? "a signal"}: ${last.at(-1) ?? ""}`;
  // What to do comes first: SageMaker shows the first 1,024 characters.
  throw new AtelierError("internal", `${what}\n\nThe last lines of "${name}":\n${text}`);
}
