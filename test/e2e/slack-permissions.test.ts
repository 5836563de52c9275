import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { localSlackIsInstalled } from "../servers/local-slack.ts";
import type { ModelServer } from "../servers/model-server.ts";
import { SLACK_DEFAULT_GRANTS } from "../servers/slack-api-rules.ts";
import { SLACK_CHANNELS, SLACK_USERS } from "../servers/slack-workspace.ts";
import { slackStudios } from "./slack-studio.ts";
import type { SlackWorld } from "./slack-world.ts";

const installed = localSlackIsInstalled();
const needed = installed ? "" : " (needs local-slack: Linux on x64)";
const studios = slackStudios();
const { studio, lobby, board, dmOfAna } = SLACK_CHANNELS;
const { ana, ben } = SLACK_USERS;

describe.skipIf(!installed)(`what Slack does not allow${needed}`, { timeout: 60_000 }, () => {
  let slack: SlackWorld;
  let model: ModelServer;

  beforeAll(async () => {
    ({ slack, model } = await studios.open({ transport: "socket" }));
  });
  beforeEach(() => {
    model.reset();
    model.setLatencyMs(0);
    slack.proxy.faults.clear();
    slack.proxy.calls.clear();
    slack.proxy.grant(SLACK_DEFAULT_GRANTS);
  });

  const answers = async (channel: string, prompt: string) =>
    (await slack.messages(channel)).filter(
      ({ shown, user }) => shown.includes(prompt) && user !== ana,
    );
  const pictured = (channel: string, prompt: string) =>
    slack.waitForMessage(channel, (m) => m.shown.includes(prompt) && m.pictureIds.length > 0);

  it.each([
    ["a public channel", lobby],
    ["a private one", board],
  ])(
    "to post in %s: the person alone reads what to do, and nothing is spent",
    async (_, channel) => {
      await slack.command(ana, channel, "/imagine an uninvited guest");
      const { shown, onlyFor } = await slack.waitForEphemeral(ana, channel, "/invite");
      expect(shown).toContain("Type /invite @atelier in it, then try again.");
      expect(onlyFor).toBe(ana);
      expect(await slack.messages(channel)).toEqual([]);
      expect(model.calls).toEqual([]);
      expect(slack.proxy.calls.of("files.getUploadURLExternal")).toEqual([]);
    },
  );

  it("to say even that there: it comes as a direct message", async () => {
    slack.proxy.faults.answerWith("response_url", "expired_url", 5);
    await slack.command(ana, lobby, "/imagine an unheard guest");
    const { shown } = await slack.waitForMessage(dmOfAna, "/invite @atelier");
    expect(shown).toContain("I am not in this conversation.");
    expect(model.calls).toEqual([]);
  });

  it("to upload: the picture comes as a link, with the scope that is missing", async () => {
    slack.proxy.revoke("files:write");
    await slack.command(ana, studio, "/imagine a bare wall");
    const message = await slack.waitForMessage(studio, "files:write");
    expect(message.shown).toContain("a bare wall");
    expect(message.shown).toContain("Open picture");
    expect(message.shown).toContain(
      "I lack the scope files:write. An admin adds it under OAuth & Permissions and reinstalls the app.",
    );
    expect(message.pictureIds).toEqual([]);
    // It does not help to try that again.
    expect(slack.proxy.calls.of("files.getUploadURLExternal")).toHaveLength(1);
  });

  it("to write at all: the person alone reads the scope, and nothing is spent", async () => {
    slack.proxy.revoke("chat:write");
    await slack.command(ana, studio, "/imagine a mute swan");
    await slack.waitForEphemeral(ana, studio, "I lack the scope chat:write.");
    expect(await answers(studio, "a mute swan")).toEqual([]);
    expect(model.calls).toEqual([]);
  });

  it("a private answer through its address any more: it stays private", async () => {
    const { faults } = slack.proxy;
    faults.answerWith("response_url", "expired_url", 5);
    await slack.command(ana, studio, "/imagine a secret garden --private");
    const inChannel = await slack.waitForEphemeral(ana, studio, ({ shown, pictureIds }) => {
      return shown.includes("a secret garden") && pictureIds.length > 0;
    });
    expect(inChannel.buttons).toContain("Share to channel");

    faults.answerWith("response_url", "used_url", 5);
    faults.answerWith("chat.postEphemeral", "user_not_in_channel", 5);
    await slack.command(ana, studio, "/imagine a secret cellar --private");
    const direct = await pictured(dmOfAna, "a secret cellar");
    expect(direct.shown).toContain("I could not post this in ");

    expect(await answers(studio, "a secret")).toEqual([]);
    const posts = slack.proxy.calls.of("chat.postMessage").map(({ args }) => args.channel);
    expect(posts).toEqual([dmOfAna]);
    expect(await slack.ephemeral(ben, studio)).toEqual([]);
  });
});

describe.skipIf(!installed)(
  `what goes wrong in Slack in mid-job${needed}`,
  { timeout: 60_000 },
  () => {
    let slack: SlackWorld;
    let model: ModelServer;

    beforeAll(async () => {
      ({ slack, model } = await studios.open({ transport: "http" }));
    });
    beforeEach(() => {
      model.reset();
      model.setLatencyMs(0);
      slack.proxy.faults.clear();
      slack.proxy.calls.clear();
    });

    const answers = async (prompt: string) =>
      (await slack.messages(studio)).filter(({ shown }) => shown.includes(prompt));
    const pictured = (prompt: string) =>
      slack.waitForMessage(studio, (m) => m.shown.includes(prompt) && m.pictureIds.length > 0);

    it("the message was deleted: the result is posted anew", async () => {
      model.setLatencyMs(1_000);
      await slack.command(ana, studio, "/imagine a sandcastle");
      const begun = await slack.waitForMessage(studio, "a sandcastle");
      await slack.proxy.local.api("chat.delete", { channel: studio, ts: begun.ts });
      const { ts, buttons } = await pictured("a sandcastle");
      expect(ts).not.toBe(begun.ts);
      expect(buttons).toContain("Re-roll");
      expect(await answers("a sandcastle")).toHaveLength(1);
      expect(model.calls).toHaveLength(1);
    });

    it("Slack asks for a pause of one method: all others go on, and the result comes after it", async () => {
      const { faults, calls } = slack.proxy;
      model.setLatencyMs(1_500);
      faults.rateLimit("chat.update", 3);
      await slack.command(ana, studio, "/imagine a waiting room --count 2");
      const { isEdited } = await pictured("a waiting room");
      expect(isEdited).toBe(true);
      expect(faults.waits).toHaveLength(1);
      const { same, others } = calls.during(faults.waits);
      expect(same).toEqual([]);
      const methods = others.map(({ method }) => method);
      expect(methods).toContain("files.getUploadURLExternal");
      expect(methods).toContain("upload");
      expect(await answers("a waiting room")).toHaveLength(1);
    });

    it("Slack asks for a pause before the first message: it is posted once, after it", async () => {
      const { faults, calls } = slack.proxy;
      faults.rateLimit("chat.postMessage", 2);
      await slack.command(ana, studio, "/imagine a slow door");
      await slack.command(ben, studio, "/help");
      await slack.waitForEphemeral(ben, studio, "/imagine");
      await pictured("a slow door");
      const { same, others } = calls.during(faults.waits);
      expect(same).toEqual([]);
      // The help did not wait for it.
      expect(others.map(({ method }) => method)).toContain("response_url");
      expect(await answers("a slow door")).toHaveLength(1);
      expect(model.calls).toHaveLength(1);
    });

    it("an upload breaks: it is begun anew, and the picture is there", async () => {
      const { faults, calls } = slack.proxy;
      faults.failWith("upload", 500, 1);
      faults.reset("upload", 1);
      await slack.command(ana, studio, "/imagine a mended vase");
      const { pictureIds } = await pictured("a mended vase");
      expect((await slack.fileBytes(pictureIds[0] ?? "")).length).toBeGreaterThan(100);
      expect(calls.of("upload")).toHaveLength(3);
      expect(calls.refusals()).toEqual([]);
      expect(model.calls).toHaveLength(1);
    });

    it("no upload gets through: a link that works is posted", async () => {
      slack.proxy.faults.failWith("upload", 503, 20);
      await slack.command(ana, studio, "/imagine a broken vase");
      const message = await slack.waitForMessage(studio, /a broken vase[\s\S]*Open picture/u);
      expect(message.pictureIds).toEqual([]);
      const url = /"url":"([^"]*\/files\/[^"]+)"/u.exec(JSON.stringify(message.blocks))?.[1] ?? "";
      const picture = await fetch(url);
      expect(picture.status).toBe(200);
      expect(picture.headers.get("content-type")).toBe("image/jpeg");
      expect(slack.proxy.calls.refusals()).toEqual([]);
    });

    it("an answer of Slack's is lost: the message is not there twice", async () => {
      slack.proxy.faults.loseAnswer("chat.update", 1);
      await slack.command(ana, studio, "/imagine an echo");
      await pictured("an echo");
      await slack.command(ana, studio, "/imagine a reply");
      await pictured("a reply");
      expect(await answers("an echo")).toHaveLength(1);
      expect(model.calls).toHaveLength(2);
    });
  },
);
