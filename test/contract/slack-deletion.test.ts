import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type SlackDesk, slackDesks } from "../fixtures/slack-desk.ts";
import { localSlackIsInstalled } from "../servers/local-slack.ts";
import { SLACK_DEFAULT_GRANTS } from "../servers/slack-api-rules.ts";
import { SLACK_CHANNELS, SLACK_USERS } from "../servers/slack-workspace.ts";

const desks = slackDesks();
const { ana, ben } = SLACK_USERS;
const { studio, dmOfAna } = SLACK_CHANNELS;
const installed = localSlackIsInstalled();
const needed = installed ? "" : " (not run: needs local-slack)";

describe.skipIf(!installed)(
  `pictures in Slack that are deleted, or looked at again${needed}`,
  () => {
    let desk: SlackDesk;
    beforeAll(async () => {
      desk = await desks.open();
    });
    beforeEach(() => {
      desk.world.proxy.faults.clear();
      desk.world.proxy.grant(SLACK_DEFAULT_GRANTS);
      desk.world.proxy.calls.clear();
    });

    const fileIds = async () => (await desk.world.files()).map(({ id }) => id);

    it("go with their file, and their message says who deleted them", async () => {
      const { id } = await desk.run("/imagine a fox to delete", desk.at(ana, studio));
      const shown = await desk.world.waitForMessage(studio, "a fox to delete");
      const before = (await desk.world.messages(studio)).length;
      expect(await fileIds()).toContain(shown.pictureIds[0]);
      const target = desk.at(ana, studio, { pressed: { ts: shown.ts, isEphemeral: false } });
      expect((await desk.press("delete", id, target)).status).toBe("delivered");
      const after = await desk.world.find(shown);
      expect(after).toMatchObject({ pictureIds: [], buttons: [] });
      expect(after?.shown).toContain("Deleted by the person who asked.");
      expect(JSON.stringify(after)).not.toContain("a fox to delete");
      expect(await fileIds()).not.toContain(shown.pictureIds[0]);
      expect(await desk.world.messages(studio)).toHaveLength(before);
      expect(desk.world.proxy.calls.of("chat.update").length).toBeLessThanOrEqual(3);
    });

    it("go from an ephemeral message through its response_url, and from the channel's message", async () => {
      const { id } = await desk.run("/imagine a fox seen twice", desk.at(ana, studio));
      const shown = await desk.world.waitForMessage(studio, "a fox seen twice");
      await desk.run(`/show ${id}`, await desk.typedAt(ana, studio));
      const again = await desk.world.waitForEphemeral(ana, studio, "a fox seen twice");
      const { payload } = await desk.world.press(ana, again, "Delete");
      const target = desk.at(ana, studio, {
        pressed: { ts: again.ts, isEphemeral: true },
        responseUrl: String(payload.response_url),
        responseUrlUntilMs: Date.now() + 60_000,
      });
      await desk.press("delete", id, target);
      const [first, second] = [await desk.world.find(shown), await desk.world.find(again)];
      expect([first?.shown, second?.shown].join("\n")).not.toContain("a fox seen twice");
      expect(first?.shown).toContain("Deleted by the person who asked.");
      expect(second?.shown).toContain("Deleted by the person who asked.");
      expect((await desk.world.ephemeral(ana, studio)).at(-1)?.ts).toBe(again.ts);
    });

    it("say so privately when neither message can be changed", async () => {
      const { id } = await desk.run("/imagine a fox out of reach", desk.at(ana, studio));
      desk.world.proxy.faults.answerWith("chat.update", "is_archived", 9);
      await desk.press("delete", id, await desk.typedAt(ana, studio));
      await desk.world.waitForEphemeral(ana, studio, "Deleted by the person who asked.");
    });

    it("say that a file is left when the scope to delete it is gone", async () => {
      const { id } = await desk.run("/imagine a fox that stays", desk.at(ana, studio));
      const shown = await desk.world.waitForMessage(studio, "a fox that stays");
      desk.world.proxy.revoke("files:write");
      await desk.press("delete", id, desk.at(ana, studio));
      expect((await desk.world.find(shown))?.shown).toContain(
        "A file of it is still in Slack. I lack the scope files:write.",
      );
      expect(desk.lines).toContainEqual(
        expect.objectContaining({ level: "error", message: "a file is still in Slack" }),
      );
    });

    it("stay with whoever had them made when a cached copy is deleted", async () => {
      await desk.run("/imagine a shared fox --seed 5", desk.at(ana, studio));
      const anas = await desk.world.waitForMessage(studio, "a shared fox");
      const { id } = await desk.run("/imagine a shared fox --seed 5", desk.at(ben, studio));
      const bens = await desk.world.waitForMessage(studio, "from the cache");
      expect(bens.pictureIds).toEqual(anas.pictureIds);
      await desk.press("delete", id, desk.at(ben, studio));
      expect((await desk.world.find(bens))?.pictureIds).toEqual([]);
      expect((await desk.world.find(anas))?.pictureIds).toEqual(anas.pictureIds);
      expect(await fileIds()).toContain(anas.pictureIds[0]);
    });

    it("delete once when the deletion is delivered again after a crash", async () => {
      const { id } = await desk.run("/imagine a fox deleted twice", desk.at(ana, studio));
      const record = await desk.press("delete", id, desk.at(ana, studio));
      const before = (await desk.world.messages(studio)).length;
      if (record.card !== null) await desk.delivery.deliver(record, record.card);
      expect(await desk.world.messages(studio)).toHaveLength(before);
      expect(desk.world.proxy.calls.of("files.delete")).toHaveLength(1);
    });

    describe("on the App Home", () => {
      const openHome = () => desk.run("/history", desk.at(ana, ana, { surface: "home" }));
      const homeJson = () => JSON.stringify(desk.world.home(ana));

      it("are uploaded again when somebody deleted one in Slack", async () => {
        await desk.run("/imagine a fox back home", desk.at(ana, studio));
        const { pictureIds } = await desk.world.waitForMessage(studio, "a fox back home");
        await openHome();
        expect(homeJson()).toContain(pictureIds[0]);
        await desk.world.proxy.local.api("files.delete", { file: pictureIds[0] });
        await openHome();
        expect(homeJson().match(/slack_file/gu)?.length).toBeGreaterThan(0);
        expect(homeJson()).not.toContain(pictureIds[0]);
        expect(homeJson()).not.toContain("could not be shown");
      });

      it("stay when publishing fails for another reason", async () => {
        await desk.run("/imagine a fox to stay home", desk.at(ana, studio));
        desk.world.proxy.faults.answerWith("views.publish", "hash_conflict");
        await openHome();
        expect(homeJson()).toContain("slack_file");
        expect(desk.world.proxy.calls.of("views.publish")).toHaveLength(2);
      });

      it("are a word about the Show buttons when Slack refuses the pictures", async () => {
        await desk.run("/imagine a fox unseen at home", desk.at(ana, studio));
        desk.world.proxy.faults.answerWith("views.publish", "invalid_arguments");
        await openHome();
        expect(homeJson()).not.toContain("slack_file");
        expect(homeJson()).toContain("Press Show to see it again.");
        expect(homeJson()).not.toContain("New link");
      });
    });

    it("are on the person's App Home, and a message from there goes to the direct message", async () => {
      const { id } = await desk.run("/imagine a fox at home", desk.at(ana, studio));
      await desk.run("/history", desk.at(ana, ana, { surface: "home" }));
      const home = await desk.world.waitForHome(ana, "a fox at home");
      expect(JSON.stringify(home)).toContain("slack_file");
      expect(JSON.stringify(home)).toContain("/imagine  Draw a picture");
      await desk.run(`/show ${id}`, desk.at(ana, ana));
      const shown = await desk.world.waitForMessage(dmOfAna, "a fox at home");
      expect(shown.pictureIds).toHaveLength(1);
      expect(desk.world.proxy.calls.refusals()).toEqual([]);
    });
  },
);
