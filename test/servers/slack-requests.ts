import type { IncomingMessage, ServerResponse } from "node:http";
import { type JsonRecord, parseJson, recordOf, textOf } from "./json-record.ts";
import type { DeliveryKind } from "./slack-deliveries.ts";

/** Arguments that the SDK sends as JSON within a form. */
const JSON_ARGUMENTS = ["attachments", "blocks", "files", "metadata", "view"];

export async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}

/** The token and the arguments of a Web API call, sent as a form or as JSON. */
export function readCall(
  request: IncomingMessage,
  body: Buffer,
): { token: string; args: JsonRecord } {
  const { token: inBody, ...rest } = readFields(request, body.toString("utf8"));
  const parsed = JSON_ARGUMENTS.flatMap((name) => {
    const value = rest[name];
    return typeof value === "string" ? [[name, parseJson(value) ?? value]] : [];
  });
  const header = request.headers.authorization ?? "";
  const token = header.startsWith("Bearer ") ? header.slice("Bearer ".length) : textOf(inBody);
  return { token, args: { ...rest, ...Object.fromEntries(parsed) } };
}

/** What local-slack hands over for the bot. */
export function readHandover(
  request: IncomingMessage,
  body: Buffer,
): { kind: DeliveryKind; payload: JsonRecord } {
  const fields = readFields(request, body.toString("utf8"));
  if (fields.type === "event_callback") return { kind: "events_api", payload: fields };
  if (fields.payload === undefined) return { kind: "slash_commands", payload: fields };
  return { kind: "interactive", payload: recordOf(parseJson(textOf(fields.payload))) };
}

function readFields(request: IncomingMessage, text: string): JsonRecord {
  const isJson = request.headers["content-type"]?.startsWith("application/json") === true;
  return isJson ? recordOf(parseJson(text)) : Object.fromEntries(new URLSearchParams(text));
}

export function answerJson(
  response: ServerResponse,
  status: number,
  body: JsonRecord,
  headers: Record<string, string> = {},
): void {
  if (response.destroyed) return;
  response.writeHead(status, { "Content-Type": "application/json; charset=utf-8", ...headers });
  response.end(JSON.stringify(body));
}

export function answerText(response: ServerResponse, status: number, text: string): void {
  if (response.destroyed) return;
  const type = text.startsWith("<") ? "text/html" : "text/plain";
  response.writeHead(status, { "Content-Type": `${type}; charset=utf-8` });
  response.end(text);
}
