import { discordSignature } from "../servers/discord-signature.ts";
import { discordCommand, signedBySlack, slashCommand } from "./chat-commands.ts";
import type { SlackStandIn } from "./slack-stand-in.ts";

/** A slash command of Slack's, signed, as API Gateway hands it to a function. */
export function slackEvent(n: number, slack: Pick<SlackStandIn, "responseUrl">) {
  const body = new URLSearchParams(slashCommand(n, slack)).toString();
  const type = "application/x-www-form-urlencoded";
  return httpEvent("/slack/events", body, { ...signedBySlack(body), "Content-Type": type });
}

/** A command of Discord's likewise. */
export function discordEvent(n: number) {
  const body = JSON.stringify(discordCommand(n));
  const headers = { ...discordSignature({ body }), "Content-Type": "application/json" };
  return httpEvent("/discord/interactions", body, headers);
}

/** API Gateway Developer Guide, "Working with AWS Lambda proxy integrations for HTTP APIs": format 2.0. */
function httpEvent(path: string, body: string, headers: Readonly<Record<string, string>>) {
  const domainName = "api.example.com";
  const nowMs = Date.now();
  return {
    version: "2.0",
    routeKey: `POST ${path}`,
    rawPath: path,
    rawQueryString: "",
    headers: {
      host: domainName,
      "content-length": String(Buffer.byteLength(body)),
      ...Object.fromEntries(
        Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
      ),
    },
    requestContext: {
      accountId: "123456789012",
      apiId: "bench",
      domainName,
      http: { method: "POST", path, protocol: "HTTP/1.1", sourceIp: "203.0.113.7", userAgent: "" },
      requestId: "bench",
      routeKey: `POST ${path}`,
      stage: "$default",
      time: new Date(nowMs).toUTCString(),
      timeEpoch: nowMs,
    },
    body,
    isBase64Encoded: false,
  };
}
