import type { ErrorCode, ErrorKind } from "../../errors.ts";
import { AtelierError, asAtelierError } from "../../errors.ts";
import type { TextEmbedding } from "../../ports/index.ts";
import type { ClipModelFolder } from "./clip-model-folder.ts";

/** What a worker is started with. */
export interface WorkerTask {
  tower: "text" | "vision";
  folder: ClipModelFolder;
}

/** What a worker is asked. */
export type WorkerOrder =
  | { id: number; text: string }
  | { id: number; picture: Uint8Array }
  | { end: true };

/** What a worker says. */
export type WorkerReport =
  | { kind: "ready"; dim: number }
  | { kind: "unusable"; failure: Failure }
  | { kind: "done"; id: number; result: TextEmbedding }
  | { kind: "failed"; id: number; failure: Failure };

/** An AtelierError as plain data: threads cannot hand over classes. */
export interface Failure {
  kind: ErrorKind;
  message: string;
  code?: ErrorCode;
  cause?: string;
}

export function toFailure(thrown: unknown): Failure {
  const { kind, message, code, cause } = asAtelierError(thrown);
  return {
    kind,
    message,
    ...(code === undefined ? {} : { code }),
    ...(cause instanceof Error ? { cause: cause.message } : {}),
  };
}

export function fromFailure({ kind, message, code, cause }: Failure): AtelierError {
  return new AtelierError(kind, message, {
    ...(code === undefined ? {} : { code }),
    ...(cause === undefined ? {} : { cause: new Error(cause) }),
  });
}
