import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { SLACK_APP, SLACK_TEAM } from "../servers/slack-workspace.ts";
import { acceptWebSocket, type TestWebSocket } from "../servers/web-socket.ts";

export interface SlackStandIn {
  /** What connects an Atelier process to it. */
  environment: Readonly<Record<string, string>>;
  /** Where answers to a command may be sent. */
  responseUrl: string;
  /** Sends an envelope over the socket; resolves when it is acknowledged. */
  sendEnvelope(payload: Readonly<Record<string, string>>): Promise<void>;
  close(): Promise<void>;
}

/**
 * As little of Slack as a bot can do with, so that it costs next to nothing: every call is
 * answered with the same words. Rules and faults are the part of test/servers/slack-proxy.ts.
 */
export async function startSlackStandIn(transport: "http" | "socket"): Promise<SlackStandIn> {
  let socket: TestWebSocket | null = null;
  let calls = 0;
  const unacknowledged = new Map<string, () => void>();

  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    calls += 1;
    request.resume();
    response.writeHead(200, { "Content-Type": "application/json" });
    response.end(JSON.stringify(answer()));
  });
  server.keepAliveTimeout = 60_000;
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The stand-in has no port.");
  const { port } = address;

  function answer() {
    return {
      ok: true,
      ts: `${calls}.000001`,
      channel: "C01STUDIO",
      team_id: SLACK_TEAM.teamId,
      user_id: SLACK_APP.botUserId,
      user: SLACK_APP.botName,
      url: `ws://127.0.0.1:${port}/socket`,
    };
  }

  server.on("upgrade", (incoming, line, head) => {
    acceptWebSocket(incoming, line, head, (accepted) => {
      socket = accepted;
      accepted.send(JSON.stringify({ type: "hello", num_connections: 1 }));
      return {
        onText(text) {
          const { envelope_id: id } = JSON.parse(text);
          unacknowledged.get(id)?.();
          unacknowledged.delete(id);
        },
      };
    });
  });

  return {
    environment: {
      SLACK_BOT_TOKEN: SLACK_APP.botToken,
      SLACK_API_URL: `http://127.0.0.1:${port}/api/`,
      ...(transport === "socket"
        ? { SLACK_APP_TOKEN: SLACK_APP.appToken }
        : { SLACK_SIGNING_SECRET: SLACK_APP.signingSecret }),
    },
    responseUrl: `http://127.0.0.1:${port}/answers`,

    sendEnvelope(payload) {
      const id = randomUUID();
      return new Promise((resolve) => {
        unacknowledged.set(id, resolve);
        const envelope = { envelope_id: id, type: "slash_commands", payload };
        socket?.send(JSON.stringify({ ...envelope, accepts_response_payload: true }));
      });
    },

    async close() {
      socket?.cut();
      server.close();
      server.closeAllConnections();
    },
  };
}
