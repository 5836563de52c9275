import { spawn } from "node:child_process";
import type { Readable } from "node:stream";
import { missingProgram } from "./video-errors.ts";

const STDERR_MAX = 8_000;

export interface RunningProgram {
  stdout: Readable;
  /** The last lines that it said about errors. */
  said(): string;
  /** Its exit code; null when it was killed. Rejects with `misconfigured` when it is not installed. */
  exit: Promise<number | null>;
  kill(): void;
}

/** Starts a program without a shell and with nothing to read. */
export function runProgram(program: string, args: readonly string[]): RunningProgram {
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
    said = (said + chunk).slice(-STDERR_MAX);
  });
  const exit = new Promise<number | null>((resolve, reject) => {
    child.once("error", (cause) => reject(missingProgram(program, cause)));
    child.once("close", resolve);
  });
  // Whoever reads stdout learns of it by an early end, and awaits `exit` then.
  exit.catch(() => {});
  return {
    stdout: child.stdout,
    said: () => said.trim(),
    exit,
    // At once and for good: these programs keep nothing that would have to be put in order.
    kill: () => child.kill("SIGKILL"),
  };
}
