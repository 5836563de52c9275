import { AtelierError } from "../errors.ts";

export interface BoundedResponse {
  status: number;
  headers: Headers;
  bytes: Uint8Array;
}

/**
 * One request that neither follows a redirect, nor takes longer than `timeoutMs` in all, nor
 * reads more than `maxBytes`: rejects with `invalid_input` past that, and as fetch does otherwise.
 */
export async function fetchBounded(
  url: string,
  init: Pick<RequestInit, "method" | "headers" | "body">,
  { timeoutMs, maxBytes }: { timeoutMs: number; maxBytes: number },
): Promise<BoundedResponse> {
  const response = await fetch(url, {
    ...init,
    redirect: "manual",
    signal: AbortSignal.timeout(timeoutMs),
  });
  const { status, headers, body } = response;
  if (Number(headers.get("content-length") ?? 0) > maxBytes) {
    await body?.cancel();
    throw tooLarge(maxBytes);
  }
  const chunks: Uint8Array[] = [];
  let size = 0;
  // Leaving the loop by a throw cancels the rest of the body.
  for await (const chunk of body ?? []) {
    size += chunk.byteLength;
    if (size > maxBytes) throw tooLarge(maxBytes);
    chunks.push(chunk);
  }
  return { status, headers, bytes: new Uint8Array(Buffer.concat(chunks)) };
}

function tooLarge(maxBytes: number): AtelierError {
  const message = `That file is over ${Math.floor(maxBytes / 1_000_000)} MB, the most I take. Send a smaller one.`;
  return new AtelierError("invalid_input", message);
}
