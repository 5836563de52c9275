import { type AtelierError, asAtelierError } from "#core";
import { generateError, generateMessage } from "../api/generate-error.ts";

/** What the CLIP services return: an HTTP status, and a body of JSON as text. */
export interface ServiceAnswer {
  statusCode: number;
  body: string;
}

/** A failure that belongs to one item of a request. */
export interface ItemFailure {
  index: number;
  error: AtelierError;
}

export function answerWith(body: object): ServiceAnswer {
  return { statusCode: 200, body: JSON.stringify(body) };
}

/** A failure as docs/contracts.md section 1 names it. `reference` is the id under which it is logged. */
export function answerProblem(thrown: unknown, reference: string): ServiceAnswer {
  const error = asAtelierError(thrown);
  const { status, error: name } = generateError(error);
  const body = { error: name, message: generateMessage(error, reference) };
  return { statusCode: status, body: JSON.stringify(body) };
}

/** An item that cannot be read: always 400, with its place in the list. */
export function answerItemProblem({ index, error }: ItemFailure): ServiceAnswer {
  const body = { error: generateError(error).error, message: error.message, index };
  return { statusCode: 400, body: JSON.stringify(body) };
}

/** Whether the failure is the item's own, so that others may still succeed. */
export function isItemsOwn({ kind }: AtelierError): boolean {
  return kind === "invalid_input" || kind === "not_found" || kind === "not_allowed";
}
