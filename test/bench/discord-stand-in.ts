import { once } from "node:events";
import { createServer } from "node:http";
import { DISCORD_APP, DISCORD_CHANNELS } from "../servers/discord-workspace.ts";

/**
 * As little of Discord's REST API as a bot can do with, so that it costs next to nothing: every
 * call is answered with the same words. Rules and faults are the part of test/servers/discord-proxy.ts.
 */
export async function startDiscordStandIn() {
  let calls = 0;
  const server = createServer((request, response) => {
    calls += 1;
    request.resume();
    response.writeHead(200, { "Content-Type": "application/json" });
    response.end(JSON.stringify({ id: String(calls), channel_id: DISCORD_CHANNELS.studio }));
  });
  server.keepAliveTimeout = 60_000;
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The stand-in has no port.");

  return {
    /** What connects an Atelier process to it, over HTTP. */
    environment: {
      DISCORD_TOKEN: DISCORD_APP.botToken,
      DISCORD_APPLICATION_ID: DISCORD_APP.id,
      DISCORD_PUBLIC_KEY: DISCORD_APP.publicKey,
      DISCORD_API_URL: `http://127.0.0.1:${address.port}/api`,
    } as Readonly<Record<string, string>>,

    async close(): Promise<void> {
      server.close();
      server.closeAllConnections();
    },
  };
}
