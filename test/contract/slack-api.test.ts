import { setTimeout as sleep } from "node:timers/promises";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { ResponseUrlMessage } from "../../adapters/slack/api/respond.ts";
import { createSlackApi } from "../../adapters/slack/api/slack-api.ts";
import { slackErrorCode } from "../../adapters/slack/api/slack-errors.ts";
import { renderFailure } from "../../adapters/slack/render.ts";
import { AtelierError } from "../../src/errors.ts";
import type { Limiter } from "../../src/ports/index.ts";
import { quietLog } from "../fixtures/quiet.ts";
import { type SlackDesk, slackDesks } from "../fixtures/slack-desk.ts";
import { createStillClock } from "../fixtures/still-clock.ts";
import { freePort } from "../servers/free-port.ts";
import { localSlackIsInstalled } from "../servers/local-slack.ts";
import { SLACK_DEFAULT_GRANTS } from "../servers/slack-api-rules.ts";
import { SLACK_APP, SLACK_CHANNELS, SLACK_USERS } from "../servers/slack-workspace.ts";

const desks = slackDesks();
const { studio, lobby, board } = SLACK_CHANNELS;
const installed = localSlackIsInstalled();
const needed = installed ? "" : " (not run: needs local-slack)";

const unlimited: Limiter = {
  schedule: (call) => call(),
  pause: () => {},
  close: async () => {},
};

async function failureOf(work: Promise<unknown>): Promise<AtelierError> {
  const outcome = await work.catch((thrown: unknown) => thrown);
  if (outcome instanceof AtelierError) return outcome;
  throw new Error(`Not refused: ${String(outcome)}`);
}

describe.skipIf(!installed)(`calling Slack's Web API${needed}`, () => {
  let desk: SlackDesk;
  beforeAll(async () => {
    desk = await desks.open();
  });
  beforeEach(() => {
    desk.world.proxy.faults.clear();
    desk.world.proxy.calls.clear();
  });

  const faults = () => desk.world.proxy.faults;
  const callsOf = (method: string) => desk.world.proxy.calls.of(method);
  const post = (channel: string, text: string, options = {}) =>
    desk.api.call("chat.postMessage", (web) => web.chat.postMessage({ channel, text }), options);

  describe("that takes no more for a while", () => {
    it("waits as long as Slack says, for that method only, and then succeeds", async () => {
      faults().rateLimit("chat.postMessage", 1);
      const waiting = [post(studio, "one"), sleep(100).then(() => post(studio, "two"))];
      await sleep(200);
      await desk.api.identify();
      await Promise.all(waiting);
      const { same, others } = desk.world.proxy.calls.during(faults().waits);
      expect(same).toEqual([]);
      expect(others.map(({ method }) => method)).toEqual(["auth.test"]);
      expect(callsOf("chat.postMessage")).toHaveLength(3);
    });

    it("gives up after the third time, and says when to come back", async () => {
      faults().rateLimit("chat.update", 0, 9);
      const update = desk.api.call("chat.update", (web) =>
        web.chat.update({ channel: studio, ts: "1.1", text: "x" }),
      );
      expect(await failureOf(update)).toMatchObject({ kind: "rate_limited", retryAfterMs: 0 });
      expect(callsOf("chat.update")).toHaveLength(3);
    });

    it("does not wait longer than a minute, or than it was told", async () => {
      faults().rateLimit("chat.delete", 90);
      const remove = desk.api.call("chat.delete", (web) =>
        web.chat.delete({ channel: studio, ts: "1.1" }),
      );
      expect(await failureOf(remove)).toMatchObject({ kind: "rate_limited", retryAfterMs: 90_000 });
      const again = desk.api.call(
        "chat.delete",
        (web) => web.chat.delete({ channel: studio, ts: "1.1" }),
        { waitMaxMs: 50 },
      );
      expect(await failureOf(again)).toMatchObject({ kind: "rate_limited" });
      expect(callsOf("chat.delete")).toHaveLength(1);
    });
  });

  describe("that cannot be reached", () => {
    it("tries what is safe to repeat three times", async () => {
      faults().reset("auth.test");
      faults().failWith("auth.test", 503);
      expect(await desk.api.identify()).toMatchObject({ botName: "atelier", botUser: "U0ATELIER" });
      expect(callsOf("auth.test")).toHaveLength(3);
    });

    it("does not post a second time what may have arrived", async () => {
      faults().loseAnswer("chat.postMessage");
      expect(await failureOf(post(studio, "a lost answer"))).toMatchObject({ kind: "unavailable" });
      const said = await desk.world.messages(studio);
      expect(said.filter(({ text }) => text === "a lost answer")).toHaveLength(1);
    });
  });

  describe("that is not there", () => {
    it("tries three times whatever the method, as nothing was sent", async () => {
      const clock = createStillClock();
      const startMs = clock.nowMs();
      const api = createSlackApi({
        botToken: SLACK_APP.botToken,
        apiUrl: `http://127.0.0.1:${await freePort()}/api/`,
        newLimiter: async () => unlimited,
        clock,
        log: quietLog,
      });
      const posted = api.call("chat.postMessage", (web) =>
        web.chat.postMessage({ channel: studio, text: "x" }),
      );
      expect(await failureOf(posted)).toMatchObject({ kind: "unavailable" });
      expect(clock.nowMs() - startMs).toBe(2_000);
    });
  });

  describe("that refuses", () => {
    it("says how to invite it, by the name it has there", async () => {
      await desk.api.identify();
      const sentence =
        "I am not in this conversation. Type /invite @atelier in it, then try again.";
      for (const channel of [lobby, board, "C0NOWHERE"]) {
        const failure = await failureOf(post(channel, "x"));
        expect(failure).toMatchObject({ kind: "not_allowed", message: sentence });
      }
      expect(slackErrorCode(await failureOf(post(lobby, "x")))).toBe("not_in_channel");
    });

    it("names the missing scope and who can add it", async () => {
      desk.world.proxy.revoke("chat:write");
      const failure = await failureOf(post(studio, "x"));
      desk.world.proxy.grant({ scopes: SLACK_DEFAULT_GRANTS.scopes });
      expect(failure.message).toBe(
        "I lack the scope chat:write. An admin adds it under OAuth & Permissions and reinstalls the app.",
      );
    });

    it.each([
      ["is_archived", "not_allowed", "archived"],
      ["restricted_action", "not_allowed", "@atelier to post in it"],
      ["token_revoked", "misconfigured", "SLACK_BOT_TOKEN"],
      ["account_inactive", "misconfigured", "SLACK_BOT_TOKEN"],
      ["invalid_auth", "misconfigured", "SLACK_BOT_TOKEN"],
      ["message_not_found", "not_found", "message"],
      ["fatal_error", "unavailable", "Slack"],
      ["some_new_error", "internal", "chat.postMessage: some_new_error"],
    ])("with %s is %s", async (code, kind, words) => {
      faults().answerWith("chat.postMessage", code, 3);
      const failure = await failureOf(post(studio, "x"));
      expect(failure.kind).toBe(kind);
      expect(failure.message).toContain(words);
      expect(slackErrorCode(failure)).toBe(code);
    });

    it("never puts a token, or what was to be said, into an error", async () => {
      faults().reset("chat.postMessage", 3);
      const failures = [
        await failureOf(post(studio, "a secret wish")),
        await failureOf(post(lobby, "a secret wish")),
      ];
      for (const failure of failures) {
        const everything = [failure, failure.cause].map((each) =>
          JSON.stringify(each, each instanceof Error ? Object.getOwnPropertyNames(each) : []),
        );
        expect(everything.join()).not.toMatch(/xoxb|secret wish/);
      }
    });
  });

  describe("through a response_url", () => {
    const message: ResponseUrlMessage = {
      ...renderFailure("hello"),
      response_type: "ephemeral",
      replace_original: false,
    };
    const typed = () => desk.typedAt(SLACK_USERS.ana, lobby);

    it("answers where the bot is no member", async () => {
      const { responseUrl = "" } = await typed();
      await desk.api.respond(responseUrl, message);
      expect((await desk.world.ephemeral(SLACK_USERS.ana, lobby)).at(-1)?.text).toBe("hello");
    });

    it("tells an expired and a used-up address from a refused message", async () => {
      const { responseUrl = "" } = await typed();
      const blocks = [{ type: "divider" as const, block_id: "x".repeat(300) }];
      const refused = await failureOf(desk.api.respond(responseUrl, { ...message, blocks }));
      expect(slackErrorCode(refused)).toBe("invalid_blocks");
      for (let use = 0; use < 4; use += 1) await desk.api.respond(responseUrl, message);
      const used = await failureOf(desk.api.respond(responseUrl, message));
      expect([used.kind, slackErrorCode(used)]).toEqual(["not_found", "used_url"]);
      const { responseUrl: other = "" } = await typed();
      desk.world.proxy.responseUrls.expireAll();
      const expired = await failureOf(desk.api.respond(other, message));
      expect([expired.kind, slackErrorCode(expired)]).toEqual(["not_found", "expired_url"]);
    });

    it("is unavailable while Slack is down", async () => {
      const { responseUrl = "" } = await typed();
      faults().failWith("response_url", 503);
      expect(await failureOf(desk.api.respond(responseUrl, message))).toMatchObject({
        kind: "unavailable",
      });
    });

    it("never answers to a host that is not Slack's", async () => {
      const refused = await failureOf(desk.api.respond("https://hooks.example.com/x", message));
      expect(refused).toMatchObject({ kind: "internal" });
    });
  });
});
