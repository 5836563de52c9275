import { beforeEach, describe, expect, it } from "vitest";
import { createHttpReceiver } from "../../adapters/slack/transport/http-receiver.ts";
import {
  command,
  commandBody,
  createReceivingApp,
  eventBody,
  FORM,
  signatureOf,
  signed,
  url,
} from "./slack-receiving-app.ts";

const interaction = (payload: unknown) =>
  signed(new URLSearchParams({ payload: JSON.stringify(payload) }).toString());

/** A body that comes bit by bit and does not say how long it is. */
function chunked(body: Uint8Array, headers: Record<string, string>): Request {
  const stream = new ReadableStream<Uint8Array>({
    start(controller) {
      for (let start = 0; start < body.length; start += 65_536) {
        controller.enqueue(body.subarray(start, start + 65_536));
      }
      controller.close();
    },
  });
  const init = { method: "POST", body: stream, headers, duplex: "half" as const };
  return new Request(url, init);
}

let slack: ReturnType<typeof createReceivingApp>;
beforeEach(() => {
  slack = createReceivingApp();
});

/** Whether a request gets past the receiver to a listener. */
async function statusOf(request: Request): Promise<number> {
  slack.app.command("/imagine", async ({ ack }) => ack());
  return (await slack.fetch(request)).status;
}

describe("who is heard", () => {
  it("is Slack, signing just now, in whatever case its headers are", async () => {
    const timestamp = String(Math.floor(Date.now() / 1000));
    const headers = {
      "content-type": `${FORM}; charset=UTF-8`,
      "X-SLACK-REQUEST-TIMESTAMP": timestamp,
      "x-slack-signature": signatureOf(commandBody, timestamp),
    };
    expect(await statusOf(signed(commandBody))).toBe(200);
    expect(await statusOf(new Request(url, { method: "POST", body: commandBody, headers }))).toBe(
      200,
    );
  });

  it("is nobody whose body is another than the signed one, down to a byte that changes no field", async () => {
    const timestamp = String(Math.floor(Date.now() / 1000));
    const headers = {
      "X-Slack-Request-Timestamp": timestamp,
      "X-Slack-Signature": signatureOf(commandBody, timestamp),
    };
    expect(await statusOf(signed(commandBody.replace("fox", "dog"), { headers }))).toBe(401);
    expect(await statusOf(signed(`${commandBody}&`, { headers }))).toBe(401);
    const response = await slack.fetch(signed(`${commandBody}&`, { headers }));
    expect(await response.text()).toBe("");
  });

  it("is nobody with another secret, version or timestamp than the signed one", async () => {
    const timestamp = String(Math.floor(Date.now() / 1000));
    const good = signatureOf(commandBody, timestamp);
    const bad: Record<string, string>[] = [
      { "X-Slack-Signature": signatureOf(commandBody, timestamp, "another secret") },
      { "X-Slack-Signature": good.replace("v0=", "v1=") },
      { "X-Slack-Signature": good.slice(3) },
      { "X-Slack-Signature": good.toUpperCase() },
      { "X-Slack-Signature": `${good}00` },
      { "X-Slack-Signature": "" },
      { "X-Slack-Request-Timestamp": String(Number(timestamp) - 1) },
    ];
    for (const headers of bad) {
      expect(
        await statusOf(
          signed(commandBody, {
            headers: {
              "X-Slack-Request-Timestamp": timestamp,
              "X-Slack-Signature": good,
              ...headers,
            },
          }),
        ),
        JSON.stringify(headers),
      ).toBe(401);
    }
  });

  it("is nobody whose timestamp is signed, but not a plain number of seconds", async () => {
    const seconds = Math.floor(Date.now() / 1000);
    for (const timestamp of [`${seconds}.0`, `+${seconds}`, `0x${seconds.toString(16)}`, "now"]) {
      const headers = {
        "X-Slack-Request-Timestamp": timestamp,
        "X-Slack-Signature": signatureOf(commandBody, timestamp),
      };
      expect(await statusOf(signed(commandBody, { headers })), timestamp).toBe(401);
    }
  });

  it("is nobody from more than five minutes ago, or ahead", async () => {
    expect(await statusOf(signed(commandBody, { ageSeconds: 290 }))).toBe(200);
    expect(await statusOf(signed(commandBody, { ageSeconds: -290 }))).toBe(200);
    expect(await statusOf(signed(commandBody, { ageSeconds: 310 }))).toBe(401);
    expect(await statusOf(signed(commandBody, { ageSeconds: -310 }))).toBe(401);
    slack.clock.shift(600_000);
    expect(await statusOf(signed(commandBody))).toBe(401);
  });

  it("is nobody whose headers are missing or there twice", async () => {
    for (const name of ["X-Slack-Signature", "X-Slack-Request-Timestamp"]) {
      const without = signed(commandBody);
      without.headers.delete(name);
      expect(await statusOf(without), `without ${name}`).toBe(401);
      const twice = signed(commandBody);
      twice.headers.append(name, twice.headers.get(name) ?? "");
      expect(await statusOf(twice), `${name} twice`).toBe(401);
    }
  });

  it("is nobody as long as there is no secret to sign with", () => {
    const { log, clock } = slack;
    expect(() => createHttpReceiver({ signingSecret: "", clock, log })).toThrow(
      "SLACK_SIGNING_SECRET",
    );
  });

  it("is not even Slack's address check without a signature", async () => {
    const challenge = JSON.stringify({ type: "url_verification", challenge: "3eZbrw1a" });
    const headers = { "X-Slack-Signature": `v0=${"0".repeat(64)}` };
    const type = "application/json";
    expect((await slack.fetch(signed(challenge, { type, headers }))).status).toBe(401);
    expect((await slack.fetch(signed("ssl_check=1", { headers }))).status).toBe(401);

    const response = await slack.fetch(signed(challenge, { type }));
    expect(await response.json()).toEqual({ challenge: "3eZbrw1a" });
    expect((await slack.fetch(signed("ssl_check=1&token=x"))).status).toBe(200);
  });
});

describe("what is read", () => {
  it("is posted only", async () => {
    const response = await slack.fetch(new Request(url));
    expect([response.status, response.headers.get("Allow")]).toEqual([405, "POST"]);
  });

  it("is at most one megabyte, said beforehand or not", async () => {
    const prefix = `${commandBody}&pad=`;
    const most = prefix + "x".repeat(1_048_576 - prefix.length);
    expect(await statusOf(signed(most))).toBe(200);
    expect(await statusOf(signed(`${most}x`))).toBe(413);

    const timestamp = String(Math.floor(Date.now() / 1000));
    const headersFor = (body: string) => ({
      "Content-Type": FORM,
      "X-Slack-Request-Timestamp": timestamp,
      "X-Slack-Signature": signatureOf(body, timestamp),
    });
    const bytes = (text: string) => new TextEncoder().encode(text);
    expect(await statusOf(chunked(bytes(most), headersFor(most)))).toBe(200);
    expect(await statusOf(chunked(bytes(`${most}x`), headersFor(`${most}x`)))).toBe(413);
    const lying = { ...headersFor(commandBody), "Content-Length": "9999999" };
    expect(await statusOf(chunked(bytes(commandBody), lying))).toBe(413);
  });

  it("is given up when it does not end, before Slack gives up", async () => {
    const body = new ReadableStream<Uint8Array>({ start() {} });
    const init = { method: "POST", body, duplex: "half" as const };
    const startedMs = Date.now();
    expect((await slack.fetch(new Request(url, init))).status).toBe(408);
    expect(Date.now() - startedMs).toBeLessThan(3_000);
  });

  it("is refused when it is signed and still no object of Slack's", async () => {
    for (const [body, type] of [
      ["{", "application/json"],
      ["[]", "application/json"],
      ["null", "application/json"],
      ["payload=nothing", FORM],
      ["payload=%5B%5D", FORM],
      [commandBody, "text/plain"],
    ] as const) {
      expect((await slack.fetch(signed(body, { type }))).status, body).toBe(400);
    }
    expect(
      (await slack.fetch(signed('{"type":"url_verification"}', { type: "application/json" })))
        .status,
    ).toBe(400);
  });

  it("reaches Bolt as its own receivers give it, with what is known of a retry", async () => {
    const press = {
      type: "block_actions",
      team: { id: "T1" },
      user: { id: "U1" },
      actions: [{ type: "button", value: "<é>" }],
    };
    const seen: unknown[] = [];
    const retries: unknown[] = [];
    slack.app.use(async ({ body, context }) => {
      seen.push(body);
      retries.push([context.retryNum, context.retryReason]);
    });
    const headers = { "X-Slack-Retry-Num": "2", "X-Slack-Retry-Reason": "http_timeout" };
    await slack.fetch(signed(eventBody, { type: "application/json", headers }));
    await slack.fetch(signed(commandBody));
    await slack.fetch(interaction(press));
    expect(seen).toEqual([JSON.parse(eventBody), { ...command, channel_id: "C1" }, press]);
    expect(retries).toEqual([
      [2, "http_timeout"],
      [undefined, undefined],
      [undefined, undefined],
    ]);
  });
});
