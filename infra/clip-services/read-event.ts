import type { z } from "zod";
import { AtelierError } from "#core";

/**
 * Reads an event, which may be an object or JSON as text; rejects with `invalid_input` that names
 * every bad field. `example` shows what a good one looks like.
 */
export function readEvent<S extends z.ZodType>(
  event: unknown,
  schema: S,
  example: string,
): z.output<S> {
  const parsed = schema.safeParse(parseEvent(event));
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) =>
    path.length === 0 ? `Send an object such as ${example}` : `${path.join(".")} ${message}`,
  );
  throw new AtelierError("invalid_input", `${[...new Set(problems)].join("; ")}.`, {
    cause: parsed.error,
  });
}

/** The event's content, where it is JSON as text; rejects with `invalid_input` what is none. */
export function parseEvent(event: unknown): unknown {
  if (typeof event !== "string") return event;
  try {
    return JSON.parse(event);
  } catch (cause) {
    throw new AtelierError("invalid_input", "The event is not valid JSON.", { cause });
  }
}
