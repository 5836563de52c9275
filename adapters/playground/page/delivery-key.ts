/** A new idempotency key. `crypto.randomUUID` would do, but is missing on pages without HTTPS. */
export function newDeliveryKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
