import { once } from "node:events";
import { createServer } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { verifyKey } from "discord-interactions";
import type { DiscordProxy } from "../servers/discord-proxy.ts";
import { readBytes } from "../servers/discord-requests.ts";
import { DISCORD_APP } from "../servers/discord-workspace.ts";
import { type JsonRecord, parseJson, recordOf } from "../servers/json-record.ts";

/** What the bot answers: JSON, a form with files, a bare status; or the line breaks. */
export type HttpReply = JsonRecord | FormData | number | "reset";

/** An endpoint for interactions that verifies with Discord's own package and answers as told. */
export async function startHttpBot(proxy: DiscordProxy) {
  const heard: JsonRecord[] = [];
  let reply: (payload: JsonRecord) => HttpReply | Promise<HttpReply> = () => ({ type: 5 });
  let isCareless = false;

  const server = createServer(async (request, response) => {
    const bytes = await readBytes(request);
    const signature = String(request.headers["x-signature-ed25519"] ?? "");
    const timestamp = String(request.headers["x-signature-timestamp"] ?? "");
    const isOld = Math.abs(Date.now() / 1000 - Number(timestamp)) > 300;
    const isRight =
      !isOld &&
      (await verifyKey(bytes, signature, timestamp, DISCORD_APP.publicKey).catch(() => false));
    if (!isRight && !isCareless) {
      response.writeHead(401).end("bad request signature");
      return;
    }
    const payload = recordOf(parseJson(bytes.toString("utf8")));
    heard.push(payload);
    const answer = payload.type === 1 ? { type: 1 } : await reply(payload);
    if (answer === "reset") {
      request.socket.destroy();
      return;
    }
    if (typeof answer === "number") {
      response.writeHead(answer).end();
      return;
    }
    const body = answer instanceof FormData ? answer : JSON.stringify(answer);
    const made = new Response(body);
    const type = answer instanceof FormData ? made.headers.get("content-type") : "application/json";
    response.writeHead(200, { "Content-Type": type ?? "" });
    response.end(Buffer.from(await made.arrayBuffer()));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The bot has no port.");
  proxy.deliverTo(`http://127.0.0.1:${address.port}/discord/interactions`);

  return {
    heard,
    answer(next: typeof reply) {
      reply = next;
    },
    answerLate(ms: number, with_: HttpReply) {
      reply = async () => {
        await sleep(ms);
        return with_;
      };
    },
    /** It does not care about signatures. */
    beCareless(next = true) {
      isCareless = next;
    },
    stop() {
      server.close();
      server.closeAllConnections();
    },
  };
}
