import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { renderFailure } from "../../adapters/slack/render.ts";
import type { SlackTarget } from "../../adapters/slack/target.ts";
import { createCard } from "../../src/card.ts";
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
const ELSEWHERE = "I could not post this in ";

describe.skipIf(!installed)(
  `an answer that Slack does not take where it should go${needed}`,
  () => {
    let desk: SlackDesk;
    beforeAll(async () => {
      desk = await desks.open();
      await desk.api.identify();
    });
    beforeEach(() => {
      desk.world.proxy.faults.clear();
      desk.world.proxy.grant(SLACK_DEFAULT_GRANTS);
      desk.world.proxy.calls.clear();
    });

    const faults = () => desk.world.proxy.faults;
    const tried = () =>
      desk.world.proxy.calls.methods().filter((method) => /^(?:chat|response|conv)/u.test(method));
    const expired = (target: SlackTarget): SlackTarget => ({ ...target, responseUrlUntilMs: 1 });

    const watch = (channel: string) => desk.watch(channel);

    describe("for the person alone", () => {
      it("goes through the response_url, pictures and all", async () => {
        const seen = await watch(studio);
        await desk.run("/imagine a secret fox --private", await desk.typedAt(ana, studio));
        const { everyone, onlyAna, direct } = await seen();
        expect([everyone, direct]).toEqual([[], []]);
        expect(onlyAna).toHaveLength(1);
        expect(onlyAna[0]?.pictureIds).toHaveLength(1);
        expect(onlyAna[0]?.buttons).toContain("Share to channel");
        expect(desk.world.proxy.calls.refusals()).toEqual([]);
      });

      it("goes through the response_url where the bot is no member, too", async () => {
        const seen = await watch(board);
        await desk.run("/imagine a secret fox --private", await desk.typedAt(ana, board));
        const { everyone, onlyAna } = await seen();
        expect([everyone.length, onlyAna.length]).toEqual([0, 1]);
      });

      it("has no Share button where nobody else is", async () => {
        const seen = await watch(dmOfAna);
        const { card } = await desk.run("/imagine a lone fox --private", desk.at(ana, dmOfAna));
        const [message] = (await seen()).everyone;
        expect(card?.buttons.map(({ label }) => label)).toContain("Share to channel");
        expect(message?.buttons).toContain("Re-roll");
        expect(message?.buttons).not.toContain("Share to channel");
      });

      it("is an ephemeral message, in its thread, once the response_url is expired", async () => {
        const root = await desk.world.say(ana, studio, "a thread");
        const seen = await watch(studio);
        const target = await desk.typedAt(ana, studio, { threadTs: root.ts });
        desk.world.proxy.responseUrls.expireAll();
        desk.world.proxy.calls.clear();
        await desk.run("/imagine a secret fox --private", target);
        const { everyone, onlyAna } = await seen();
        expect(tried()).toEqual(["response_url", "chat.postEphemeral"]);
        expect([everyone.length, onlyAna[0]?.threadTs]).toEqual([0, root.ts]);
      });

      it("is an ephemeral message when the response_url does not take the pictures", async () => {
        const target = await desk.typedAt(ana, studio);
        const seen = await watch(studio);
        faults().answerWith("response_url", "invalid_blocks");
        await desk.run("/imagine a secret fox --private", target);
        const { onlyAna } = await seen();
        expect(onlyAna.map(({ pictureIds }) => pictureIds.length)).toEqual([1]);
      });

      it("shows links through the response_url when nothing there takes the pictures", async () => {
        const target = await desk.typedAt(ana, lobby);
        const seen = await watch(lobby);
        faults().answerWith("response_url", "invalid_blocks");
        const { pictures } = await desk.run("/imagine a secret fox --private", target);
        const { everyone, onlyAna, direct } = await seen();
        expect([everyone, direct]).toEqual([[], []]);
        expect(JSON.stringify(onlyAna[0]?.blocks)).toContain(pictures[0]?.blob.key);
      });

      it("is a direct message that says why, when there is no other way", async () => {
        const target = expired(await desk.typedAt(ana, lobby));
        const seen = await watch(lobby);
        desk.world.proxy.calls.clear();
        await desk.run("/imagine a secret fox --private", target);
        const { everyone, onlyAna, direct } = await seen();
        expect(tried()).toEqual(["chat.postEphemeral", "conversations.open", "chat.postMessage"]);
        expect([everyone, onlyAna]).toEqual([[], []]);
        expect(direct[0]?.pictureIds).toHaveLength(1);
        const [why] = direct[0]?.blocks ?? [];
        expect(JSON.stringify(why)).toContain(`{"type":"channel","channel_id":"${lobby}"}`);
        expect(direct[0]?.shown).toContain(
          "so here it is. To have it there next time, type /invite @atelier in it.",
        );
        expect(direct[0]?.buttons).not.toContain("Share to channel");
      });

      it("is shown once when it is delivered again after a crash", async () => {
        const target = await desk.typedAt(ana, studio);
        const seen = await watch(studio);
        const record = await desk.run("/imagine a secret fox --private", target);
        const restarted = await desks.open({ beside: desk });
        if (record.card !== null) await restarted.delivery.deliver(record, record.card);
        expect((await seen()).onlyAna).toHaveLength(1);
      });

      it("is never shown to everyone, and fails when nothing takes it", async () => {
        const target = await desk.typedAt(ana, studio);
        const record = await desk.run("/imagine a secret fox --private", desk.at(ana, dmOfAna));
        const seen = await watch(studio);
        for (const door of ["response_url", "chat.postEphemeral", "conversations.open"]) {
          faults().answerWith(door, "fatal_error", 99);
        }
        const again = {
          ...record,
          id: `${record.id}x`,
          target: JSON.parse(JSON.stringify(target)),
        };
        const delivered = desk.delivery.deliver(again, record.card ?? createCard({ text: "" }));
        await expect(delivered).rejects.toMatchObject({ kind: "unavailable" });
        expect(await seen()).toEqual({ everyone: [], onlyAna: [], direct: [] });
      });
    });

    describe("for everyone", () => {
      it("waits while Slack takes no more, and comes in its message", async () => {
        const seen = await watch(studio);
        faults().rateLimit("chat.update", 1);
        const { status } = await desk.run("/imagine a patient fox", desk.at(ana, studio));
        const { everyone } = await seen();
        expect([status, everyone.length, everyone[0]?.pictureIds.length]).toEqual([
          "delivered",
          1,
          1,
        ]);
      });

      it("goes through the response_url, then to a direct message, when the channel closes in mid-job", async () => {
        for (const isLast of [false, true]) {
          const open = desk.counting.hold();
          const target = await desk.typedAt(ana, studio);
          const seen = await watch(studio);
          const jobId = await desk.put(
            "/imagine a fox in an archive",
            isLast ? expired(target) : target,
          );
          await until(async () => (await seen()).everyone.length === 1);
          faults().answerWith("chat.update", "is_archived", 9);
          faults().answerWith("chat.delete", "is_archived", 9);
          faults().answerWith("chat.postMessage", "is_archived");
          open();
          expect((await desk.finished(jobId)).status).toBe("delivered");
          const { everyone, direct } = await seen();
          faults().clear();
          const shown = isLast ? direct : everyone.slice(1);
          expect(shown.map(({ pictureIds }) => pictureIds.length)).toEqual([1]);
          expect(shown[0]?.shown.includes("That conversation is archived.")).toBe(isLast);
        }
      });

      it("is posted by Share, else goes through the response_url, else to a direct message", async () => {
        const { id } = await desk.run("/imagine a fox to share --private", desk.at(ana, dmOfAna));
        const share = async (target: SlackTarget) => {
          const seen = await watch(target.channel);
          await desk.press("share", id, target);
          return seen();
        };
        const posted = await share(desk.at(ana, studio));
        const responded = await share(await desk.typedAt(ana, lobby));
        const sent = await share(expired(await desk.typedAt(ana, lobby)));
        expect(posted.everyone[0]?.pictureIds).toHaveLength(1);
        expect(responded.everyone[0]?.pictureIds).toHaveLength(1);
        expect(sent.everyone).toEqual([]);
        expect(sent.direct[0]?.shown).toContain(ELSEWHERE);
      });
    });

    it("is told to the person when a listener has something to say", async () => {
      const seen = await watch(lobby);
      const said = renderFailure("Not so.");
      await desk.delivery.tell(await desk.typedAt(ana, lobby), said);
      await desk.delivery.tell(expired(await desk.typedAt(ana, lobby)), said);
      const { everyone, onlyAna, direct } = await seen();
      expect([everyone.length, onlyAna.length, direct.length]).toEqual([0, 1, 1]);
      expect(direct[0]?.shown).toContain(ELSEWHERE);
    });
  },
);
