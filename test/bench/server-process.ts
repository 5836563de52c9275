import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

export interface ServerProcess {
  url: string;
  /** From the start of the process to the page's first byte. */
  firstAnswerMs: number;
  /** Resident memory now, of the process and of those it started. */
  memoryBytes(): Promise<number>;
  stop(): Promise<void>;
}

/** Starts Atelier as `npm start` does, on a free port, and waits until it answers. */
export async function startServerProcess(
  environment: Readonly<Record<string, string>>,
): Promise<ServerProcess> {
  const startedMs = performance.now();
  const entry = fileURLToPath(new URL("../../infra/server.ts", import.meta.url));
  const child = spawn(process.execPath, ["--no-warnings", "--import", "tsx", entry], {
    env: { PATH: process.env.PATH, HOME: process.env.HOME, PORT: "0", ...environment },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const killWithUs = () => child.kill("SIGKILL");
  process.once("exit", killWithUs);
  const url = await readyUrl(child);
  await (await fetch(url)).arrayBuffer();
  return {
    url,
    firstAnswerMs: performance.now() - startedMs,
    memoryBytes: () => memoryOfTree(child.pid ?? 0),
    async stop() {
      process.off("exit", killWithUs);
      const exited = once(child, "exit");
      child.kill("SIGTERM");
      await exited;
    },
  };
}

/** The address in the line of the log that says that the process is ready. */
function readyUrl(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = "";
    child.stdout?.on("data", (chunk) => {
      text += chunk;
      const found = /"url":"([^"]+)"/.exec(text)?.[1];
      if (found !== undefined) resolve(found);
    });
    child.once("exit", (code) => reject(new Error(`Atelier ended with ${code}. ${text}`)));
  });
}

/** As Linux counts it in /proc; NaN elsewhere. */
async function memoryOfTree(root: number): Promise<number> {
  const parents = new Map<number, number>();
  const sizes = new Map<number, number>();
  const ids = (await readdir("/proc").catch(() => [])).filter((name) => /^\d+$/.test(name));
  for (const id of ids) {
    // A process may end between the listing and the reading.
    const status = await readFile(`/proc/${id}/status`, "utf8").catch(() => "");
    parents.set(Number(id), Number(/^PPid:\s+(\d+)/m.exec(status)?.[1]));
    sizes.set(Number(id), Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? 0) * 1024);
  }
  const isInTree = (id: number | undefined): boolean =>
    id !== undefined && (id === root || isInTree(parents.get(id)));
  const sum = [...sizes].reduce((total, [id, size]) => total + (isInTree(id) ? size : 0), 0);
  return sum === 0 ? Number.NaN : sum;
}
