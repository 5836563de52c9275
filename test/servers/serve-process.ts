import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { until } from "../fixtures/until.ts";

const ENTRY = fileURLToPath(new URL("../../infra/serve.ts", import.meta.url));
const TSX = createRequire(import.meta.url).resolve("tsx");
/** Some seconds on a busy machine. */
export const SERVE_START_TIMEOUT_MS = 60_000;

export interface ServeProcess {
  url: string;
  /** All that it wrote so far, as text. */
  output(): string;
  /** SIGTERM; says how it ended. */
  stop(): Promise<{ code: number | null; ms: number }>;
}

/**
 * Starts what `npm run serve` starts, on a free port of loopback. Resolves once it answers at
 * all, or once `GET /ping` says that the model can be used.
 */
export async function startServeProcess(
  environment: Readonly<Record<string, string>>,
  {
    isReady = true,
    command = ["--no-warnings", "--import", TSX, ENTRY],
  }: {
    isReady?: boolean;
    /** What Node is given instead: the image's entry, as it is started there. */
    command?: readonly string[];
  } = {},
): Promise<ServeProcess> {
  const home = await mkdtemp(join(tmpdir(), "atelier-serve-"));
  const child = spawn(process.execPath, command, {
    // Not the repository: a developer's .env must not reach the tests.
    cwd: home,
    env: {
      PATH: dirname(process.execPath),
      HOME: home,
      HOST: "127.0.0.1",
      PORT: "0",
      SM_ROOT: home,
      ...environment,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const endWithUs = () => child.kill("SIGKILL");
  process.once("exit", endWithUs);
  const exited = once(child, "exit").then(() => process.off("exit", endWithUs));
  const written: string[] = [];
  let url = "";
  createInterface({ input: child.stdout }).on("line", (line) => {
    written.push(line);
    url ||= /"url":"([^"]+)"/u.exec(line)?.[1] ?? "";
  });
  child.stderr.on("data", (chunk) => written.push(String(chunk)));

  async function stop() {
    const startedMs = performance.now();
    child.kill("SIGTERM");
    await exited;
    await rm(home, { recursive: true, force: true });
    return { code: child.exitCode, ms: performance.now() - startedMs };
  }

  const output = () => written.join("\n");
  const failed = exited.then(() => {
    throw new Error(`The server ended:\n${output()}`);
  });
  // After a stop in order nobody waits for it any more.
  failed.catch(() => {});
  const isUp = async () => {
    if (url === "") return false;
    return !isReady || (await fetch(`${url}/ping`)).status === 200;
  };
  try {
    await Promise.race([until(isUp, SERVE_START_TIMEOUT_MS), failed]);
  } catch (thrown) {
    await stop();
    throw thrown;
  }
  return { url, output, stop };
}
