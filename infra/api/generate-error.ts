import { type AtelierError, type ErrorCode, type ErrorKind, personMessage } from "#core";

/** The status and the name under which callers of the generation service know a failure. */
export interface GenerateError {
  status: 400 | 403 | 404 | 422 | 429 | 500 | 502 | 504;
  error: string;
}

const byCode = {
  InvalidImage: { status: 400, error: "InvalidImage" },
  InvalidVideo: { status: 400, error: "InvalidRequest" },
  ModelNotFound: { status: 404, error: "ModelNotFound" },
  AccessDenied: { status: 403, error: "AccessDenied" },
  NoSuchBucket: { status: 404, error: "NoSuchBucket" },
  NoSuchKey: { status: 404, error: "NoSuchKey" },
  Timeout: { status: 504, error: "Timeout" },
} as const satisfies Record<ErrorCode, GenerateError>;

const byKind = {
  invalid_input: { status: 400, error: "InvalidRequest" },
  refused: { status: 422, error: "ContentFiltered" },
  not_found: { status: 404, error: "NoSuchKey" },
  not_allowed: { status: 403, error: "AccessDenied" },
  rate_limited: { status: 429, error: "TooManyRequests" },
  unavailable: { status: 502, error: "UpstreamError" },
  misconfigured: { status: 500, error: "InternalError" },
  internal: { status: 500, error: "InternalError" },
} as const satisfies Record<ErrorKind, GenerateError>;

/** The table of docs/contracts.md section 1. */
export function generateError({ kind, code }: AtelierError): GenerateError {
  return code === undefined ? byKind[kind] : byCode[code];
}

/** The operator needs the cause of these; the others say all in their message to the caller. */
const operatorsKinds: ReadonlySet<ErrorKind> = new Set([
  "rate_limited",
  "unavailable",
  "misconfigured",
  "internal",
]);

export function isOperatorsMatter({ kind }: AtelierError): boolean {
  return operatorsKinds.has(kind);
}

/**
 * What the caller reads. Callers are programs and those who run them, so a misconfiguration
 * that has a name of its own is told as it is; all else of ours stays without detail.
 */
export function generateMessage(error: AtelierError, reference: string): string {
  return error.kind === "misconfigured" && error.code !== undefined
    ? error.message
    : personMessage(error, reference);
}
