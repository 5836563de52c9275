import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { serve } from "@hono/node-server";
import { createDiskBlobStore, type DiskBlobStore } from "../../src/drivers/disk/disk-blob-store.ts";
import { createFilesRoute } from "../../src/drivers/disk/files-route.ts";
import { createShiftableClock } from "../fixtures/shiftable-clock.ts";

export interface FilesServer {
  store: DiskBlobStore;
  /** The store's folder, for tests that look behind the store. */
  root: string;
  port: number;
  clock: ReturnType<typeof createShiftableClock>;
  close(): Promise<void>;
}

/** A disk store in a new folder, with its links served over HTTP on loopback. */
export async function startFilesServer(): Promise<FilesServer> {
  const folder = await mkdtemp(join(tmpdir(), "atelier-files-"));
  const root = join(folder, "store");
  const clock = createShiftableClock();
  let port = 0;
  const store = createDiskBlobStore({
    root,
    signingKey: randomBytes(32),
    baseUrl: () => `http://127.0.0.1:${port}`,
    clock,
  });
  const server = serve({ fetch: createFilesRoute(store), port: 0, hostname: "127.0.0.1" });
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  port = address.port;
  return {
    store,
    root,
    port,
    clock,
    async close() {
      if ("closeAllConnections" in server) server.closeAllConnections();
      await once(server.close(), "close");
      await rm(folder, { recursive: true });
    },
  };
}
