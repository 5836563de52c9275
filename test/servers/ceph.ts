import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { freePort } from "./free-port.ts";

export interface CephServer {
  endpoint: string;
  accessKeyId: string;
  secretAccessKey: string;
  /** Ends every process of the server and removes its folder. */
  close(): Promise<void>;
}

/** The Debian packages that a machine needs to run the S3 tests. */
export const CEPH_PACKAGES = "radosgw ceph-mon ceph-osd ceph-common";

/** About 14 s on two cores, more while other tests run. */
export const CEPH_START_TIMEOUT_MS = 90_000;

export function cephIsInstalled(): boolean {
  const programs = ["radosgw", "radosgw-admin", "ceph-mon", "ceph-osd", "ceph", "monmaptool"];
  return spawnSync("which", programs, { stdio: "ignore" }).status === 0;
}

/**
 * Starts an S3 server that really checks signatures, on free loopback ports. The first request
 * to a new pool takes about 2 s. The server also ends when this process dies without `close`:
 * the script watches the pipe that this process holds (see ceph-up.sh).
 */
export async function startCeph(): Promise<CephServer> {
  const s3Port = await freePort();
  const monPort = await freePort();
  const accessKeyId = `test${randomBytes(8).toString("hex")}`;
  const secretAccessKey = randomBytes(20).toString("hex");
  const script = fileURLToPath(new URL("./ceph-up.sh", import.meta.url));
  const child = spawn("bash", [script, String(s3Port), String(monPort)], {
    // Its own process group: Ctrl-C reaches it through the pipe, and `close` can end all of it.
    detached: true,
    stdio: ["pipe", "pipe", "pipe"],
    env: { ...process.env, S3_ACCESS_KEY: accessKeyId, S3_SECRET_KEY: secretAccessKey },
  });
  try {
    await untilReady(child);
  } catch (thrown) {
    await end(child);
    throw thrown;
  }
  const endpoint = `http://127.0.0.1:${s3Port}`;
  return { endpoint, accessKeyId, secretAccessKey, close: () => end(child) };
}

async function untilReady(child: ChildProcess): Promise<void> {
  let said = "";
  child.stderr?.on("data", (chunk) => {
    said += String(chunk);
  });
  const ready = new Promise<void>((resolve, reject) => {
    child.stdout?.on("data", (chunk) => {
      if (String(chunk).includes("ready")) resolve();
    });
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`Ceph did not start (exit ${code}). ${said}`)));
  });
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`Ceph was not ready within ${CEPH_START_TIMEOUT_MS} ms. ${said}`)),
      CEPH_START_TIMEOUT_MS,
    );
  });
  await Promise.race([ready, late]).finally(() => clearTimeout(timer));
}

async function end(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, "exit");
  child.stdin?.end();
  child.kill("SIGTERM");
  const group = child.pid;
  const timer = setTimeout(() => process.kill(-group, "SIGKILL"), 10_000);
  await exited;
  clearTimeout(timer);
}
