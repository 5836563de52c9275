import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterAll, inject } from "vitest";
import { type AtelierClient, createAtelierClient } from "./atelier-client.ts";

const SERVER = fileURLToPath(new URL("../../infra/server.ts", import.meta.url));
const TSX = createRequire(import.meta.url).resolve("tsx");
/** Some seconds on a busy machine: the page is bundled at the start. */
export const START_TIMEOUT_MS = 60_000;

type LogLine = Readonly<Record<string, unknown>>;

interface StartOptions {
  environment?: Readonly<Record<string, string>>;
  /** Absent: a new folder, which is removed at the end. */
  dataDir?: string;
  /** As `npm start` starts it, through tsx, and not from the tests' bundle. */
  isFromSources?: boolean;
}

export interface AtelierProcess extends AtelierClient {
  dataDir: string;
  pid: number;
  /** What it has logged so far. */
  logs(): readonly LogLine[];
  /** All that it wrote so far, as text. */
  output(): string;
  /** SIGTERM; says how it ended and how long that took. */
  stop(): Promise<{ code: number | null; ms: number }>;
  /** SIGKILL, as a crash would end it. */
  kill(): Promise<void>;
}

export interface AtelierProcesses {
  newFolder(): Promise<string>;
  /** Starts the real process and resolves when it is ready. */
  start(options?: StartOptions): Promise<AtelierProcess>;
  /** Starts what must not start; resolves with how it ended and what it said. */
  startInVain(options?: StartOptions): Promise<{ code: number | null; output: string }>;
}

/** To call once in a suite: whatever it starts is ended, and its folders removed, after the suite. */
export function atelierProcesses(): AtelierProcesses {
  const folders: string[] = [];
  const children = new Set<{ kill(): Promise<void> }>();

  afterAll(async () => {
    await Promise.all([...children].map((child) => child.kill()));
    await Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true })));
  });

  async function newFolder(): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), "atelier-e2e-"));
    folders.push(folder);
    return folder;
  }

  async function launch({ environment = {}, dataDir, isFromSources = false }: StartOptions) {
    const home = await newFolder();
    const folder = dataDir ?? (await newFolder());
    const program = isFromSources ? ["--import", TSX, SERVER] : [inject("bundledServer")];
    const child = spawn(process.execPath, program, {
      // Not the repository: a developer's .env must not reach the tests.
      cwd: home,
      env: {
        // Node itself, and ffmpeg.
        PATH: [dirname(process.execPath), process.env.PATH ?? ""].join(delimiter),
        HOME: home,
        DATA_DIR: folder,
        PORT: "0",
        ...environment,
      },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const endWithUs = () => child.kill("SIGKILL");
    process.once("exit", endWithUs);
    const exited = once(child, "exit").then(() => process.off("exit", endWithUs));
    // "close" comes after the last output.
    const closed = once(child, "close");
    const lines: LogLine[] = [];
    const written: string[] = [];
    const ready = new Promise<string>((resolve) => {
      createInterface({ input: child.stdout }).on("line", (line) => {
        written.push(line);
        const parsed = parseLine(line);
        lines.push(parsed);
        if (String(parsed.msg).startsWith("Atelier is ready")) resolve(String(parsed.url));
      });
    });
    child.stderr.on("data", (chunk) => written.push(String(chunk)));
    const handle = {
      child,
      folder,
      exited,
      closed,
      lines,
      ready,
      output: () => written.join("\n"),
      async kill() {
        child.kill("SIGKILL");
        await exited;
        children.delete(handle);
      },
    };
    children.add(handle);
    return handle;
  }

  return {
    newFolder,

    async start(options = {}) {
      const { child, folder, exited, closed, lines, ready, output, kill } = await launch(options);
      const url = await Promise.race([ready, closed.then(() => null), late()]);
      if (url === null) throw new Error(`Atelier did not start:\n${output()}`);
      return {
        ...createAtelierClient(url),
        dataDir: folder,
        pid: child.pid ?? 0,
        logs: () => lines,
        output,
        kill,
        async stop() {
          const startedMs = performance.now();
          child.kill("SIGTERM");
          await exited;
          return { code: child.exitCode, ms: performance.now() - startedMs };
        },
      };
    },

    async startInVain(options = {}) {
      const { child, closed, ready, output, kill } = await launch(options);
      await Promise.race([closed, ready, late()]);
      if (child.exitCode === null) {
        await kill();
        throw new Error(`Atelier started, or hangs:\n${output()}`);
      }
      return { code: child.exitCode, output: output() };
    },
  };
}

function parseLine(line: string): LogLine {
  try {
    return JSON.parse(line);
  } catch {
    return { msg: line };
  }
}

function late(): Promise<null> {
  return new Promise((resolve) => {
    setTimeout(resolve, START_TIMEOUT_MS, null).unref();
  });
}
