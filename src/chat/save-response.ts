import { createWriteStream } from "node:fs";
import { rm } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { AtelierError } from "../errors.ts";

/** A connection over which nothing comes any more for so long is given up. */
const IDLE_MS = 30_000;

export interface SaveLimits {
  /** Where the bytes go: a new file, which is gone again when this rejects. */
  path: string;
  maxBytes: number;
  signal: AbortSignal;
}

/**
 * One request that does not follow redirects, whose answer, where its status is 200 and `isWanted`
 * says so, goes to a file piece by piece. Rejects with `invalid_input` above `maxBytes`, and as
 * fetch does otherwise, also when nothing comes for half a minute.
 */
export async function saveResponse(
  url: string,
  init: Pick<RequestInit, "headers">,
  { path, maxBytes, signal }: SaveLimits,
  isWanted: (headers: Headers) => boolean = () => true,
): Promise<{ status: number; headers: Headers; isSaved: boolean }> {
  const idle = new AbortController();
  const giveUp = () => idle.abort(new DOMException("Nothing comes any more.", "TimeoutError"));
  const timer = setTimeout(giveUp, IDLE_MS);
  try {
    const response = await fetch(url, {
      ...init,
      redirect: "manual",
      signal: AbortSignal.any([signal, idle.signal]),
    });
    const { status, headers, body } = response;
    if (status !== 200 || body === null || !isWanted(headers)) {
      await body?.cancel();
      return { status, headers, isSaved: false };
    }
    if (Number(headers.get("content-length") ?? 0) > maxBytes) {
      await body.cancel();
      throw tooLarge(maxBytes);
    }
    await saveStream(body, { path, maxBytes, signal }, () => timer.refresh());
    return { status, headers, isSaved: true };
  } finally {
    clearTimeout(timer);
  }
}

/** Writes a stream to a new file, never more than `maxBytes`; returns how many bytes it had. */
export async function saveStream(
  stream: AsyncIterable<Uint8Array>,
  { path, maxBytes, signal }: SaveLimits,
  onChunk: () => void = () => {},
): Promise<number> {
  let sizeBytes = 0;
  async function* bounded() {
    for await (const chunk of stream) {
      onChunk();
      sizeBytes += chunk.byteLength;
      if (sizeBytes > maxBytes) throw tooLarge(maxBytes);
      yield chunk;
    }
  }
  try {
    await pipeline(bounded, createWriteStream(path, { flags: "wx" }), { signal });
    return sizeBytes;
  } catch (thrown) {
    await rm(path, { force: true });
    throw signal.aborted ? signal.reason : thrown;
  }
}

function tooLarge(maxBytes: number): AtelierError {
  const most = Math.floor(maxBytes / 1_000_000).toLocaleString("en");
  return new AtelierError(
    "invalid_input",
    `That file is over ${most} MB, the most I take. Send a shorter or smaller one.`,
  );
}
