import type { IncomingMessage, ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import type { DiscordCall, DiscordCalls } from "./discord-calls.ts";
import type { DiscordCdn } from "./discord-cdn.ts";
import type { DiscordFault, DiscordFaults } from "./discord-faults.ts";
import type { DiscordRateLimits } from "./discord-rate-limits.ts";
import { DiscordRefusal } from "./discord-refusals.ts";
import {
  type DiscordAnswer,
  type DiscordBody,
  readBytes,
  readDiscordBody,
  sendAnswer,
} from "./discord-requests.ts";
import { type DiscordRoute, findDiscordRoute, isTokenRoute } from "./discord-routes.ts";
import { DISCORD_APP } from "./discord-workspace.ts";

export interface DiscordSizes {
  /** `attachment_size_limit`. */
  readonly fileBytes: number;
  readonly requestBytes: number;
}

interface DoorsOptions {
  url: () => string;
  cdn: DiscordCdn;
  calls: DiscordCalls;
  faults: DiscordFaults;
  limits: DiscordRateLimits;
  sizes: () => DiscordSizes;
  /** What Discord does with a request that may pass; throws what it refuses. */
  answer(route: DiscordRoute, query: URLSearchParams, body: DiscordBody): Promise<DiscordAnswer>;
}

interface Visit {
  readonly route: DiscordRoute;
  readonly query: URLSearchParams;
  readonly call: DiscordCall;
  readonly body: DiscordBody;
  readonly authorization: string;
  readonly atMs: number;
}

/** The two doors at which a bot knocks: the API and the CDN. */
export function createDiscordDoors(options: DoorsOptions) {
  const { url, cdn, calls, faults, limits, sizes } = options;

  async function open(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname } = new URL(request.url ?? "/", url());
    if (pathname.startsWith("/api/")) return api(request, response);
    if (/^\/(ephemeral-)?attachments\//u.test(pathname)) return download(request, response);
    sendAnswer(response, { status: 404, body: "Not Found" });
  }

  async function api(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams: query } = new URL(request.url ?? "/", url());
    const method = request.method ?? "GET";
    const atMs = performance.timeOrigin + performance.now();
    const route = findDiscordRoute(method, pathname);
    const fault = route === null ? null : faults.next(route.name, atMs);
    const bytes = fault?.kind === "reset" ? Buffer.alloc(0) : await readBytes(request);
    const body = await readDiscordBody(bytes, request.headers["content-type"]);
    const call = calls.add({
      method: route?.name ?? "unknown",
      path: `${method} ${pathname}`,
      params: route?.params ?? {},
      body: body.json,
      files: body.files,
      atMs,
    });
    if (route === null) return say(response, call, refusalAnswer(new DiscordRefusal("not_found")));
    const authorization = request.headers.authorization ?? "";
    const visit = { route, query, call, body, authorization, atMs };
    if (fault === null) return say(response, call, await passed(visit));
    if (fault.kind === "slow") {
      await sleep(fault.ms);
      return say(response, call, await passed(visit));
    }
    call.isFault = true;
    if (fault.kind === "lose_answer") await passed(visit);
    if (fault.kind === "lose_answer" || fault.kind === "reset") {
      request.socket.destroy();
      return;
    }
    say(response, call, faultAnswer(fault));
  }

  async function passed(visit: Visit): Promise<DiscordAnswer> {
    const { route, query, body, authorization, atMs } = visit;
    const { headers, wait } = limits.take(route, atMs);
    if (wait !== null) return { ...tooMany(wait.seconds, wait.isGlobal, headers) };
    try {
      const isBot = authorization === `Bot ${DISCORD_APP.botToken}`;
      if (!isTokenRoute(route.name) && !isBot) throw new DiscordRefusal("unauthorized");
      if (isTooLarge(body, sizes())) throw new DiscordRefusal("too_large");
      if (body.isBroken) throw new DiscordRefusal("invalid_json");
      const answer = await options.answer(route, query, body);
      return { ...answer, headers: { ...headers, ...answer.headers } };
    } catch (thrown) {
      if (thrown instanceof DiscordRefusal) {
        visit.call.isEarly = thrown.isEarly;
        return { ...refusalAnswer(thrown), headers };
      }
      calls.broken(visit.call.path, thrown);
      return { status: 500, body: String(thrown), headers };
    }
  }

  async function download(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const atMs = performance.timeOrigin + performance.now();
    const fault = faults.next("download", atMs);
    const path = request.url ?? "/";
    const call = calls.add({
      method: "download",
      path: `GET ${path}`,
      params: {},
      body: null,
      files: [],
      atMs,
    });
    call.isFault = fault !== null && fault.kind !== "slow";
    if (fault?.kind === "slow") await sleep(fault.ms);
    else if (fault?.kind === "reset" || fault?.kind === "lose_answer") {
      request.socket.destroy();
      return;
    } else if (fault !== null) return say(response, call, faultAnswer(fault));
    const file = cdn.open(path);
    if (file === null) {
      const body = "This content is no longer available.";
      return say(response, call, { status: 404, body });
    }
    call.status = 200;
    response.writeHead(200, {
      "Content-Type": file.contentType ?? "application/octet-stream",
      "Content-Length": String(file.bytes.length),
    });
    response.end(file.bytes);
  }

  function say(response: ServerResponse, call: DiscordCall, answer: DiscordAnswer): void {
    call.status = answer.status;
    call.answer = answer.body;
    sendAnswer(response, answer);
  }

  return { open };
}

export function isTooLarge({ files, sizeBytes }: DiscordBody, sizes: DiscordSizes): boolean {
  if (sizeBytes > sizes.requestBytes) return true;
  return files.some(({ bytes }) => bytes.length > sizes.fileBytes);
}

function refusalAnswer({ status, body }: DiscordRefusal): DiscordAnswer {
  return { status, body };
}

function tooMany(seconds: number, isGlobal: boolean, headers: Readonly<Record<string, string>>) {
  return {
    status: 429,
    body: { message: "You are being rate limited.", retry_after: seconds, global: isGlobal },
    headers: {
      ...headers,
      "Retry-After": String(Math.ceil(seconds)),
      "X-RateLimit-Scope": isGlobal ? "global" : "user",
      ...(isGlobal ? { "X-RateLimit-Global": "true" } : { "X-RateLimit-Remaining": "0" }),
      "X-RateLimit-Reset-After": seconds.toFixed(3),
    },
  };
}

function faultAnswer(fault: DiscordFault): DiscordAnswer {
  if (fault.kind === "rate_limit") return tooMany(fault.retryAfterSeconds, fault.isGlobal, {});
  if (fault.kind === "error") return refusalAnswer(new DiscordRefusal(fault.error));
  return { status: fault.kind === "status" ? fault.status : 500, body: "Server Error" };
}
