import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "./free-port.ts";
import { type JsonRecord, parseJson, recordOf, recordsOf, textOf } from "./json-record.ts";
import { localSlackConfig, SLACK_APP } from "./slack-workspace.ts";
import { connectWebSocket } from "./web-socket.ts";

/** Whether local-slack is there (Linux on x64); suites that need it say so in their name otherwise. */
export function localSlackIsInstalled(): boolean {
  return binaryPath() !== null;
}

/** Its package is an optional one, of test/servers/local-slack/package.json. */
function binaryPath(): string | null {
  const wanted = createRequire(new URL("./local-slack/package.json", import.meta.url));
  try {
    const folder = dirname(wanted.resolve("local-slack-linux-x64/package.json"));
    return join(folder, "bin/local-slack");
  } catch {
    return null;
  }
}

export type LocalSlack = Awaited<ReturnType<typeof startLocalSlack>>;

/**
 * A workspace of its own on a free port (see slack-workspace.ts for who and what is in it).
 * It hands everything that happens to `requestUrl`, signed as Slack would, and takes the Web API
 * without checking anything: that is the proxy's part (slack-proxy.ts).
 */
export async function startLocalSlack(requestUrl: string) {
  const binary = binaryPath();
  if (binary === null)
    throw new Error("local-slack is not installed: there is none for this machine.");
  const folder = await mkdtemp(join(tmpdir(), "local-slack-"));
  const config = join(folder, "config.json");
  await writeFile(config, JSON.stringify(localSlackConfig(requestUrl)));
  const { child, url, port } = await startOnFreePort(binary, folder, config);
  const screen = await watchScreen(port);

  async function read(path: string): Promise<JsonRecord> {
    return recordOf(await (await fetch(`${url}/_control/${path}`)).json());
  }

  return {
    url,
    /** What a person's screen shows beside messages. */
    screen,

    /** Drives it: `message`, `command`, `interact`, `open-home`, `delete-message`, … */
    async control(action: string, body: JsonRecord | FormData): Promise<JsonRecord> {
      const isForm = body instanceof FormData;
      const answer = await fetch(`${url}/_control/${action}`, {
        method: "POST",
        body: isForm ? body : JSON.stringify(body),
        ...(isForm ? {} : { headers: { "Content-Type": "application/json" } }),
      });
      const said = await answer.text();
      const result = recordOf(parseJson(said));
      if (!answer.ok || result.ok === false) {
        throw new Error(`local-slack refused ${action} (${answer.status}): ${said}`);
      }
      return result;
    },

    /** Calls the Web API as the app, past the proxy. */
    async api(method: string, args: JsonRecord): Promise<JsonRecord> {
      const answer = await fetch(`${url}/api/${method}`, {
        method: "POST",
        headers: {
          "Content-Type": "application/json",
          Authorization: `Bearer ${SLACK_APP.botToken}`,
        },
        body: JSON.stringify(args),
      });
      return recordOf(await answer.json());
    },

    messages: async (channel: string) => recordsOf((await read(`messages/${channel}`)).messages),
    channels: async () => recordsOf((await read("state")).channels),

    async close(): Promise<void> {
      screen.close();
      if (child.exitCode === null && child.signalCode === null) {
        const exited = once(child, "exit");
        child.kill("SIGTERM");
        await exited;
      }
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Another server may take the port that was free a moment ago: then once more, on another. */
async function startOnFreePort(
  binary: string,
  folder: string,
  config: string,
  triesLeft = 3,
): Promise<{ child: ChildProcess; url: string; port: number }> {
  const port = await freePort();
  const flags = ["--config", config, "--port", String(port), "--base-host", "127.0.0.1"];
  const child = spawn(binary, flags, { stdio: "ignore", cwd: folder });
  const endWithUs = () => child.kill("SIGKILL");
  process.once("exit", endWithUs);
  child.once("exit", () => process.off("exit", endWithUs));
  const url = `http://127.0.0.1:${port}`;
  try {
    await untilItAnswers(url, child);
    return { child, url, port };
  } catch (thrown) {
    if (triesLeft === 1) throw thrown;
    return startOnFreePort(binary, folder, config, triesLeft - 1);
  }
}

async function untilItAnswers(url: string, child: ChildProcess): Promise<void> {
  const deadlineMs = Date.now() + 10_000;
  while (Date.now() < deadlineMs && child.exitCode === null) {
    const signal = AbortSignal.timeout(2_000);
    const answer = await fetch(`${url}/_control/state`, { signal }).catch(() => null);
    await answer?.arrayBuffer().catch(() => null);
    if (answer?.ok) return;
    await sleep(20);
  }
  child.kill("SIGKILL");
  throw new Error(`local-slack did not answer on ${url} (exit ${child.exitCode}).`);
}

/** Follows its `/ui` WebSocket: the open dialogs, the errors at their fields, the App Homes. */
async function watchScreen(port: number) {
  let modals: readonly JsonRecord[] = [];
  let modalErrors: JsonRecord = {};
  let homes: Record<string, JsonRecord> = {};
  let changes = 0;

  const socket = await connectWebSocket(`ws://127.0.0.1:${port}/ui`, {
    onText(text) {
      const said = recordOf(parseJson(text));
      if (said.t === "view" || said.t === "view_errors") changes += 1;
      if (said.t === "view") {
        modals = recordsOf(said.stack);
        modalErrors = {};
      }
      if (said.t === "view_errors") modalErrors = recordOf(said.errors);
      if (said.t === "home") homes = { ...homes, [textOf(said.user)]: recordOf(said.view) };
    },
  });

  return {
    /** The dialogs that are open, the topmost last; one stack for the whole workspace. */
    modals: () => modals,
    /** By block id; empty since the last change of the dialog. */
    modalErrors: () => modalErrors,
    home: (user: string): JsonRecord | null => homes[user] ?? null,
    /** How often the dialogs or their errors have changed. */
    changes: () => changes,
    send: (message: JsonRecord) => socket.send(JSON.stringify(message)),
    close: () => socket.cut(),
  };
}
