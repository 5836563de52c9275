import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { shownJobKey } from "../../adapters/discord/target.ts";
import { createCard } from "../../src/card.ts";
import { AtelierError } from "../../src/errors.ts";
import { type DiscordDesk, discordDesks } from "../fixtures/discord-desk.ts";
import { until } from "../fixtures/until.ts";
import { DISCORD_CHANNELS, DISCORD_USERS } from "../servers/discord-workspace.ts";

const desks = discordDesks();
const { ana } = DISCORD_USERS;
const { studio, lobby, board, words, thread, dmOfAna, dmOfTwo } = DISCORD_CHANNELS;

describe("an answer in Discord", () => {
  let desk: DiscordDesk;
  beforeAll(async () => {
    desk = await desks.open();
  });
  beforeEach(() => {
    desk.world.proxy.faults.clear();
    desk.world.proxy.calls.clear();
  });
  afterEach(() => {
    expect(desk.world.proxy.calls.problems()).toEqual([]);
  });

  const calls = () => desk.world.proxy.calls;
  /** What everyone sees in the channel that is not there now. */
  async function watch(channel: string) {
    const before = new Set((await desk.world.messages(channel)).map(({ id }) => id));
    return async () => (await desk.world.messages(channel)).filter(({ id }) => !before.has(id));
  }

  describe("for everyone", () => {
    it.each([
      ["a channel", studio],
      ["a thread", thread],
      ["direct messages with the bot", dmOfAna],
      ["direct messages where the bot is not", dmOfTwo],
    ])(
      "is the deferred message, first without and then with the picture: in %s",
      async (_, channel) => {
        const added = await watch(channel);
        const open = desk.counting.hold();
        const jobId = await desk.put("/imagine a red fox", await desk.typedAt(ana, channel));
        const first = await desk.world.waitForMessage(channel, "Drawing");
        expect(first).toMatchObject({ pictureIds: [], buttons: ["Cancel"] });
        expect(first.shown).toContain("a red fox");
        open();
        expect((await desk.finished(jobId)).status).toBe("delivered");
        const [message, ...others] = await added();
        expect(others).toEqual([]);
        expect(message).toMatchObject({ id: first.id, isThinking: false, files: [] });
        expect(message?.pictureIds).toHaveLength(1);
        expect(message?.alts[0]).toContain("a red fox");
        expect(message?.buttons).toContain("Re-roll");
        expect(await desk.notes.get(shownJobKey(first.id))).toBe(jobId);
        expect(calls().refusals()).toEqual([]);
      },
    );

    it("shows four pictures as four files in one gallery", async () => {
      const record = await desk.run(
        "/imagine four foxes --count 4",
        await desk.typedAt(ana, studio),
      );
      const message = await desk.world.waitForMessage(studio, "four foxes");
      expect(record.pictures).toHaveLength(4);
      expect(new Set(message.pictureIds).size).toBe(4);
    });

    it("notifies nobody, whatever was asked for", async () => {
      await desk.run("/imagine @everyone and foxes", await desk.typedAt(ana, studio));
      for (const body of calls().bodies("edit_response")) {
        expect(body.allowed_mentions).toEqual({ parse: [] });
      }
    });

    it("is shown once when it is delivered again after a crash", async () => {
      const added = await watch(studio);
      const record = await desk.run("/imagine a fox twice", await desk.typedAt(ana, studio));
      calls().clear();
      const restarted = await desks.open({ beside: desk });
      if (record.card !== null) await restarted.delivery.deliver(record, record.card);
      expect(await added()).toHaveLength(1);
      expect(calls().all).toEqual([]);
    });

    it("is in the same message when the crash came before its note", async () => {
      const added = await watch(studio);
      const record = await desk.run("/imagine a fox anew", await desk.typedAt(ana, studio));
      await desk.notes.delete(`delivered#${record.id}`);
      const restarted = await desks.open({ beside: desk });
      if (record.card !== null) await restarted.delivery.deliver(record, record.card);
      const messages = await added();
      expect(messages.map(({ pictureIds }) => pictureIds.length)).toEqual([1]);
    });
  });

  describe("for the person alone", () => {
    it("is in the first response, which only they see, from first to last", async () => {
      const added = await watch(studio);
      const target = await desk.typedAt(ana, studio, "ephemeral");
      const record = await desk.run("/imagine a secret fox --private", target);
      const message = await desk.world.waitForEphemeral(ana, studio, "a secret fox");
      expect([record.status, message.pictureIds.length]).toEqual(["delivered", 1]);
      expect(await added()).toEqual([]);
      expect(await desk.notes.get(shownJobKey(message.id))).toBe(record.id);
    });

    it("is not shown to others although the first response was for everyone", async () => {
      const added = await watch(studio);
      const target = await desk.typedAt(ana, studio, "public");
      await desk.run("/imagine a guarded fox --private", target);
      const message = await desk.world.waitForEphemeral(ana, studio, "a guarded fox");
      expect(message.pictureIds).toHaveLength(1);
      expect(await added()).toEqual([]);
      const edits = JSON.stringify(calls().bodies("edit_response"));
      expect(edits).not.toContain("guarded");
    });
  });

  describe("where the bot lacks permissions", () => {
    it.each([
      ["to write", lobby, "public", "the permission Send Messages in"],
      ["for anything", board, "public", "View Channel, Send Messages, and Attach Files"],
      ["to attach files", words, "public", "the permission Attach Files in"],
      ["to attach files, in private", words, "ephemeral", "the permission Attach Files in"],
    ] as const)("is refused before a model is asked: %s", async (_, channel, response, name) => {
      const asked = desk.counting.requests.length;
      const before = await desk.world.messages(channel);
      const target = await desk.typedAt(ana, channel, response);
      const { status, failure } = await desk.run("/imagine a costly fox", target);
      expect([status, failure?.kind]).toEqual(["failed", "not_allowed"]);
      expect(failure?.message).toContain(name);
      expect(failure?.message).toContain("Someone who manages the channel");
      expect(desk.counting.requests).toHaveLength(asked);
      await desk.world.waitForEphemeral(ana, channel, name);
      expect(await desk.world.messages(channel)).toEqual(before);
    });
  });

  it("is refused in a thread by the permission that threads have, before a model is asked", async () => {
    const asked = desk.counting.requests.length;
    desk.world.proxy.permissions.revoke(thread, "sendMessagesInThreads");
    const target = await desk.typedAt(ana, thread);
    const { failure } = await desk.run("/imagine a costly thread", target);
    desk.world.proxy.permissions.grant(thread, "sendMessagesInThreads");
    expect(failure?.message).toContain("the permission Send Messages in Threads in this thread.");
    expect(desk.counting.requests).toHaveLength(asked);
  });

  describe("that failed", () => {
    it.each([
      ["in a channel", studio],
      ["where the bot is only an app that the person has", dmOfTwo],
    ])("says so to the person alone, and nothing is left for others: %s", async (_, channel) => {
      const added = await watch(channel);
      desk.counting.fail(1, new AtelierError("refused", "That was declined."));
      const target = await desk.typedAt(ana, channel);
      expect((await desk.run("/imagine something declined", target)).status).toBe("refused");
      const told = await desk.world.waitForEphemeral(ana, channel, "That was declined.");
      expect([told.text, told.buttons]).toEqual(["That was declined.", []]);
      expect(await added()).toEqual([]);
      expect(calls().refusals()).toEqual([]);
    });

    it("says so once, to the person alone, when it is delivered again after a crash", async () => {
      const added = await watch(studio);
      desk.counting.fail(1, new AtelierError("refused", "Declined, with a crash."));
      const record = await desk.run("/imagine it anew", await desk.typedAt(ana, studio));
      await desk.notes.delete(`delivered#${record.id}`);
      const restarted = await desks.open({ beside: desk });
      await restarted.delivery.deliver(record, createCard({ text: "" }));
      const told = (await desk.world.ephemeral(ana, studio)).filter(({ shown }) =>
        shown.includes("Declined, with a crash."),
      );
      expect([told.length, await added()]).toEqual([1, []]);
    });

    it.each([
      ["that is for the person alone", studio, "ephemeral"],
      ["in the direct messages with the bot", dmOfAna, "public"],
    ] as const)("says so in the first response %s", async (_, channel, response) => {
      const target = await desk.typedAt(ana, channel, response);
      desk.counting.fail(1, new AtelierError("refused", "Declined in place."));
      await desk.run("/imagine something declined", target);
      const onlyFor = response === "public" ? null : ana;
      await desk.world.waitForMessage(channel, "Declined in place.", { onlyFor });
      expect(calls().methods()).not.toContain("follow_up");
      expect(calls().methods()).not.toContain("delete_response");
    });

    it("says so to everyone rather than to nobody where what stands there cannot go", async () => {
      const added = await watch(studio);
      const target = await desk.typedAt(ana, studio);
      desk.world.proxy.faults.answerWith("delete_response", "invalid_form");
      desk.counting.fail(1, new AtelierError("refused", "Declined, and stays."));
      await desk.run("/imagine something declined", target);
      expect((await added()).map(({ shown }) => shown)).toEqual(["Declined, and stays."]);
    });

    it("says in place that it was cancelled", async () => {
      const added = await watch(studio);
      const open = desk.counting.hold();
      const before = desk.counting.requests.length;
      const jobId = await desk.put("/imagine a fox to cancel", await desk.typedAt(ana, studio));
      await until(() => desk.counting.requests.length > before);
      await desk.services.queue.cancel(jobId);
      expect((await desk.finished(jobId)).status).toBe("cancelled");
      open();
      expect((await added()).map(({ shown }) => shown)).toEqual(["Cancelled."]);
    });
  });

  describe("that takes its time", () => {
    it("says that it waits while the model is busy, and shows no earlier step after that", async () => {
      calls().clear();
      desk.counting.fail(1, new AtelierError("rate_limited", "The model is busy."));
      const jobId = await desk.put("/imagine a patient fox", await desk.typedAt(ana, studio));
      await desk.finished(jobId);
      const edits = calls()
        .of("edit_response")
        .map(({ body }) => JSON.stringify(body));
      expect(edits.filter((each) => each.includes("Too busy right now"))).toHaveLength(1);
      expect(edits.at(-1)).not.toContain("Too busy right now");
      expect((await desk.world.waitForMessage(studio, "a patient fox")).pictureIds).toHaveLength(1);
    });

    it("shows how far it is, at most every two seconds, the latest step, and nothing after the end", async () => {
      const open = desk.counting.hold();
      const before = desk.counting.requests.length;
      const jobId = await desk.put("/imagine a slow fox", await desk.typedAt(ana, studio));
      await until(() => desk.counting.requests.length > before);
      const record = await desk.services.jobs.find(jobId);
      calls().clear();
      for (let done = 0; done < 50; done += 1) {
        if (record !== null) desk.delivery.progress(record, { done, total: 99 });
        await sleep(100);
      }
      const steps = calls().of("edit_response");
      const gaps = steps.slice(1).map((call, index) => call.atMs - (steps[index]?.atMs ?? 0));
      expect(steps.length).toBeGreaterThanOrEqual(2);
      expect(steps.length).toBeLessThanOrEqual(3);
      expect(Math.min(...gaps)).toBeGreaterThanOrEqual(1_990);
      const shownSteps = steps.map(({ body }) =>
        Number(/(\d+) of 99/u.exec(JSON.stringify(body))?.[1]),
      );
      expect(Math.max(...shownSteps)).toBeGreaterThanOrEqual(30);
      // One step is on its way when the end comes: it may not overtake it.
      desk.world.proxy.faults.slow("edit_response", 400);
      if (record !== null) desk.delivery.progress(record, { done: 98, total: 99 });
      await until(() => calls().of("edit_response").length > steps.length);
      open();
      await desk.finished(jobId);
      const count = calls().of("edit_response").length;
      if (record !== null) desk.delivery.progress(record, { done: 98, total: 99 });
      await sleep(2_200);
      expect(calls().of("edit_response")).toHaveLength(count);
      expect((await desk.world.waitForMessage(studio, "a slow fox")).pictureIds).toHaveLength(1);
    });

    it("stops showing steps in a message that is gone", async () => {
      const open = desk.counting.hold();
      const jobId = await desk.put("/imagine a vanishing fox", await desk.typedAt(ana, studio));
      const first = await desk.world.waitForMessage(studio, "a vanishing fox");
      await until(async () => (await desk.notes.get(shownJobKey(first.id))) === jobId);
      await desk.world.deleteMessage(first);
      const record = await desk.services.jobs.find(jobId);
      calls().clear();
      for (let done = 0; done < 45; done += 1) {
        if (record !== null) desk.delivery.progress(record, { done, total: 99 });
        await sleep(100);
      }
      expect(
        calls()
          .of("edit_response")
          .map(({ status }) => status),
      ).toEqual([404]);
      open();
      await desk.finished(jobId);
    });
  });
});
