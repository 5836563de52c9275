import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it, onTestFinished } from "vitest";
import { createSocketMode } from "../../adapters/slack/transport/socket-mode.ts";
import type { Clock, Log } from "../../src/ports/index.ts";
import { createShiftableClock } from "../fixtures/shiftable-clock.ts";
import { until } from "../fixtures/until.ts";
import { type SocketEndMood, startSocketEnd } from "./slack-socket-end.ts";

/** A minute in 3 s. */
const fastClock: Clock = {
  nowMs: () => Date.now() * 20,
  sleep: (ms, signal) => sleep(ms / 20, undefined, signal === undefined ? {} : { signal }),
};

/** How long a connection is waited for; not a pause. */
const OPEN_WITHIN_MS = 20_000;

async function open(mood: SocketEndMood, clock: Clock = createShiftableClock()) {
  const slack = await startSocketEnd(mood);
  const lines: string[] = [];
  const note = (level: string) => (_fields: object, message: string) => {
    lines.push(`${level}: ${message}`);
  };
  const log: Log = { info: note("info"), warn: note("warn"), error: note("error") };
  const { apiUrl } = slack;
  const socket = createSocketMode({ appToken: "xapp-1", apiUrl, clock, log, random: () => 0 });
  onTestFinished(() => socket.stop());
  return { slack, socket, lines };
}

async function timed(work: Promise<unknown>): Promise<number> {
  const startMs = performance.now();
  await work;
  return performance.now() - startMs;
}

describe("connections that Slack ends right after hello", () => {
  it("are opened ever more rarely", async () => {
    const { slack, socket } = await open("fickle");
    await socket.start();
    await sleep(3_000);
    // At 0, 0.5 and 1.5 s, then not before 3.5 s.
    expect(slack.openedAtMs.length).toBeGreaterThanOrEqual(2);
    expect(slack.openedAtMs.length).toBeLessThanOrEqual(3);
  });

  it("are forgotten once one has stood for half a minute", async () => {
    const clock = createShiftableClock();
    const { slack, socket } = await open("fickle", clock);
    await socket.start();
    await until(() => slack.hellos() === 3);
    slack.become("welcoming");
    await until(() => slack.hellos() === 4 && slack.open() === 1);
    await sleep(100);
    clock.shift(30_000);
    const cutAtMs = performance.now();
    slack.cutAll();
    await until(() => slack.hellos() === 5 && slack.open() === 1);
    expect((slack.openedAtMs[4] ?? 0) - cutAtMs).toBeLessThan(400);
    await sleep(100);
    slack.cutAll();
    // The first short one after it; as the fifth in a row it would wait for 10 s.
    await until(() => slack.hellos() === 6, 2_000);
    expect((slack.openedAtMs[5] ?? 0) - (slack.openedAtMs[4] ?? 0)).toBeGreaterThan(450);
  });
});

describe("a Slack that does not answer", () => {
  it("at once is asked again after 0.5, 1, 2, 5 and 10 seconds", async () => {
    const pauses: number[] = [];
    const { slack, socket, lines } = await open(
      { refuses: "internal_error" },
      {
        // Time stands still: what the asking takes would be part of a pause.
        nowMs: () => 0,
        sleep(ms, signal) {
          pauses.push(ms);
          return fastClock.sleep(ms, signal);
        },
      },
    );
    await socket.start();
    await until(() => slack.openedAtMs.length === 6);
    const asked = [...new Set(pauses)].filter((ms) => ms !== OPEN_WITHIN_MS);
    expect(asked.slice(0, 6)).toEqual([0, 500, 1_000, 2_000, 5_000, 10_000]);
    expect(lines).toContain("warn: Slack cannot be reached; trying again");
  });

  it.each(["wordless", "silent"] as const)(
    "(%s) is given up for the moment, and the bot is there when Slack is well again",
    async (mood) => {
      const { slack, socket } = await open(mood, fastClock);
      expect(await timed(socket.start())).toBeLessThan(3_000);
      slack.become("welcoming");
      await until(() => slack.hellos() === 1);
      // What was given up does not come back as a second connection.
      await until(() => slack.open() === 1);
      await sleep(200);
      expect(slack.open()).toBe(1);
      expect(slack.hellos()).toBe(1);
    },
  );

  it.each(["wordless", "silent"] as const)("(%s) does not hold up a stop", async (mood) => {
    const { slack, socket } = await open(mood);
    const started = socket.start();
    await until(() => slack.openedAtMs.length === 1);
    await sleep(200);
    expect(await timed(socket.stop())).toBeLessThan(1_500);
    await started;
    await until(() => slack.open() === 0);
  });

  it("(deaf to a goodbye) does not hold up a stop", async () => {
    const { slack, socket } = await open("deaf");
    await socket.start();
    await sleep(100);
    expect(await timed(socket.stop())).toBeLessThan(1_500);
    expect(slack.hellos()).toBe(1);
  });
});

describe("an app token that Slack does not take", () => {
  it.each(["missing_scope", "token_revoked", "token_expired", "invalid_auth"])(
    "is not called an outage: %s",
    async (refuses) => {
      const { socket, lines } = await open({ refuses });
      await expect(socket.start()).rejects.toMatchObject({
        kind: "misconfigured",
        message: expect.stringContaining("connections:write"),
      });
      expect(lines).not.toContain("warn: Slack cannot be reached; trying again");
    },
  );
});
