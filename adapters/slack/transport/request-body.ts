/** No body of Slack's comes near it: a message has at most 40,000 characters of text and 50 blocks. */
const BODY_MAX_BYTES = 1_048_576;

/** The bytes, `too large` as soon as that is known, or `late` when they did not come in time. */
export async function readBytes(
  request: Request,
  deadline: Promise<"late">,
): Promise<Uint8Array | "too large" | "late"> {
  const declaredBytes = request.headers.get("Content-Length");
  if (declaredBytes === null) return readPieces(request, deadline);
  if (!(Number(declaredBytes) <= BODY_MAX_BYTES)) return "too large";
  // The server lets no more through than was declared, and this takes far less than the pieces.
  const whole = request.arrayBuffer();
  const read = await Promise.race([whole, deadline]);
  if (read !== "late") return read.byteLength > BODY_MAX_BYTES ? "too large" : new Uint8Array(read);
  whole.catch(() => {
    // The sender left: nothing is left to read.
  });
  return "late";
}

/** A body of unknown size, which is left as soon as it is too large. */
async function readPieces(
  { body }: Request,
  deadline: Promise<"late">,
): Promise<Uint8Array | "too large" | "late"> {
  if (body === null) return new Uint8Array();
  const reader = body.getReader();
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  for (;;) {
    const step = await Promise.race([reader.read(), deadline]);
    if (step !== "late" && step.done) return Buffer.concat(chunks);
    if (step !== "late") sizeBytes += step.value.byteLength;
    if (step === "late" || sizeBytes > BODY_MAX_BYTES) {
      reader.cancel().catch(() => {
        // The sender left: nothing is left to read.
      });
      return step === "late" ? "late" : "too large";
    }
    chunks.push(step.value);
  }
}

/**
 * The object that Slack sent: JSON for events, a form with JSON in its `payload` for interactions,
 * a form for slash commands. Null for anything else.
 */
export function parseBody(bytes: Uint8Array, contentType: string): Record<string, unknown> | null {
  const mediaType = contentType.split(";")[0]?.trim().toLowerCase();
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    if (mediaType === "application/json") return objectOrNull(JSON.parse(text));
    if (mediaType !== "application/x-www-form-urlencoded") return null;
    const fields = new URLSearchParams(text);
    const payload = fields.get("payload");
    return payload === null ? Object.fromEntries(fields) : objectOrNull(JSON.parse(payload));
  } catch {
    return null;
  }
}

function objectOrNull(value: unknown): Record<string, unknown> | null {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : null;
}
