import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { SlackTarget } from "../../adapters/slack/target.ts";
import type { JobRecord } from "../../src/job/job.ts";
import { type SlackDesk, slackDesks } from "../fixtures/slack-desk.ts";
import { createStillClock } from "../fixtures/still-clock.ts";
import { until } from "../fixtures/until.ts";
import { localSlackIsInstalled } from "../servers/local-slack.ts";
import { SLACK_CHANNELS, SLACK_USERS } from "../servers/slack-workspace.ts";

const desks = slackDesks();
const { ana } = SLACK_USERS;
const { studio, lobby, dmOfAna } = SLACK_CHANNELS;
const installed = localSlackIsInstalled();
const needed = installed ? "" : " (not run: needs local-slack)";
/** More than one writer tries by itself. */
const NOTE_TRIES = 3;

describe.skipIf(!installed)(`an answer that must be shown once in Slack${needed}`, () => {
  let desk: SlackDesk;
  let sharedId: string;
  beforeAll(async () => {
    desk = await desks.open();
    const own = desk.at(ana, dmOfAna);
    sharedId = (await desk.run("/imagine a fox to share --private", own)).id;
  });
  beforeEach(() => {
    desk.world.proxy.faults.clear();
    desk.world.proxy.calls.clear();
    desk.failNotes("", 0);
  });

  const faults = () => desk.world.proxy.faults;
  const share = (target: SlackTarget) => desk.press("share", sharedId, target);

  const watch = (channel: string) => desk.watch(channel);

  /** As another process would after a crash of this one. */
  async function deliverAnew(record: JobRecord): Promise<void> {
    const restarted = await desks.open({ beside: desk });
    if (record.card !== null) await restarted.delivery.deliver(record, record.card);
  }

  /** The record of a job that draws, while its first message is shown and nothing else. */
  async function begun(text: string, target: SlackTarget) {
    const open = desk.counting.hold();
    const jobId = await desk.put(text, target);
    const first = await desk.world.waitForMessage(studio, "Drawing");
    await until(async () => (await desk.notes.get(`message#${jobId}`)) !== null);
    return { jobId, first, open };
  }

  describe("when a note cannot be written", () => {
    it.each([
      ["for a moment", 1, "delivered"],
      ["until the answer is delivered again", NOTE_TRIES + 1, "delivered"],
    ])("is posted once: %s", async (_when, times, status) => {
      const seen = await watch(studio);
      desk.failNotes("message#", times);
      const record = await share(desk.at(ana, studio));
      const { everyone } = await seen();
      expect([record.status, everyone.length]).toEqual([status, 1]);
      expect(await desk.notes.get(`message#${record.id}`)).toMatchObject({ ts: everyone[0]?.ts });
    });

    it("goes through the response_url once", async () => {
      const seen = await watch(lobby);
      desk.failNotes("delivered#", NOTE_TRIES + 1);
      const record = await share(await desk.typedAt(ana, lobby));
      await deliverAnew(record);
      expect([record.status, (await seen()).everyone.length]).toEqual(["delivered", 1]);
    });

    it("takes the place of the message that the job began with", async () => {
      const seen = await watch(studio);
      desk.failNotes("message#", NOTE_TRIES);
      await desk.run("/imagine a fox without a note", desk.at(ana, studio));
      const { everyone } = await seen();
      expect(everyone.map(({ isEdited, pictureIds }) => [isEdited, pictureIds.length])).toEqual([
        [true, 1],
      ]);
    });
  });

  it("is found again by a process that starts while the old message is removed", async () => {
    const seen = await watch(studio);
    const { jobId, first, open } = await begun("/imagine a fox in between", desk.at(ana, studio));
    await desk.world.proxy.local.api("chat.delete", { channel: studio, ts: first.ts });
    faults().slow("chat.delete", 3_000);
    open();
    await until(() => desk.world.proxy.calls.of("chat.delete").length === 1);
    const record = await desk.services.jobs.find(jobId);
    if (record !== null) await deliverAnew(record);
    const pictured = (await seen()).everyone.filter(({ pictureIds }) => pictureIds.length > 0);
    expect(pictured).toHaveLength(1);
    expect(await desk.notes.get(`message#${jobId}`)).toMatchObject({ ts: pictured[0]?.ts });
    await desk.finished(jobId);
    expect((await seen()).everyone.map(({ ts }) => ts)).toEqual([pictured[0]?.ts]);
  });

  describe("when it is not known whether everyone sees it", () => {
    it.each([
      ["and they do", () => faults().loseAnswer("chat.postMessage"), 1],
      ["and they do not", () => faults().failWith("chat.postMessage", 503), 0],
    ])("is shown to the person alone, %s", async (_what, break_, shownToAll) => {
      for (const target of [await desk.typedAt(ana, studio), desk.at(ana, studio)]) {
        const seen = await watch(studio);
        break_();
        const record = await share(target);
        await deliverAnew(record);
        const { everyone, onlyAna, direct } = await seen();
        expect([everyone.length, onlyAna.length, direct.length]).toEqual([shownToAll, 1, 0]);
        expect(onlyAna[0]?.shown).toContain("Slack did not say whether it showed this to everyone");
        expect(onlyAna[0]?.pictureIds).toHaveLength(1);
      }
    });

    it("is not sent to everyone twice through the response_url", async () => {
      const target = await desk.typedAt(ana, lobby);
      const seen = await watch(lobby);
      faults().loseAnswer("response_url");
      await share(target);
      const { everyone, onlyAna } = await seen();
      expect([everyone.length, onlyAna.length]).toEqual([1, 1]);
    });

    it("is never posted again, by a process that starts later neither", async () => {
      const target = desk.at(ana, studio);
      const seen = await watch(studio);
      faults().loseAnswer("chat.postMessage");
      for (const door of ["chat.postEphemeral", "conversations.open"]) {
        faults().answerWith(door, "no_permission", 9);
      }
      const givenUp = await share(target);
      faults().clear();
      await deliverAnew({ ...givenUp, failure: null });
      const { everyone, onlyAna } = await seen();
      expect([everyone.length, onlyAna.length]).toEqual([1, 1]);
    });

    it("waits for the job's own message, which can be changed as often as needed", async () => {
      const seen = await watch(studio);
      const { jobId, open } = await begun("/imagine a fox that waits", desk.at(ana, studio));
      faults().failWith("chat.update", 503, 4);
      open();
      await desk.finished(jobId);
      const { everyone, onlyAna, direct } = await seen();
      expect(everyone.map(({ pictureIds }) => pictureIds.length)).toEqual([1]);
      expect([onlyAna, direct]).toEqual([[], []]);
      expect(desk.world.proxy.calls.of("chat.postMessage")).toHaveLength(1);
    });

    it("is shown to the person alone when that message cannot be reached for good", async () => {
      const { jobId, open } = await begun("/imagine a fox cut off", desk.at(ana, studio));
      const seen = await watch(studio);
      faults().failWith("chat.update", 503, 99);
      open();
      await desk.finished(jobId);
      const { everyone, onlyAna } = await seen();
      expect([everyone.length, onlyAna.length]).toEqual([0, 1]);
      expect(desk.world.proxy.calls.of("chat.postMessage")).toHaveLength(1);
    });
  });

  describe("when no way is left", () => {
    const fails = async (target: SlackTarget) => {
      const record = await desk.services.jobs.find(sharedId);
      if (record?.card === undefined || record.card === null) throw new Error("No card.");
      const anew = { ...record, id: `${sharedId}x${desk.lines.length}`, isPrivate: false };
      const patient = await desks.open({ beside: desk, clock: createStillClock() });
      const delivered = { ...anew, target: JSON.parse(JSON.stringify(target)) };
      return patient.delivery.deliver(delivered, record.card);
    };

    it("fails as what may pass, where one of the failures may", async () => {
      faults().answerWith("chat.postMessage", "service_unavailable", 9);
      faults().answerWith("response_url", "expired_url", 9);
      const typed = await desk.typedAt(ana, studio, { channel: dmOfAna, isWithBot: true });
      await expect(fails(typed)).rejects.toMatchObject({ kind: "unavailable" });
    });

    it.each([
      ["not_allowed", "messages_tab_disabled"],
      ["not_allowed", "user_disabled"],
      ["misconfigured", "token_revoked"],
    ])("fails as %s where no later try changes it: %s", async (kind, code) => {
      faults().answerWith("conversations.open", code, 9);
      await expect(fails(desk.at(ana, lobby))).rejects.toMatchObject({ kind });
    });
  });
});
