import type { IncomingMessage, ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { type JsonRecord, readdressed } from "./json-record.ts";
import type { LocalSlack } from "./local-slack.ts";
import { refusal, type SlackGrants } from "./slack-api-rules.ts";
import { blocksProblems, withBlockIds } from "./slack-blocks-gate.ts";
import type { SlackCall, SlackCalls } from "./slack-calls.ts";
import type { SlackFaults } from "./slack-faults.ts";
import type { SlackFiles } from "./slack-files.ts";
import { answerJson, answerText, readBody, readCall } from "./slack-requests.ts";
import type { SlackResponseUrls } from "./slack-response-urls.ts";
import type { SlackWebApi } from "./slack-web-api.ts";
import { SLACK_APP } from "./slack-workspace.ts";

interface DoorsOptions {
  url: string;
  local: LocalSlack;
  calls: SlackCalls;
  faults: SlackFaults;
  files: SlackFiles;
  responseUrls: SlackResponseUrls;
  webApi: SlackWebApi;
  grants: () => SlackGrants;
}

interface Visit {
  request: IncomingMessage;
  response: ServerResponse;
  call: SlackCall;
  body: Buffer;
  path: string;
}

/** Slack shows a browser's sign-in page to whoever has no right to a file. */
const SIGN_IN_PAGE =
  "<!DOCTYPE html><html><title>Sign in | Slack</title><body>Sign in</body></html>";

/** The four doors at which a bot knocks: Web API, uploads, private files, response_url. */
export function createSlackDoors(options: DoorsOptions) {
  const { url, local, calls, faults, files, responseUrls, webApi, grants } = options;

  async function open(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = new URL(request.url ?? "/", url).pathname;
    const door = doorOf(path);
    if (door === null) return answerText(response, 404, "Not Found");
    const atMs = performance.timeOrigin + performance.now();
    const fault = faults.next(door, atMs);
    if (fault?.kind === "reset") {
      calls.add(door, {}, "", atMs).isFault = true;
      request.socket.destroy();
      return;
    }
    const body = await readBody(request);
    const { token, args } = door === "upload" ? { token: "", args: {} } : readCall(request, body);
    const call = calls.add(door, args, token, atMs);
    const visit = { request, response, call, body, path };
    if (fault === null) return pass(visit);
    if (fault.kind === "slow") {
      await sleep(fault.ms);
      return pass(visit);
    }
    call.isFault = true;
    if (fault.kind === "lose_answer") {
      await pass({ ...visit, response: silentResponse(request, response) });
      return;
    }
    if (fault.kind === "status") return answerText(response, fault.status, "Server Error");
    if (fault.kind === "error") return say(visit, 200, refusal(fault.error));
    const retryAfter = { "Retry-After": String(fault.retryAfterSeconds) };
    return say(visit, 429, refusal("ratelimited"), retryAfter);
  }

  async function pass(visit: Visit): Promise<void> {
    const { call, path } = visit;
    if (call.method === "upload") return upload(visit);
    if (call.method === "download") return download(visit);
    if (call.method === "response_url") return respond(visit);
    const answer = await webApi.answer(path.slice("/api/".length), call.args, call.token);
    const accepted = { "x-oauth-scopes": grants().scopes.join(",") };
    say(visit, 200, readdressed(answer, local.url, url), accepted);
  }

  async function upload({ request, response, call, body, path }: Visit): Promise<void> {
    const answer = await fetch(local.url + path, {
      method: "POST",
      body: new Uint8Array(body),
      headers: { "Content-Type": request.headers["content-type"] ?? "application/octet-stream" },
    });
    call.answer = { ok: answer.ok, sizeBytes: body.length };
    answerText(response, answer.status, await answer.text());
  }

  async function download({ response, call, path }: Visit): Promise<void> {
    const mayRead = call.token === SLACK_APP.botToken && grants().scopes.includes("files:read");
    call.answer = { ok: mayRead };
    if (!mayRead) return answerText(response, 200, SIGN_IN_PAGE);
    const headers = { Authorization: `Bearer ${SLACK_APP.botToken}` };
    const answer = await fetch(local.url + path, { headers });
    const type = answer.headers.get("content-type") ?? "application/octet-stream";
    response.writeHead(answer.status, { "Content-Type": type });
    response.end(Buffer.from(await answer.arrayBuffer()));
  }

  async function respond(visit: Visit): Promise<void> {
    const id = visit.path.split("/").at(-1) ?? "";
    const refused = responseUrls.refusalOf(id);
    if (refused !== null) return say(visit, 404, refusal(refused));
    const { text, blocks, delete_original } = visit.call.args;
    const problems =
      delete_original === true ? [] : await blocksProblems({ text, blocks }, "message", files);
    if (problems.length > 0) {
      const messages = { response_metadata: { messages: problems } };
      return say(visit, 400, refusal("invalid_blocks", messages));
    }
    await responseUrls.post(id, withBlockIds(visit.call.args));
    say(visit, 200, { ok: true });
  }

  function say(visit: Visit, status: number, body: JsonRecord, headers = {}): void {
    visit.call.answer = body;
    answerJson(visit.response, status, body, headers);
  }

  return { open };
}

function doorOf(path: string): string | null {
  if (path.startsWith("/api/")) return path.slice("/api/".length);
  if (path.startsWith("/upload/v1/")) return "upload";
  if (path.startsWith("/files-pri/")) return "download";
  return path.startsWith("/_hooks/response/") ? "response_url" : null;
}

/** Everything is done as always, and the line breaks where the answer would begin. */
function silentResponse(request: IncomingMessage, response: ServerResponse): ServerResponse {
  response.writeHead = () => {
    request.socket.destroy();
    return response;
  };
  return response;
}
