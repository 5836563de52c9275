import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { Redis } from "ioredis";
import { freePort } from "./free-port.ts";

/** Whether Debian's `redis-server` is there; suites that need it say so in their name otherwise. */
export function redisIsInstalled(): boolean {
  return spawnSync("redis-server", ["--version"]).status === 0;
}

export type RedisServer = Awaited<ReturnType<typeof startRedis>>;

/** An empty Redis on a free port of loopback, in memory only. */
export async function startRedis() {
  const port = await freePort();
  let child = await launch(port);
  const admin = new Redis(port, "127.0.0.1", { maxRetriesPerRequest: null });
  admin.on("error", () => {});

  return {
    url: `redis://127.0.0.1:${port}`,
    flush: () => admin.flushall(),
    /** Ends the server as a crash would. */
    kill: () => stop(child, "SIGKILL"),
    /** Starts it again, empty, on the same port. */
    async restart(): Promise<void> {
      child = await launch(port);
    },
    async close(): Promise<void> {
      admin.disconnect();
      await stop(child, "SIGTERM");
    },
  };
}

async function launch(port: number): Promise<ChildProcess> {
  const settings = [
    "--port",
    String(port),
    "--bind",
    "127.0.0.1",
    "--save",
    "",
    "--appendonly",
    "no",
  ];
  const child = spawn("redis-server", settings, { stdio: "ignore" });
  // Also where a test file dies before it closes the server.
  const endWithUs = () => child.kill("SIGKILL");
  process.once("exit", endWithUs);
  child.once("exit", () => process.off("exit", endWithUs));
  for (let tries = 0; tries < 100; tries += 1) {
    const probe = new Redis(port, "127.0.0.1", { lazyConnect: true, retryStrategy: () => null });
    probe.on("error", () => {});
    const answer = await probe.ping().catch(() => null);
    probe.disconnect();
    if (answer === "PONG") return child;
    await sleep(50);
  }
  child.kill("SIGKILL");
  throw new Error("redis-server did not answer within 5 s.");
}

async function stop(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, "exit");
  child.kill(signal);
  await exited;
}
