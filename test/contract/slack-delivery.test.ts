import { setTimeout as sleep } from "node:timers/promises";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { shownJobKey } from "../../adapters/slack/target.ts";
import { AtelierError } from "../../src/errors.ts";
import { type SlackDesk, slackDesks } from "../fixtures/slack-desk.ts";
import { until } from "../fixtures/until.ts";
import { localSlackIsInstalled } from "../servers/local-slack.ts";
import { SLACK_DEFAULT_GRANTS } from "../servers/slack-api-rules.ts";
import { SLACK_CHANNELS, SLACK_USERS } from "../servers/slack-workspace.ts";

const desks = slackDesks();
const { ana } = SLACK_USERS;
const { studio, lobby, board, dmOfAna } = SLACK_CHANNELS;
const installed = localSlackIsInstalled();
const needed = installed ? "" : " (not run: needs local-slack)";

describe.skipIf(!installed)(`an answer in Slack${needed}`, () => {
  let desk: SlackDesk;
  beforeAll(async () => {
    desk = await desks.open();
    await desk.api.identify();
  });
  beforeEach(async () => {
    desk.world.proxy.faults.clear();
    desk.world.proxy.grant(SLACK_DEFAULT_GRANTS);
    desk.world.proxy.calls.clear();
  });

  const calls = () => desk.world.proxy.calls;
  const callsOf = (method: string) => calls().of(method);
  /** What everyone sees in the channel that is not there now. */
  async function watch(channel: string) {
    const before = new Set((await desk.world.messages(channel)).map(({ ts }) => ts));
    return async () => (await desk.world.messages(channel)).filter(({ ts }) => !before.has(ts));
  }

  describe("for everyone", () => {
    it("is one message, first without and then with the picture", async () => {
      const added = await watch(studio);
      const open = desk.counting.hold();
      const jobId = await desk.put("/imagine a red fox", desk.at(ana, studio));
      const first = await desk.world.waitForMessage(studio, "Drawing");
      expect(first).toMatchObject({ pictureIds: [], buttons: ["Cancel"] });
      expect(first.shown).toContain("a red fox");
      open();
      await desk.finished(jobId);
      const [message, ...others] = await added();
      expect(others).toEqual([]);
      expect(message).toMatchObject({ ts: first.ts, isEdited: true });
      expect(message?.pictureIds).toHaveLength(1);
      expect(message?.buttons).toContain("Re-roll");
      expect(await desk.notes.get(shownJobKey({ channel: studio }, first.ts))).toBe(jobId);
      expect(calls().refusals()).toEqual([]);
    });

    it("goes to the thread it was asked for in", async () => {
      const root = await desk.world.say(ana, studio, "look here");
      await desk.run("/imagine a fox in a thread", desk.at(ana, studio, { threadTs: root.ts }));
      const [reply] = await desk.world.replies(root);
      expect(reply?.pictureIds).toHaveLength(1);
    });

    it("comes in a new message when somebody deleted the first one in mid-job", async () => {
      const added = await watch(studio);
      const open = desk.counting.hold();
      const jobId = await desk.put("/imagine a fox for keeps", desk.at(ana, studio));
      const { ts } = await desk.world.waitForMessage(studio, "a fox for keeps");
      await desk.world.proxy.local.api("chat.delete", { channel: studio, ts });
      open();
      const { status } = await desk.finished(jobId);
      const [message, ...others] = await added();
      expect([status, others.length, message?.pictureIds.length]).toEqual(["delivered", 0, 1]);
      expect(await desk.notes.get(`message#${jobId}`)).toEqual({
        channel: studio,
        ts: message?.ts,
      });
    });

    it("shows a link and what is missing when the picture cannot be uploaded", async () => {
      desk.world.proxy.revoke("files:write");
      const record = await desk.run("/imagine a fox by link", desk.at(ana, studio));
      const message = await desk.world.waitForMessage(studio, "a fox by link");
      expect(record.status).toBe("delivered");
      expect(message.pictureIds).toEqual([]);
      expect(message.shown).toContain("I lack the scope files:write.");
      expect(JSON.stringify(message.blocks)).toContain(record.pictures[0]?.blob.key);
    });

    it("uploads a picture again that somebody deleted in Slack", async () => {
      const { id } = await desk.run("/imagine a fox --private", desk.at(ana, dmOfAna));
      const shown = await desk.world.waitForMessage(dmOfAna, "a fox");
      const [fileId = ""] = shown.pictureIds;
      await desk.world.proxy.local.api("files.delete", { file: fileId });
      const added = await watch(dmOfAna);
      await desk.run(`/show ${id}`, desk.at(ana, dmOfAna));
      const [again] = await added();
      expect(again?.pictureIds).toHaveLength(1);
      expect(again?.pictureIds).not.toContain(fileId);
    });

    it("shows links when Slack refuses the pictures for another reason", async () => {
      desk.world.proxy.faults.answerWith("chat.update", "invalid_blocks", 9);
      const open = desk.counting.hold();
      const added = await watch(studio);
      const jobId = await desk.put("/imagine a refused fox", desk.at(ana, studio));
      await desk.world.waitForMessage(studio, "a refused fox");
      desk.world.proxy.faults.answerWith("chat.postMessage", "invalid_blocks");
      open();
      const { pictures } = await desk.finished(jobId);
      const [message, ...others] = await added();
      expect([others.length, message?.pictureIds.length]).toEqual([0, 0]);
      expect(JSON.stringify(message?.blocks)).toContain(pictures[0]?.blob.key);
    });

    it("is posted once when it is delivered again after a crash", async () => {
      const added = await watch(studio);
      const record = await desk.run("/imagine a fox twice", desk.at(ana, studio));
      const restarted = await desks.open({ beside: desk });
      await restarted.delivery.begin(record);
      if (record.card !== null) await restarted.delivery.deliver(record, record.card);
      expect(await added()).toHaveLength(1);
    });
  });

  describe("where the bot cannot post", () => {
    it.each([
      ["a channel it is not in", lobby, "/invite @atelier"],
      ["a private channel it is not in", board, "/invite @atelier"],
    ])("is refused before a model is asked: %s", async (_what, channel, words) => {
      const before = desk.counting.requests.length;
      const target = await desk.typedAt(ana, channel);
      const { status, failure } = await desk.run("/imagine a costly fox", target);
      expect([status, failure?.kind]).toEqual(["failed", "not_allowed"]);
      expect(failure?.message).toContain(words);
      expect(desk.counting.requests).toHaveLength(before);
      expect((await desk.world.waitForEphemeral(ana, channel, words)).onlyFor).toBe(ana);
    });

    it("is refused before a model is asked: its token is no longer accepted", async () => {
      const before = desk.counting.requests.length;
      const target = await desk.typedAt(ana, studio);
      desk.world.proxy.faults.answerWith("chat.postMessage", "token_revoked");
      const { failure } = await desk.run("/imagine a costly fox", target);
      expect(failure).toMatchObject({
        kind: "not_allowed",
        message: "Slack does not let me post any more. An admin installs the app again.",
      });
      expect(desk.counting.requests).toHaveLength(before);
    });

    it("is drawn all the same when Slack was only away, and comes at the end", async () => {
      const added = await watch(studio);
      desk.world.proxy.faults.failWith("chat.postMessage", 503);
      await desk.run("/imagine a late fox", desk.at(ana, studio));
      expect((await added()).map(({ pictureIds }) => pictureIds.length)).toEqual([1]);
    });

    it("is refused before a model is asked: the scope is missing", async () => {
      desk.world.proxy.revoke("chat:write");
      const before = desk.counting.requests.length;
      const target = await desk.typedAt(ana, studio);
      const { failure } = await desk.run("/imagine a costly fox", target);
      expect(failure?.message).toContain("I lack the scope chat:write.");
      expect(desk.counting.requests).toHaveLength(before);
      await desk.world.waitForEphemeral(ana, studio, "I lack the scope chat:write.");
    });
  });

  describe("that failed", () => {
    it("is told to the person alone, and its message goes", async () => {
      const added = await watch(studio);
      desk.counting.fail(1, new AtelierError("refused", "That was declined."));
      const target = await desk.typedAt(ana, studio);
      const { status } = await desk.run("/imagine something declined", target);
      expect(status).toBe("refused");
      expect(await added()).toEqual([]);
      await desk.world.waitForEphemeral(ana, studio, "That was declined.");
    });

    it("changes its message in a direct message, where nobody else reads", async () => {
      const added = await watch(dmOfAna);
      desk.counting.fail(1, new AtelierError("refused", "That was declined."));
      await desk.run("/imagine something declined", desk.at(ana, dmOfAna));
      const [message, ...others] = await added();
      expect([others.length, message?.isEdited]).toEqual([0, true]);
      expect(message?.shown).toContain("That was declined.");
    });

    it("is told once when it is delivered again after a crash", async () => {
      desk.counting.fail(1, new AtelierError("refused", "Declined, once."));
      const record = await desk.run("/imagine declined once", await desk.typedAt(ana, studio));
      const restarted = await desks.open({ beside: desk });
      if (record.card !== null) await restarted.delivery.deliver(record, record.card);
      const told = (await desk.world.ephemeral(ana, studio)).filter(({ shown }) =>
        shown.includes("Declined, once."),
      );
      expect(told).toHaveLength(1);
    });

    it("leaves nothing behind when it was cancelled", async () => {
      const added = await watch(studio);
      const open = desk.counting.hold();
      const jobId = await desk.put("/imagine a fox to cancel", desk.at(ana, studio));
      await desk.world.waitForMessage(studio, "a fox to cancel");
      await until(() => desk.counting.requests.at(-1)?.prompt.includes("to cancel") ?? false);
      await desk.services.queue.cancel(jobId);
      expect((await desk.finished(jobId)).status).toBe("cancelled");
      open();
      expect(await added()).toEqual([]);
    });
  });

  describe("that takes its time", () => {
    it("says that it waits while the model is busy, and shows no earlier step after that", async () => {
      const added = await watch(studio);
      calls().clear();
      desk.counting.fail(1, new AtelierError("rate_limited", "The model is busy."));
      const jobId = await desk.put("/imagine a patient fox", desk.at(ana, studio));
      await desk.finished(jobId);
      const updates = callsOf("chat.update").map(({ args }) => JSON.stringify(args));
      expect(updates.filter((each) => each.includes("Too busy right now"))).toHaveLength(1);
      expect(updates.at(-1)).not.toContain("Too busy right now");
      expect((await added()).map(({ pictureIds }) => pictureIds.length)).toEqual([1]);
    });

    it("shows how far it is, at most once a second in a channel, and nothing after the end", async () => {
      const added = await watch(studio);
      const open = desk.counting.hold();
      const asked = ["one", "two", "three"].map((what) =>
        desk.put(`/imagine a slow fox ${what}`, desk.at(ana, studio)),
      );
      const [firstId = "", ...otherIds] = await Promise.all(asked);
      await until(async () => (await added()).length === 3);
      const records = await Promise.all([firstId, ...otherIds].map(desk.services.jobs.find));
      calls().clear();
      for (let done = 0; done < 29; done += 1) {
        for (const record of records) {
          if (record !== null) desk.delivery.progress(record, { done, total: 30 });
        }
        await sleep(130);
      }
      const isStep = ({ args }: { args: unknown }) => JSON.stringify(args).includes(" of 30");
      const steps = callsOf("chat.update").filter(isStep);
      const gaps = steps.slice(1).map((call, index) => call.atMs - (steps[index]?.atMs ?? 0));
      expect(steps.length).toBeGreaterThanOrEqual(3);
      expect(Math.min(...gaps)).toBeGreaterThanOrEqual(990);
      open();
      const ended = await Promise.all([firstId, ...otherIds].map(desk.finished));
      calls().clear();
      for (const record of ended) desk.delivery.progress(record, { done: 29, total: 30 });
      await sleep(1_200);
      expect(callsOf("chat.update")).toEqual([]);
      expect((await added()).map(({ pictureIds }) => pictureIds.length)).toEqual([1, 1, 1]);
    });
  });
});
