import type { IncomingMessage, ServerResponse } from "node:http";
import { isRecord, type JsonRecord, parseJson } from "./json-record.ts";

/** A file that came in a multipart body. */
export interface SentFile {
  /** The n of `files[n]`. */
  readonly index: string;
  readonly name: string;
  readonly bytes: Buffer;
}

/** What a request or an answer over HTTP carries. */
export interface DiscordBody {
  /** Undefined where there is none, or where it is no JSON. */
  readonly json: unknown;
  readonly files: readonly SentFile[];
  readonly sizeBytes: number;
  /** There was something, and it was no JSON. */
  readonly isBroken: boolean;
}

export interface DiscordAnswer {
  readonly status: number;
  /** Null: no content. */
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** https://docs.discord.com/developers/reference#uploading-files */
export async function readDiscordBody(
  bytes: Buffer,
  contentType: string | undefined,
): Promise<DiscordBody> {
  const sizeBytes = bytes.length;
  if (sizeBytes === 0) return { json: undefined, files: [], sizeBytes, isBroken: false };
  if (contentType?.startsWith("multipart/form-data") !== true) {
    const json = parseJson(bytes.toString("utf8"));
    return { json, files: [], sizeBytes, isBroken: json === undefined };
  }
  const form = await new Response(new Uint8Array(bytes), {
    headers: { "Content-Type": contentType },
  }).formData();
  const files: SentFile[] = [];
  for (const [field, value] of form) {
    const index = /^files\[(\d+)\]$/u.exec(field)?.[1];
    if (index === undefined || typeof value === "string") continue;
    files.push({ index, name: value.name, bytes: Buffer.from(await value.arrayBuffer()) });
  }
  const payload = form.get("payload_json");
  const json = typeof payload === "string" ? parseJson(payload) : {};
  return { json, files, sizeBytes, isBroken: json === undefined };
}

export function recordIn({ json }: DiscordBody): JsonRecord {
  return isRecord(json) ? json : {};
}

export async function readBytes(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}

export function sendAnswer(response: ServerResponse, { status, body, headers }: DiscordAnswer) {
  if (response.destroyed) return;
  if (body === null) {
    response.writeHead(status, headers);
    response.end();
    return;
  }
  const isText = typeof body === "string";
  const type = isText ? "text/plain" : "application/json";
  response.writeHead(status, { "Content-Type": `${type}; charset=utf-8`, ...headers });
  response.end(isText ? body : JSON.stringify(body));
}
