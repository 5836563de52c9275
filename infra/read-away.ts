/** A little over the largest body that is taken: who sends much more may lose the connection. */
const READ_AWAY_MAX_BYTES = 40_000_000;

/**
 * Reads and drops what is left of a body that was answered without being read, such as one that
 * is too large. A sender that still writes when the connection ends would not see the answer,
 * and its next request on that connection would be lost.
 */
export async function readAway({ headers, body }: Request): Promise<void> {
  const declaredBytes = Number(headers.get("Content-Length") ?? Number.NaN);
  if (body === null || body.locked || !(declaredBytes <= READ_AWAY_MAX_BYTES)) return;
  await body.pipeTo(new WritableStream()).catch(() => {
    // The sender left: nobody is there to be told.
  });
}
