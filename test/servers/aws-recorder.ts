import { once } from "node:events";
import {
  createServer,
  request as httpRequest,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from "node:http";
import { type AwsCall, type AwsRequest, awsCallsOf, s3Object, signedFor } from "./aws-calls.ts";

/** An object that was written or deleted, as S3's events name what happened. */
export interface ObjectChange {
  bucket: string;
  key: string;
  eventName:
    | "ObjectCreated:Put"
    | "ObjectCreated:CompleteMultipartUpload"
    | "ObjectRemoved:DeleteMarkerCreated";
}

/** A request that is waited for. */
interface Hold {
  caller: string;
  fits: (call: AwsCall) => boolean;
  seen: (call: AwsCall) => void;
}

/**
 * Stands before the AWS services on loopback. Everyone who calls them has a door of their own, so
 * that it is known who made use of which right. The presigned links that somebody gave away count
 * as theirs, as they do on AWS.
 */
export function createAwsRecorder({
  upstreams,
  onChange = () => {},
}: {
  /** Where each service is, by the name that requests are signed for. */
  upstreams: Readonly<Record<string, string>>;
  onChange?: (object: ObjectChange) => void;
}) {
  const calls = new Map<string, Map<string, AwsCall>>();
  const servers: Server[] = [];
  const holds: Hold[] = [];
  /** Requests that nobody here could make sense of. */
  const unknown: string[] = [];

  function record(caller: string, request: AwsRequest, status: number): void {
    try {
      const own = calls.get(caller) ?? new Map<string, AwsCall>();
      calls.set(caller, own);
      for (const call of awsCallsOf(request, status)) {
        own.set(`${call.action} ${call.resource} ${call.prefix}`, call);
      }
    } catch (thrown) {
      unknown.push(`${caller}: ${thrown instanceof Error ? thrown.message : thrown}`);
    }
  }

  /** Whether the request is one that was waited for, and is not to be answered. */
  function isHeld(caller: string, request: AwsRequest): boolean {
    for (const call of awsCallsOf(request, 200)) {
      const at = holds.findIndex((hold) => hold.caller === caller && hold.fits(call));
      const [hold] = at === -1 ? [] : holds.splice(at, 1);
      hold?.seen(call);
      if (hold !== undefined) return true;
    }
    return false;
  }

  async function pass(caller: string, incoming: IncomingMessage, outgoing: ServerResponse) {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk);
    const { method = "GET", url = "/", headers } = incoming;
    const request: AwsRequest = { method, url, headers, body: Buffer.concat(chunks) };
    const service = signedFor(request)?.service ?? "";
    const upstream = upstreams[service];
    if (upstream === undefined) {
      unknown.push(`${caller}: ${method} ${url} for ${service || "no service"}`);
      outgoing.writeHead(403).end();
      return;
    }
    if (holds.length > 0 && isHeld(caller, request)) return;
    // Signatures cover the Host header, so it stays as the caller wrote it.
    const { expect: _, ...passed } = headers;
    const { hostname, port } = new URL(upstream);
    const where = { hostname, port, path: url, agent: false };
    const onward = httpRequest({ ...where, method, headers: passed });
    outgoing.on("close", () => onward.destroy());
    onward.on("error", () => outgoing.destroy());
    onward.on("response", (answer) => {
      const status = answer.statusCode ?? 500;
      record(caller, request, status);
      outgoing.writeHead(status, answer.headers);
      answer.pipe(outgoing);
      const change = status < 300 && service === "s3" ? changeBy(request) : null;
      if (change !== null) answer.on("end", () => onChange(change));
    });
    onward.end(request.body);
  }

  return {
    unknown,

    /** The endpoint of all services for that caller. */
    async open(caller: string): Promise<string> {
      const server = createServer((incoming, outgoing) => {
        pass(caller, incoming, outgoing).catch(() => outgoing.destroy());
      });
      // Callers are frozen between events and then use the connections that they had.
      server.keepAliveTimeout = 600_000;
      servers.push(server);
      server.listen(0, "127.0.0.1");
      await once(server, "listening");
      const address = server.address();
      if (address === null || typeof address === "string") throw new Error("There is no port.");
      return `http://127.0.0.1:${address.port}`;
    },

    /** Resolves when the caller next does what fits; that request is never answered. */
    holdNext: (caller: string, fits: (call: AwsCall) => boolean): Promise<AwsCall> =>
      new Promise((seen) => {
        holds.push({ caller, fits, seen });
      }),

    /** Each right that the caller made use of, once. */
    callsOf: (caller: string): readonly AwsCall[] => [...(calls.get(caller)?.values() ?? [])],

    async close(): Promise<void> {
      for (const server of servers) {
        server.close();
        server.closeAllConnections();
      }
    },
  };
}

function changeBy({ method, url, headers }: AwsRequest): ObjectChange | null {
  const query = new URL(url, "http://s3").searchParams;
  const object = s3Object(url);
  if (object.key === "" || headers["x-amz-copy-source"] !== undefined) return null;
  if (method === "PUT" && !query.has("partNumber")) {
    return { ...object, eventName: "ObjectCreated:Put" };
  }
  if (method === "POST" && query.has("uploadId")) {
    return { ...object, eventName: "ObjectCreated:CompleteMultipartUpload" };
  }
  // As in a bucket with versions, which the template's are.
  if (method === "DELETE" && !query.has("uploadId")) {
    return { ...object, eventName: "ObjectRemoved:DeleteMarkerCreated" };
  }
  return null;
}
