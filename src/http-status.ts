import type { ErrorKind } from "./errors.ts";

const statuses = {
  invalid_input: 400,
  refused: 422,
  not_found: 404,
  not_allowed: 403,
  rate_limited: 429,
  unavailable: 503,
  misconfigured: 500,
  internal: 500,
} as const satisfies Record<ErrorKind, number>;

/** The HTTP status under which a failure is answered. */
export function httpStatus(kind: ErrorKind) {
  return statuses[kind];
}
