import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { localSlackIsInstalled } from "../servers/local-slack.ts";
import { type ModelServer, startModelServer } from "../servers/model-server.ts";
import { SLACK_CHANNELS, SLACK_USERS } from "../servers/slack-workspace.ts";
import { type AtelierProcess, atelierProcesses } from "./atelier-process.ts";
import { onModelServer } from "./on-model-server.ts";
import type { SlackMessage } from "./slack-screen.ts";
import { type SlackWorld, slackWorlds } from "./slack-world.ts";

const installed = localSlackIsInstalled();
const needed = installed ? "" : " (needs local-slack: Linux on x64)";
const processes = atelierProcesses();
const worlds = slackWorlds();
const { studio } = SLACK_CHANNELS;
const { ana } = SLACK_USERS;
const LONG_MS = 60_000;

describe.skipIf(!installed)(`a process that ends${needed}`, { timeout: 60_000 }, () => {
  let slack: SlackWorld;
  let model: ModelServer;
  let environment: Record<string, string>;
  /** The one that runs; each test ends it and leaves the next one. */
  let atelier: AtelierProcess;

  beforeAll(async () => {
    const start = worlds.start({ transport: "socket" });
    [slack, model] = await Promise.all([start, startModelServer()]);
    environment = { ...slack.environment, ...onModelServer(model) };
    atelier = await processes.start({ environment });
    return () => model.close();
  });
  beforeEach(() => {
    model.reset();
    model.setLatencyMs(0);
    slack.proxy.faults.clear();
    slack.proxy.calls.clear();
  });

  const answers = async (prompt: string) =>
    (await slack.messages(studio)).filter(({ shown }) => shown.includes(prompt));
  const pictured = (prompt: string, pictures = 1) =>
    slack.waitForMessage(
      studio,
      ({ shown, pictureIds }) => shown.includes(prompt) && pictureIds.length === pictures,
    );
  const begun = (prompt: string) => slack.waitForMessage(studio, prompt);
  const uploading = () =>
    slack.waitFor("upload", () => slack.proxy.calls.of("files.completeUploadExternal").at(0));

  async function startNext(): Promise<void> {
    atelier = await processes.start({ environment, dataDir: atelier.dataDir });
  }

  async function expectInPlaceOf(first: SlackMessage, prompt: string, pictures: number) {
    const last = await pictured(prompt, pictures);
    expect(last.ts).toBe(first.ts);
    expect(await answers(prompt)).toHaveLength(1);
    expect(slack.proxy.calls.refusals()).toEqual([]);
  }

  it("killed while it draws: the next one draws the rest into the same message", async () => {
    model.next({}, {}, { delayMs: LONG_MS, times: 2 });
    await slack.command(ana, studio, "/imagine half a bridge --count 4 --seed 10");
    const isHalfDone = ({ shown }: SlackMessage) =>
      shown.includes("half a bridge") && shown.includes("2 of 4");
    const message = await slack.waitForMessage(studio, isHalfDone);
    await slack.waitFor("calls", () => (model.calls.length === 4 ? true : null));
    await atelier.kill();
    model.reset();

    await startNext();
    await expectInPlaceOf(message, "half a bridge", 4);
    // The two that were stored are not paid for again.
    expect(model.calls).toHaveLength(2);
  });

  it("killed while it uploads: the next one shows what was drawn and pays nothing", async () => {
    slack.proxy.faults.slow("files.completeUploadExternal", LONG_MS);
    await slack.command(ana, studio, "/imagine a finished bridge --seed 11");
    const message = await begun("a finished bridge");
    await uploading();
    await atelier.kill();

    await startNext();
    await expectInPlaceOf(message, "a finished bridge", 1);
    expect(model.calls).toHaveLength(1);
  });

  it("killed after its answer was shown, before it knew: nothing is shown twice", async () => {
    slack.proxy.faults.slow("files.completeUploadExternal", 500);
    await slack.command(ana, studio, "/imagine a shown bridge --seed 12");
    const message = await begun("a shown bridge");
    await uploading();
    slack.proxy.faults.loseAnswer("chat.update", 10);
    await pictured("a shown bridge");
    await atelier.kill();
    slack.proxy.faults.clear();

    await startNext();
    // What it took over is at its end before anything new is.
    await slack.command(ana, studio, "/imagine the bridge after it");
    await pictured("the bridge after it");
    await expectInPlaceOf(message, "a shown bridge", 1);
    expect(model.calls).toHaveLength(2);
  });

  it("asked to stop in mid-job: it ends in time, and the next one draws into the same message", async () => {
    model.setLatencyMs(LONG_MS);
    const call = model.nextCall();
    await slack.command(ana, studio, "/imagine a slow bridge --seed 13");
    const message = await begun("a slow bridge");
    await call;
    const { code, ms } = await atelier.stop();
    expect(code).toBe(0);
    expect(ms).toBeLessThan(10_000);
    expect(atelier.logs().filter(({ level }) => level === "error")).toEqual([]);
    model.setLatencyMs(0);

    await startNext();
    await expectInPlaceOf(message, "a slow bridge", 1);
  });

  it("with a socket open and nothing to do: it ends at once, and the socket with it", async () => {
    const { code, ms } = await atelier.stop();
    expect(code).toBe(0);
    expect(ms).toBeLessThan(5_000);
    expect(slack.proxy.sockets.open()).toBe(0);
    await startNext();
  });
});

describe.skipIf(!installed).each(["socket", "http"] as const)(
  `buttons of an earlier process over %s${needed}`,
  { timeout: 60_000 },
  (transport) => {
    it("work in the next one", async () => {
      const slack = await worlds.start({ transport });
      const first = await processes.start({ environment: slack.environment });
      await slack.command(ana, studio, "/imagine a wooden bridge --seed 14");
      const message = await slack.waitForMessage(studio, (m) => m.pictureIds.length > 0);
      await first.kill();

      await processes.start({ environment: slack.environment, dataDir: first.dataDir });
      await slack.press(ana, message, "Re-roll");
      const isAnother = ({ ts, pictureIds }: SlackMessage) =>
        ts !== message.ts && pictureIds.length > 0;
      await slack.waitForMessage(studio, isAnother);
      await slack.press(ana, message, "Info");
      await slack.waitForEphemeral(ana, studio, "--seed 14");
      await slack.press(ana, message, "Edit");
      await slack.waitForModal();
      await slack.press(ana, message, "Delete");
      const isGone = async () =>
        (await slack.find(message))?.pictureIds.length === 0 ? true : null;
      await slack.waitFor("picture deleted", isGone);
      expect(slack.proxy.calls.refusals()).toEqual([]);
    });
  },
);
