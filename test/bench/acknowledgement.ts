import { mkdtemp, rm } from "node:fs/promises";
import { Agent, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { discordSignature } from "../servers/discord-signature.ts";
import { startModelServer } from "../servers/model-server.ts";
import {
  discordCommand,
  personOf,
  promptOf,
  signedBySlack,
  slashCommand,
} from "./chat-commands.ts";
import { startDiscordStandIn } from "./discord-stand-in.ts";
import { percentile } from "./measure.ts";
import { startServerProcess } from "./server-process.ts";
import { type SlackStandIn, startSlackStandIn } from "./slack-stand-in.ts";
import { ms, type Row, ratio, type Section } from "./table.ts";

const PER_SECOND = 200;
const SECONDS = 10;
/** Not counted: the process has just started, and loads what it needs when it needs it first. */
const WARM_UP_COMMANDS = 100;
const WARM_UP_SECONDS = 2;
/** Slack keeps its connections, too; new ones for all that wait would only wait to be accepted. */
const CONNECTIONS_MAX = 64;
const MODEL_LATENCY_MS = 30_000;
/** What Slack waits for, and Discord too. */
const PLATFORM_ACK_MS = 3_000;
const FORM = "application/x-www-form-urlencoded";
const EMPTY_EVENT = JSON.stringify({ type: "url_verification", challenge: "bench" });

/** How long Slack and Discord wait for their acknowledgement while many commands come and the model is slow. */
export async function measureAcknowledgement(): Promise<Section> {
  const http = await underLoad("http", (slack, url, agent) => (n) => {
    const body = new URLSearchParams(slashCommand(n, slack)).toString();
    const headers = signedBySlack(body);
    return post(`${url}/slack/events`, { body, type: FORM, agent, headers, status: 200 });
  });
  const socket = await underLoad("socket", (slack) => async (n) => {
    await slack.sendEnvelope(slashCommand(n, slack));
  });
  const discord = await underLoad("discord", (_, url, agent) => (n) => {
    const body = JSON.stringify(discordCommand(n));
    const headers = discordSignature({ body });
    const type = "application/json";
    return post(`${url}/discord/interactions`, { body, type, agent, headers, status: 200 });
  });
  const page = await underLoad("http", (_, url, agent) => (n) => {
    const command = { text: `/imagine ${promptOf(n)}`, user: personOf(n), channel: "bench" };
    const body = JSON.stringify(command);
    return post(`${url}/api/commands`, { body, type: "application/json", agent, status: 202 });
  });
  const empty = await underLoad("http", (_, url, agent) => () => {
    const type = "application/json";
    const body = EMPTY_EVENT;
    const headers = signedBySlack(body);
    return post(`${url}/slack/events`, { body, type, agent, headers, status: 200 });
  });
  return {
    heading: `Acknowledgement of ${PER_SECOND} commands a second for ${SECONDS} s, model of ${MODEL_LATENCY_MS / 1_000} s`,
    rows: [
      ...rowsOf("slash commands over HTTP, signed", http, "target: at most 200 ms"),
      ...rowsOf("slash commands over Socket Mode", socket, "target: at most 200 ms"),
      ...rowsOf("Discord's slash commands over HTTP, signed", discord, "target: at most 200 ms"),
      ...rowsOf("the same on POST /api/commands", page),
      { what: "  Slack's HTTP beside it, p99", value: beside(http, page) },
      { what: "  Slack's socket beside it, p99", value: beside(socket, page) },
      { what: "  Discord's HTTP beside it, p99", value: beside(discord, page) },
      ...rowsOf("a signed request that asks for nothing", empty),
    ],
  };
}

const beside = (times: readonly number[], others: readonly number[]) =>
  ratio(percentile(times, 0.99), percentile(others, 0.99));

function rowsOf(what: string, times: readonly number[], target = ""): Row[] {
  return [
    { what: `${what}, p50`, value: ms(percentile(times, 0.5)) },
    { what: "  p99", value: ms(percentile(times, 0.99)), beside: target },
    {
      what: "  slowest",
      value: ms(percentile(times, 1)),
      beside: `of ${times.length}; the platform waits ${PLATFORM_ACK_MS} ms`,
    },
  ];
}

type Send = (n: number) => Promise<void>;

/** A process of its own with an empty store; returns how long each command took. */
async function underLoad(
  transport: "http" | "socket" | "discord",
  sending: (slack: SlackStandIn, url: string, agent: Agent) => Send,
): Promise<number[]> {
  const folder = await mkdtemp(join(tmpdir(), "atelier-bench-"));
  const discord = transport === "discord" ? await startDiscordStandIn() : null;
  const slack = await startSlackStandIn(transport === "socket" ? "socket" : "http");
  const model = await startModelServer({ latencyMs: MODEL_LATENCY_MS });
  const server = await startServerProcess({
    ...(discord ?? slack).environment,
    DATA_DIR: folder,
    IMAGE_MODEL: "bedrock",
    AWS_ENDPOINT_URL_BEDROCK_RUNTIME: model.endpoint,
    AWS_ACCESS_KEY_ID: "bench",
    AWS_SECRET_ACCESS_KEY: "bench",
    RATE_MODEL_PER_MINUTE: "6000",
    RATE_MODEL_CONCURRENCY: "64",
  });
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS_MAX });
  try {
    return await sendAtRate(sending(slack, server.url, agent));
  } finally {
    agent.destroy();
    await server.stop();
    await Promise.all([model.close(), slack.close(), discord?.close()]);
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * Sends at the rate, whether or not earlier ones were answered. Each is timed from when it was
 * due, so that a sender who is held up does not hide what it was held up by.
 */
async function sendAtRate(send: Send): Promise<number[]> {
  const times: number[] = [];
  const underWay: Promise<void>[] = [];
  for (let n = 0; n < WARM_UP_COMMANDS; n++) await send(n);
  const startMs = performance.now();
  for (let n = 0; n < (WARM_UP_SECONDS + SECONDS) * PER_SECOND; n++) {
    const dueMs = startMs + (n * 1_000) / PER_SECOND;
    const waitMs = dueMs - performance.now();
    if (waitMs > 0) await sleep(waitMs);
    const sent = send(WARM_UP_COMMANDS + n).then(() => {
      if (n >= WARM_UP_SECONDS * PER_SECOND) times.push(performance.now() - dueMs);
    });
    // It is awaited at the end, and rejects there.
    sent.catch(() => {});
    underWay.push(sent);
  }
  await Promise.all(underWay);
  return times;
}

/** Fails the run when it was refused: an acknowledgement of nothing means nothing. */
function post(
  url: string,
  sent: {
    body: string;
    type: string;
    agent: Agent;
    headers?: Readonly<Record<string, string>>;
    status: number;
  },
): Promise<void> {
  const { body, type, agent, status } = sent;
  const headers = { "Content-Type": type, ...sent.headers };
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { method: "POST", agent, headers }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk) => {
        text += chunk;
      });
      response.on("end", () => {
        // Discord's first response says 200 and 4, a message, for what was refused.
        const isTaken =
          response.statusCode === status &&
          !text.startsWith('{"type":4') &&
          !text.includes("jobs waiting already");
        if (isTaken) resolve();
        else reject(new Error(`${url} answered ${response.statusCode}: ${text}`));
      });
    });
    outgoing.on("error", reject).end(body);
  });
}
