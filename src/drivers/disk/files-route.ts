import { contentDisposition } from "../../ports/index.ts";
import { parseByteRange } from "./byte-range.ts";
import type { DiskBlobStore, SignedRead } from "./disk-blob-store.ts";

/** What came from people may be anything: browsers must not guess at it, run it or let it load more. */
const safetyHeaders = {
  "X-Content-Type-Options": "nosniff",
  "Content-Security-Policy": "default-src 'none'; sandbox",
} as const;

/**
 * Answers GET and HEAD of `/files/*`: the other end of the links that the disk store signs. Takes
 * single byte ranges, `If-None-Match` and `If-Range`. Rejects with an AtelierError when the disk
 * fails; the server's own error handling logs it and answers.
 */
export function createFilesRoute(
  store: Pick<DiskBlobStore, "readSigned">,
): (request: Request) => Promise<Response> {
  return async (request) => {
    if (request.method !== "GET" && request.method !== "HEAD") {
      const refusal = fail(request, 405, "InvalidRequest", "Links to files can only be read.");
      refusal.headers.set("Allow", "GET, HEAD");
      return refusal;
    }
    const { pathname, searchParams } = new URL(request.url);
    const read = await store.readSigned(pathname, searchParams);
    switch (read.outcome) {
      case "invalid":
        return fail(request, 403, "AccessDenied", "This link is not valid.");
      case "expired":
        return fail(
          request,
          403,
          "AccessDenied",
          "This link has expired. Ask for a new one with the New link button.",
        );
      case "gone":
        return fail(request, 404, "NoSuchKey", "This file is no longer stored.");
      case "found":
        return send(request, read);
    }
  };
}

async function send(
  request: Request,
  { key, object, downloadName, secondsLeft }: Extract<SignedRead, { outcome: "found" }>,
): Promise<Response> {
  const { sizeBytes, mediaType, etag } = object;
  const headers = new Headers({
    ...safetyHeaders,
    "Content-Type": mediaType,
    "Content-Disposition":
      downloadName === null
        ? contentDisposition("inline", key.slice(key.lastIndexOf("/") + 1))
        : contentDisposition("attachment", downloadName),
    // Never longer than the link itself: a cache must not outlive what was allowed.
    "Cache-Control": `private, max-age=${secondsLeft}`,
    ETag: etag,
    "Accept-Ranges": "bytes",
  });
  if (matches(request.headers.get("If-None-Match"), etag)) {
    await object.close();
    return new Response(null, { status: 304, headers });
  }
  const range = rangeOf(request, sizeBytes, etag);
  if (range === "unsatisfiable") {
    await object.close();
    const refusal = fail(request, 416, "InvalidRequest", `This file has ${sizeBytes} bytes.`);
    refusal.headers.set("Content-Range", `bytes */${sizeBytes}`);
    return refusal;
  }
  const lengthBytes = range === null ? sizeBytes : range.end - range.start + 1;
  headers.set("Content-Length", String(lengthBytes));
  if (range !== null)
    headers.set("Content-Range", `bytes ${range.start}-${range.end}/${sizeBytes}`);
  const status = range === null ? 200 : 206;
  if (request.method === "HEAD" || lengthBytes === 0) {
    await object.close();
    return new Response(null, { status, headers });
  }
  return new Response(object.stream(range ?? undefined), { status, headers });
}

/** The range to send, or null for the whole object. Only GET has ranges (RFC 9110 section 14.2). */
function rangeOf(request: Request, sizeBytes: number, etag: string) {
  const header = request.headers.get("Range");
  if (header === null || request.method !== "GET") return null;
  const ifRange = request.headers.get("If-Range");
  // The object was replaced since the first part was read: the parts would not fit together.
  if (ifRange !== null && ifRange !== etag) return null;
  return parseByteRange(header, sizeBytes);
}

function matches(ifNoneMatch: string | null, etag: string): boolean {
  if (ifNoneMatch === null) return false;
  const tags = ifNoneMatch.split(",").map((tag) => tag.trim().replace(/^W\//, ""));
  return tags.includes("*") || tags.includes(etag);
}

function fail(request: Request, status: number, error: string, message: string): Response {
  const body = request.method === "HEAD" ? null : JSON.stringify({ error, message });
  return new Response(body, {
    status,
    headers: { ...safetyHeaders, "Content-Type": "application/json", "Cache-Control": "no-store" },
  });
}
