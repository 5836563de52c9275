import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { DISCORD_TOKEN_MS, shownJobKey } from "../../adapters/discord/target.ts";
import { AtelierError } from "../../src/errors.ts";
import { type DiscordDesk, discordDesks } from "../fixtures/discord-desk.ts";
import { until } from "../fixtures/until.ts";
import { DISCORD_CHANNELS, DISCORD_USERS } from "../servers/discord-workspace.ts";

const desks = discordDesks();
const { ana, ben } = DISCORD_USERS;
const { studio, drafts, lobby, dmOfAna, dmOfBen, dmOfTwo } = DISCORD_CHANNELS;

describe("an answer in Discord that finds its way closed", () => {
  let desk: DiscordDesk;
  beforeAll(async () => {
    desk = await desks.open();
  });
  beforeEach(() => {
    const { proxy } = desk.world;
    proxy.faults.clear();
    proxy.calls.clear();
    proxy.permissions.grant(studio, "viewChannel", "sendMessages", "attachFiles");
  });
  afterEach(() => {
    expect(desk.world.proxy.calls.problems()).toEqual([]);
  });

  async function watch(channel: string) {
    const before = new Set((await desk.world.messages(channel)).map(({ id }) => id));
    return async () => (await desk.world.messages(channel)).filter(({ id }) => !before.has(id));
  }

  /** Begins to draw, then does that, then draws to the end. */
  async function meanwhile(
    text: string,
    target: Parameters<DiscordDesk["put"]>[1],
    act: (jobId: string) => unknown,
  ) {
    const open = desk.counting.hold();
    const before = desk.counting.requests.length;
    const jobId = await desk.put(text, target);
    await until(() => desk.counting.requests.length > before);
    await act(jobId);
    open();
    return desk.finished(jobId);
  }

  describe("because the interaction's token is dead", () => {
    it.each([
      ["invalid_webhook_token"],
      ["unknown_webhook"],
      ["unknown_interaction"],
      ["unauthorized"],
      ["not_found"],
    ] as const)("comes in the same message, by the bot itself: %s", async (how) => {
      const added = await watch(studio);
      const target = await desk.typedAt(ana, studio);
      const record = await meanwhile(`/imagine a fox of ${how}`, target, () =>
        desk.kill(target, how),
      );
      const [message, ...others] = await added();
      expect([record.status, others.length]).toEqual(["delivered", 0]);
      expect(message?.pictureIds).toHaveLength(1);
      expect(desk.world.proxy.calls.of("edit_message")).toHaveLength(1);
    });

    it("comes in a new message in the channel when it died before the first one", async () => {
      const target = await desk.typedAt(ana, studio);
      desk.kill(target);
      const { id, status } = await desk.run("/imagine a late fox", target);
      const message = await desk.world.waitForMessage(studio, "a late fox");
      expect([status, message.pictureIds.length]).toEqual(["delivered", 1]);
      expect(await desk.notes.get(shownJobKey(message.id))).toBe(id);
    });

    it("is not asked for again once its 15 minutes are over", async () => {
      const late = { tokenUntilMs: Date.now() - 1 };
      const target = await desk.typedAt(ana, studio, "public", late);
      desk.world.proxy.calls.clear();
      await desk.run("/imagine a fox past its time", target);
      await desk.world.waitForMessage(studio, "a fox past its time");
      expect(desk.world.proxy.calls.methods()).toEqual(["create_message"]);
    });

    it("comes in a direct message when the bot cannot write in the channel either", async () => {
      const target = await desk.typedAt(ana, studio);
      await meanwhile("/imagine a stray fox", target, () => {
        desk.kill(target);
        desk.world.proxy.permissions.revoke(studio, "viewChannel", "sendMessages");
      });
      const message = await desk.world.waitForMessage(dmOfAna, "a stray fox");
      expect(message.pictureIds).toHaveLength(1);
      expect(message.shown).toContain("I could not answer where you asked");
      expect(message.shown).toContain("View Channel");
    });

    it("comes in a direct message where only the token could answer", async () => {
      const target = await desk.typedAt(ana, dmOfTwo);
      await meanwhile("/imagine a fox for two", target, () => desk.kill(target));
      const message = await desk.world.waitForMessage(dmOfAna, "a fox for two");
      expect(message.pictureIds).toHaveLength(1);
    });

    it("is told to have been made, and how to see it, when every way is closed", async () => {
      const target = await desk.typedAt(ana, studio);
      desk.world.proxy.permissions.closeDirectMessages(ana);
      const record = await meanwhile("/imagine an unseen fox", target, () => {
        desk.kill(target);
        desk.world.proxy.permissions.revoke(studio, "viewChannel");
      });
      desk.world.proxy.permissions.closeDirectMessages(ana, false);
      expect([record.status, record.failure?.kind]).toEqual(["failed", "not_allowed"]);
      expect(record.pictures).toHaveLength(1);
    });

    it("says why there is no picture to the person alone", async () => {
      const added = await watch(studio);
      desk.counting.fail(1, new AtelierError("refused", "Declined, and late."));
      const target = await desk.typedAt(ben, studio);
      desk.kill(target);
      await desk.run("/imagine something declined", target);
      await desk.world.waitForMessage(dmOfBen, "Declined, and late.");
      expect((await added()).map(({ isThinking }) => isThinking)).toEqual([true]);
    });
  });

  describe("that is private", () => {
    it("never comes to the channel: a dead token sends it to a direct message", async () => {
      const added = await watch(studio);
      const target = await desk.typedAt(ana, studio, "ephemeral");
      const record = await meanwhile("/imagine a discreet fox --private", target, () =>
        desk.kill(target),
      );
      const message = await desk.world.waitForMessage(dmOfAna, "a discreet fox");
      expect([record.status, message.pictureIds.length]).toEqual(["delivered", 1]);
      expect(await added()).toEqual([]);
      expect(
        desk.world.proxy.calls.of("create_message").map(({ params }) => params.channel),
      ).toEqual([dmOfAna]);
    });

    it("is lost rather than public when direct messages are closed, and can be shown again", async () => {
      const added = await watch(studio);
      desk.world.proxy.permissions.closeDirectMessages(ana);
      const target = await desk.typedAt(ana, studio, "ephemeral");
      const record = await meanwhile("/imagine a sealed fox --private", target, () =>
        desk.kill(target),
      );
      desk.world.proxy.permissions.closeDirectMessages(ana, false);
      expect([record.status, record.pictures.length]).toEqual(["failed", 1]);
      expect(await added()).toEqual([]);
    });

    it("comes in a further ephemeral message when the person dismissed the first one", async () => {
      const added = await watch(studio);
      const target = await desk.typedAt(ana, studio, "ephemeral");
      await meanwhile("/imagine a dismissed fox --private", target, async () => {
        const first = await desk.world.waitForEphemeral(ana, studio, "a dismissed fox");
        desk.world.dismiss(first);
      });
      const message = await desk.world.waitForEphemeral(ana, studio, "a dismissed fox");
      expect(message.pictureIds).toHaveLength(1);
      expect(await added()).toEqual([]);
    });

    it("is not for everyone where what is asked cannot be taken back", async () => {
      const target = await desk.typedAt(ana, drafts, "public");
      desk.world.proxy.faults.answerWith("delete_response", "invalid_form");
      await desk.run("/imagine a hidden fox --private", target);
      await desk.world.waitForMessage(dmOfAna, "a hidden fox");
      expect(JSON.stringify(await desk.world.messages(drafts))).not.toContain("a hidden fox");
    });

    it("comes in a direct message once when it is delivered again after a crash", async () => {
      const added = await watch(dmOfAna);
      const target = await desk.typedAt(ana, studio, "ephemeral");
      desk.kill(target);
      const record = await desk.run("/imagine a single fox --private", target);
      await desk.notes.delete(`delivered#${record.id}`);
      const restarted = await desks.open({ beside: desk });
      if (record.card !== null) await restarted.delivery.deliver(record, record.card);
      expect(await added()).toHaveLength(1);
      expect(desk.world.proxy.calls.of("create_message")).toHaveLength(1);
    });
  });

  describe("because its message is gone, or Discord is away", () => {
    it("comes in a new message when a moderator deleted the first one in mid-job", async () => {
      const added = await watch(studio);
      const target = await desk.typedAt(ana, studio);
      const { id, status } = await meanwhile("/imagine a fox for keeps", target, async () => {
        await desk.world.deleteMessage(await desk.world.waitForMessage(studio, "a fox for keeps"));
      });
      const [message, ...others] = await added();
      expect([status, others.length, message?.pictureIds.length]).toEqual(["delivered", 0, 1]);
      // Which Discord makes once, however often it is asked for.
      expect(desk.world.proxy.calls.methods()).not.toContain("follow_up");
      expect(await desk.notes.get(`message#${id}`)).toMatchObject({ id: message?.id });
    });

    it("comes in the same message after all when Discord was away at the end", async () => {
      const added = await watch(studio);
      const target = await desk.typedAt(ana, studio);
      const record = await meanwhile("/imagine a patient fox", target, () => {
        desk.world.proxy.faults.failWith("edit_response", 503, 4);
        desk.world.proxy.faults.failWith("edit_message", 503, 3);
      });
      const messages = await added();
      expect(record.status).toBe("delivered");
      expect(messages.map(({ pictureIds }) => pictureIds.length)).toEqual([1]);
      // Nothing new was made for the sake of what passed.
      expect(desk.world.proxy.calls.methods()).not.toContain("follow_up");
      expect(desk.world.proxy.calls.methods()).not.toContain("create_message");
    });

    it("is the only message when Discord takes it nowhere but in a new one", async () => {
      const added = await watch(studio);
      const target = await desk.typedAt(ana, studio);
      await meanwhile("/imagine an odd fox", target, () => {
        desk.world.proxy.faults.answerWith("edit_response", "invalid_form", 3);
        desk.world.proxy.faults.answerWith("edit_message", "invalid_form", 3);
      });
      expect((await added()).map(({ pictureIds }) => pictureIds.length)).toEqual([1]);
    });

    it("has its picture once when the answer to the last edit was lost", async () => {
      const target = await desk.typedAt(ana, studio);
      await meanwhile("/imagine a fox unheard", target, () =>
        desk.world.proxy.faults.loseAnswer("edit_response"),
      );
      const message = await desk.world.waitForMessage(studio, "a fox unheard");
      expect([message.pictureIds.length, message.files]).toEqual([1, []]);
    });

    it("is shown once although the store took its notes late", async () => {
      let failuresLeft = 0;
      const late = await desks.open({
        aroundNotes: (notes) => ({
          ...notes,
          async put(key, value) {
            failuresLeft -= 1;
            if (failuresLeft >= 0) throw new AtelierError("unavailable", "The store is away.");
            await notes.put(key, value);
          },
        }),
      });
      const target = await late.typedAt(ana, studio);
      late.kill(target);
      failuresLeft = 2;
      const { id } = await late.run("/imagine a fox noted late", target);
      const messages = await late.world.messages(studio);
      expect(messages.filter(({ isThinking }) => !isThinking)).toHaveLength(1);
      expect(await late.notes.get(`message#${id}`)).toMatchObject({ id: messages.at(-1)?.id });
      expect(await late.notes.get(`delivered#${id}`)).toBe(true);
    });

    it("is drawn all the same when the first message cannot be shown", async () => {
      desk.world.proxy.faults.failWith("edit_response", 503, 3);
      const { status } = await desk.run("/imagine a sudden fox", await desk.typedAt(ana, studio));
      const message = await desk.world.waitForMessage(studio, "a sudden fox");
      expect([status, message.pictureIds.length]).toEqual(["delivered", 1]);
    });
  });

  it("tells a person something without a job, where nobody else reads it", async () => {
    const { tell } = desk.delivery;
    const message = { flags: 1 << 15, components: [{ type: 10 as const, content: "Not now." }] };
    const said = { ...message, allowed_mentions: { parse: [] } };
    await tell(await desk.typedAt(ana, lobby, "ephemeral"), said);
    await desk.world.waitForEphemeral(ana, lobby, "Not now.");
    const target = await desk.typedAt(ben, lobby, "ephemeral");
    desk.kill(target);
    await tell({ ...target, tokenUntilMs: Date.now() + DISCORD_TOKEN_MS }, said);
    await desk.world.waitForMessage(dmOfBen, "Not now.");
  });
});
