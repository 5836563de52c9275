import { AtelierError } from "../../errors.ts";

/** The JSON of a model's reply; throws `unreadableReply` where it is none, or above `maxBytes`. */
export function parseReply(bytes: Uint8Array, { maxBytes }: { maxBytes: number }): unknown {
  if (bytes.byteLength > maxBytes) throw unreadableReply("it is too large");
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch (cause) {
    throw unreadableReply("it is not JSON", cause);
  }
}

/** The model answered, and so charged, but there is no picture to be had from it: one more try. */
export function unreadableReply(
  why: string,
  cause: unknown = new Error(`The reply was not usable: ${why}.`),
): AtelierError {
  return new AtelierError(
    "unavailable",
    "The image model could not finish this picture. Try again in a minute.",
    { cause, retryAtMostOnce: true },
  );
}
