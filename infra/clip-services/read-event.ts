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
  const parsed = schema.safeParse(typeof event === "string" ? parseJson(event) : event);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) =>
    path.length === 0 ? `Send an object such as ${example}` : `${path.join(".")} ${message}`,
  );
  throw new AtelierError("invalid_input", `${[...new Set(problems)].join("; ")}.`, {
    cause: parsed.error,
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new AtelierError("invalid_input", "The event is not valid JSON.", { cause });
  }
}
