/**
 * A request's bytes, `too large` as soon as that is known, or `late` when they did not all come
 * before the deadline.
 */
export async function readBoundedBody(
  request: Request,
  { maxBytes, deadline }: { maxBytes: number; deadline: Promise<"late"> },
): Promise<Uint8Array | "too large" | "late"> {
  const declaredBytes = request.headers.get("Content-Length");
  if (declaredBytes === null) return readPieces(request, { maxBytes, deadline });
  if (!(Number(declaredBytes) <= maxBytes)) return "too large";
  // The server lets no more through than was declared, and this takes far less than the pieces.
  const whole = request.arrayBuffer();
  const read = await Promise.race([whole, deadline]);
  if (read !== "late") return read.byteLength > maxBytes ? "too large" : new Uint8Array(read);
  whole.catch(() => {
    // The sender left: nothing is left to read.
  });
  return "late";
}

/** A body of unknown size, which is left as soon as it is too large. */
async function readPieces(
  { body }: Request,
  { maxBytes, deadline }: { maxBytes: number; deadline: Promise<"late"> },
): Promise<Uint8Array | "too large" | "late"> {
  if (body === null) return new Uint8Array();
  const reader = body.getReader();
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  for (;;) {
    const step = await Promise.race([reader.read(), deadline]);
    if (step !== "late" && step.done) return Buffer.concat(chunks);
    if (step !== "late") sizeBytes += step.value.byteLength;
    if (step === "late" || sizeBytes > maxBytes) {
      reader.cancel().catch(() => {
        // The sender left: nothing is left to read.
      });
      return step === "late" ? "late" : "too large";
    }
    chunks.push(step.value);
  }
}
