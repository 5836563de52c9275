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
