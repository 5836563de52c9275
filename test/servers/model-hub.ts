import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface ModelHub {
  endpoint: string;
  /** Every request, e.g. `GET cdn onnx/model.onnx bytes=100-`. */
  requests: string[];
  faults: HubFaults;
  close(): Promise<void>;
}

interface HubFaults {
  /** Each GET of a large file ends after so many bytes while there are entries left. */
  cutAfter: number[];
  /** One byte of each large file is another one. */
  isDamaged: boolean;
  /** The CDN sends everything, whatever was asked. */
  hasNoRanges: boolean;
  /** The CDN has only so much of each large file. */
  lengthBytes: number;
  /** Answers leave digests out, as some mirrors do. */
  hasNoDigests: boolean;
  /** The CDN answers this in place of the file while there are entries left. */
  statuses: number[];
  /** These files are gone. */
  missing: string[];
}

/**
 * Speaks the hub's protocol for downloads over two hosts (here: two ports): large files are
 * redirected to the CDN and described by `x-linked-etag` and `x-linked-size`; small ones are
 * redirected once within the hub and have git's blob digest as their etag.
 */
export async function startModelHub(
  repository: string,
  revision: string,
  files: ReadonlyMap<string, Uint8Array>,
): Promise<ModelHub> {
  const requests: string[] = [];
  const faults: HubFaults = {
    cutAfter: [],
    isDamaged: false,
    hasNoRanges: false,
    lengthBytes: Number.POSITIVE_INFINITY,
    hasNoDigests: false,
    statuses: [],
    missing: [],
  };
  const isLarge = (path: string) => path.endsWith(".onnx");

  const cdn = await listen((request, response) => {
    const path = (request.url ?? "").replace(/^\/cdn\//u, "").replace(/\?.*$/u, "");
    const { range } = request.headers;
    requests.push(`${request.method} cdn ${path} ${range ?? "all"}`);
    const status = faults.statuses.shift();
    if (status !== undefined) return void response.writeHead(status).end();
    const bytes = Buffer.from(files.get(path) ?? new Uint8Array()).subarray(0, faults.lengthBytes);
    if (faults.isDamaged) bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
    const start = faults.hasNoRanges ? 0 : Number(/^bytes=(\d+)-$/u.exec(range ?? "")?.[1] ?? 0);
    if (start >= bytes.length) return void response.writeHead(416).end();
    const body = bytes.subarray(start);
    response.writeHead(start > 0 ? 206 : 200, {
      "content-length": body.length,
      // A CDN's own etag says nothing about the content.
      etag: '"0123456789abcdef0123456789abcdef"',
    });
    const cut = faults.cutAfter.shift();
    if (cut === undefined) return void response.end(body);
    response.write(body.subarray(0, cut), () => setTimeout(() => response.destroy(), 20));
  });

  const hub = await listen((request, response) => {
    const url = request.url ?? "";
    const path = url.split(`/resolve/${revision}/`)[1] ?? url.split("/moved/")[1] ?? "";
    requests.push(`${request.method} hub ${path}`);
    const bytes = files.get(path);
    const isHere = url.startsWith(`/${repository}/resolve/`) || url.startsWith("/moved/");
    if (bytes === undefined || !isHere || faults.missing.includes(path)) {
      return void response.writeHead(404, { "x-error-code": "EntryNotFound" }).end();
    }
    const headers: Record<string, string | number> = { "x-repo-commit": revision };
    if (isLarge(path)) {
      const sha256 = createHash("sha256").update(bytes).digest("hex");
      headers.location = `${cdn.origin}/cdn/${path}?signature=abc`;
      headers["x-linked-size"] = bytes.length;
      if (!faults.hasNoDigests) headers["x-linked-etag"] = `"${sha256}"`;
      return void response.writeHead(302, headers).end();
    }
    if (!url.startsWith("/moved/")) {
      return void response.writeHead(307, { location: `/moved/${path}` }).end();
    }
    const blob = createHash("sha1").update(`blob ${bytes.length}\0`).update(bytes).digest("hex");
    headers["content-length"] = bytes.length;
    if (!faults.hasNoDigests) headers.etag = `"${blob}"`;
    response.writeHead(200, headers).end(request.method === "HEAD" ? undefined : bytes);
  });

  return {
    endpoint: hub.origin,
    requests,
    faults,
    async close() {
      await Promise.all([hub.close(), cdn.close()]);
    },
  };
}

async function listen(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<{ origin: string; close(): Promise<void> }> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
