import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { chmod, mkdir, rm, writeFile } from "node:fs/promises";
import type { Server } from "node:http";
import { ClassicLevel } from "classic-level";
import dynalite from "dynalite";
import { AtelierError } from "../../errors.ts";

/** How long `close` lets requests under way finish before it cuts them off. */
const CLOSE_GRACE_MS = 2_000;
const CLOSE_SWEEP_MS = 20;

export interface DynaliteServer {
  /** Where the SDK's DynamoDB client is to connect, on loopback. */
  readonly endpoint: string;
  /** What that client must sign with: new at every start, and any secret goes with it. */
  readonly accessKeyId: string;
  /**
   * Whether the folder is new or was closed in order. After a kill an item that was being
   * written may be missing from its indexes: dynalite writes the two one after the other.
   */
  readonly wasClosedInOrder: boolean;
  /** Lets requests under way finish, then closes the database; later calls wait for the first. */
  close(): Promise<void>;
}

/**
 * Starts dynalite (the DynamoDB protocol on LevelDB) in this process, with its data in the folder
 * `path`. One process at a time may have the folder open. Rejects with `misconfigured` when the
 * folder cannot be used. A write that was answered survives the end of the process. The folder
 * is this user's only, and so is the server: without `accessKeyId` everything is answered with 403.
 */
export async function startDynalite({ path }: { path: string }): Promise<DynaliteServer> {
  const isNew = !existsSync(path);
  await proveUsable(path);
  const server = dynalite({ path, createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 });
  outliveAbortedRequests(server);
  const accessKeyId = randomBytes(16).toString("hex");
  admitOnly(accessKeyId, server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") {
    throw new AtelierError("internal", "The embedded store listens on no port.");
  }
  const endpoint = `http://127.0.0.1:${address.port}`;
  await firstAnswer(endpoint, accessKeyId);
  const marker = `${path}.closed`;
  const wasClosedInOrder = isNew || (await takeAway(marker));
  let closing: Promise<void> | null = null;
  return {
    endpoint,
    accessKeyId,
    wasClosedInOrder,
    close() {
      closing ??= closeServer(server).then(() => writeFile(marker, ""));
      return closing;
    },
  };
}

/** Resolves when dynalite has opened the database, which it begins to do only now. */
async function firstAnswer(endpoint: string, accessKeyId: string): Promise<void> {
  const answer = await fetch(endpoint, {
    method: "POST",
    headers: {
      "content-type": "application/x-amz-json-1.0",
      "x-amz-target": "DynamoDB_20120810.DescribeTable",
      "x-amz-date": "20260101T000000Z",
      // dynalite looks at the form of a signature, not at its value.
      authorization: `AWS4-HMAC-SHA256 Credential=${accessKeyId}/none, SignedHeaders=host, Signature=none`,
    },
    body: JSON.stringify({ TableName: "no-such-table" }),
  });
  const text = await answer.text();
  if (!text.includes("ResourceNotFoundException")) {
    throw new AtelierError("internal", `The embedded store did not start: ${text}`);
  }
}

/** dynalite opens the folder unseen and then throws out of the first request, which nobody can catch. */
async function proveUsable(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true, mode: 0o700 });
    await chmod(path, 0o700);
    const database = new ClassicLevel(path);
    await database.open();
    await database.close();
  } catch (thrown) {
    const cause = thrown instanceof Error && thrown.cause instanceof Error ? thrown.cause : thrown;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new AtelierError(
      "misconfigured",
      `The embedded store in ${path} cannot be opened (${reason}). See that no other process uses it, that the folder can be written and the disk has room; if it is damaged, restore it or move it away.`,
      { cause: thrown },
    );
  }
}

/** dynalite rethrows a request's error (a client that went away) outside any call, which would end the process. */
function outliveAbortedRequests(server: Server): void {
  server.on("request", (request, response) => {
    request.removeAllListeners("error");
    request.on("error", () => response.destroy());
  });
}

/**
 * dynalite takes any signature and lets every web page read its answers, so whoever can reach
 * this machine's loopback, scripts of other sites among them, could read and write all state.
 */
function admitOnly(accessKeyId: string, server: Server): void {
  const handlers = server.listeners("request");
  server.removeAllListeners("request");
  server.on("request", (request, response) => {
    if (request.headers.authorization?.includes(`Credential=${accessKeyId}/`)) {
      for (const handle of handlers) handle.call(server, request, response);
    } else {
      response.writeHead(403).end();
    }
  });
}

/** dynalite's close waits for every connection, and clients keep theirs open: idle ones are closed as they fall idle. */
async function closeServer(server: Server): Promise<void> {
  const sweep = setInterval(() => server.closeIdleConnections(), CLOSE_SWEEP_MS);
  const cutOff = setTimeout(() => server.closeAllConnections(), CLOSE_GRACE_MS);
  try {
    await new Promise<void>((resolve, reject) => {
      server.close((error) => (error ? reject(error) : resolve()));
    });
  } finally {
    clearInterval(sweep);
    clearTimeout(cutOff);
  }
}

/** Whether the file was there; it is not any more. */
async function takeAway(path: string): Promise<boolean> {
  const wasThere = existsSync(path);
  await rm(path, { force: true });
  return wasThere;
}
