import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { createServer, type RequestListener, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { saveResponse } from "#core";

let folder = "";
let server: Server | null = null;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "save-response-"));
});
afterEach(async () => {
  server?.closeAllConnections();
  server?.close();
  await rm(folder, { recursive: true, force: true });
});

/** The address of a server that answers so. */
async function serve(answer: RequestListener): Promise<string> {
  const started = createServer(answer);
  server = started;
  await new Promise<void>((resolve) => started.listen(0, "127.0.0.1", resolve));
  const address = started.address();
  return `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`;
}

const limits = (maxBytes = 1_000, signal = AbortSignal.timeout(10_000)) => ({
  path: join(folder, "video"),
  maxBytes,
  signal,
});

describe("a file that is fetched to disk", () => {
  it("is there byte by byte", async () => {
    const url = await serve((_request, response) => response.end("0123456789"));
    expect(await saveResponse(url, {}, limits())).toMatchObject({ status: 200, isSaved: true });
    expect(await readFile(join(folder, "video"), "utf8")).toBe("0123456789");
  });

  it("that is too large is given up, whether the server says so before or not", async () => {
    for (const isDeclared of [true, false]) {
      const url = await serve((_request, response) => {
        if (isDeclared) response.setHeader("Content-Length", 100_000);
        response.write("x".repeat(5_000));
        setTimeout(() => response.end("x".repeat(95_000)), 20);
      });
      await expect(saveResponse(url, {}, limits())).rejects.toMatchObject({
        kind: "invalid_input",
        message: "That file is over 0 MB, the most I take. Send a shorter or smaller one.",
      });
      expect(await readdir(folder)).toEqual([]);
      server?.closeAllConnections();
      server?.close();
    }
  });

  it("is not written where the answer is none, is a page, or leads elsewhere", async () => {
    const url = await serve((request, response) => {
      if (request.url === "/gone") response.writeHead(404).end("gone");
      else if (request.url === "/moved") response.writeHead(302, { Location: "/" }).end();
      else response.writeHead(200, { "Content-Type": "text/html" }).end("<html>");
    });
    const isNoPage = (headers: Headers) => headers.get("content-type") !== "text/html";
    for (const [path, status] of [
      ["/gone", 404],
      ["/moved", 302],
      ["/", 200],
    ] as const) {
      const saved = await saveResponse(`${url}${path}`, {}, limits(), isNoPage);
      expect(saved).toMatchObject({ status, isSaved: false });
    }
    expect(await readdir(folder)).toEqual([]);
  });

  it("is given up, with nothing left, when nobody waits for it any more", async () => {
    const url = await serve((_request, response) => void response.write("begun"));
    const leaving = new AbortController();
    setTimeout(() => leaving.abort(new Error("cancelled")), 100);
    await expect(saveResponse(url, {}, limits(1_000, leaving.signal))).rejects.toThrow("cancelled");
    expect(await readdir(folder)).toEqual([]);
  });
});
