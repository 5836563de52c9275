import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { createSlackPeople } from "../e2e/slack-people.ts";
import { createSlackScreen } from "../e2e/slack-screen.ts";
import { until } from "../fixtures/until.ts";
import { recordOf } from "../servers/json-record.ts";
import { localSlackIsInstalled } from "../servers/local-slack.ts";
import { SLACK_DEFAULT_GRANTS } from "../servers/slack-api-rules.ts";
import { type SlackProxy, startSlackProxy } from "../servers/slack-proxy.ts";
import { SLACK_APP, SLACK_CHANNELS, SLACK_USERS } from "../servers/slack-workspace.ts";
import { type SmallBot, startSmallBot } from "./slack-proxy-bot.ts";

const installed = localSlackIsInstalled();
const needed = installed ? "" : " (needs local-slack: Linux on x64)";
const { studio } = SLACK_CHANNELS;
const { ana, ben } = SLACK_USERS;
const PNG = { name: "fox.png", bytes: new Uint8Array([137, 80, 78, 71, 1, 2, 3]) };

describe.skipIf(!installed).each(["socket", "http"] as const)(
  `what reaches a Bolt app by %s${needed}`,
  (transport) => {
    let proxy: SlackProxy;
    let bot: SmallBot;
    let screen: ReturnType<typeof createSlackScreen>;
    let people: ReturnType<typeof createSlackPeople>;

    beforeAll(async () => {
      proxy = await startSlackProxy({ transport, retryDelaysMs: [0, 0, 0] });
      bot = await startSmallBot(proxy, transport);
      screen = createSlackScreen(proxy);
      people = createSlackPeople(proxy, screen);
    });
    afterAll(async () => {
      await bot?.stop();
      await proxy?.close();
    });
    afterEach(() => {
      bot.heard.length = 0;
      bot.acknowledgeAfter(0);
      proxy.calls.clear();
      proxy.grant(SLACK_DEFAULT_GRANTS);
    });
    const heard = (wanted: string) => bot.heard.filter((line) => line.includes(wanted));

    const openTwo = (trigger: unknown) =>
      bot.client.views.open({
        trigger_id: String(trigger),
        view: {
          type: "modal",
          title: { type: "plain_text", text: "Two" },
          blocks: [{ type: "divider" }],
        },
      });

    it("shows the acknowledgement of a command to that person alone", async () => {
      const { tookMs, payload } = await people.command(ana, studio, "/imagine a red fox");
      expect(tookMs).toBeLessThan(3000);
      expect(payload).toMatchObject({ command: "/imagine", text: "a red fox", user_id: ana });
      await screen.waitForEphemeral(ana, studio, "queued a red fox");
      expect(await screen.ephemeral(ben, studio)).toEqual([]);
      expect((await screen.messages(studio)).map(({ text }) => text)).not.toContain("queued");
    });

    it("shows nothing of an acknowledgement, or of a response, over Slack's limits", async () => {
      const long = "x".repeat(70_000);
      const { payload } = await people.command(ana, studio, `/imagine ${long}`);
      expect(bot.heard).toEqual([`command ${long}`]);
      expect(proxy.calls.refusals()).toEqual([
        expect.stringContaining("acknowledgement of /imagine"),
      ]);
      const response = await fetch(String(payload.response_url), {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ blocks: [{ type: "header" }] }),
      });
      expect([response.status, await response.json()]).toMatchObject([
        400,
        { error: "invalid_blocks" },
      ]);
      const shown = await screen.ephemeral(ana, studio);
      expect(shown.filter(({ text }) => text.includes(long))).toEqual([]);
    });

    it("lets a person press a button, of an ephemeral message too", async () => {
      await people.command(ana, studio, "/imagine buttons");
      const shared = await screen.waitForMessage(studio, ({ buttons }) =>
        buttons.includes("Again"),
      );
      const own = await screen.waitForEphemeral(ana, studio, "yours alone");
      await people.press(ben, shared, "Again");
      const { payload } = await people.press(ana, own, "Again");
      expect(payload).not.toHaveProperty("message");
      expect(heard("press")).toEqual([
        "press in message ephemeral false",
        "press in message ephemeral true",
      ]);
      await screen.waitForEphemeral(ana, studio, "pressed");
      await screen.waitFor("replaced message", async () =>
        (await screen.find(shared))?.text === "pressed" ? true : null,
      );
      await expect(people.press(ana, own, "Less")).rejects.toThrow(/no button "Less".*Again/u);
    });

    it("takes a response_url five times, and not at all once it is too old", async () => {
      await people.command(ana, studio, "/imagine chatty");
      await until(() => heard("respond 5").length === 1);
      expect(heard("respond").map((line) => line.slice(0, 16))).toEqual([
        ...[0, 1, 2, 3, 4].map((times) => `respond ${times}: taken`),
        "respond 5: Faile",
      ]);
      expect(heard("respond 5")[0]).toContain("404");
      expect(proxy.calls.of("response_url").at(-1)?.answer).toEqual({
        ok: false,
        error: "used_url",
      });
      const { payload } = await people.command(ana, studio, "/imagine later");
      proxy.responseUrls.expireAll();
      const late = await fetch(String(payload.response_url), {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ text: "late" }),
      });
      expect([late.status, await late.json()]).toEqual([404, { ok: false, error: "expired_url" }]);
    });

    it("opens a dialog with a trigger once, takes what was filled in, and shows its errors", async () => {
      const { payload } = await people.command(ana, studio, "/imagine dialog");
      await screen.waitForModal();
      await expect(openTwo(payload.trigger_id)).rejects.toMatchObject({
        data: { error: "exchanged_trigger_id" },
      });
      const fields = { Prompt: "bad" };
      expect(await people.submitModal(ana, { fields })).toEqual({ prompt: "Say it nicely." });
      expect(screen.modal()).not.toBeNull();
      await expect(people.submitModal(ana, { fields: { Prompt: "" } })).rejects.toThrow(
        /"Prompt" is not filled in/u,
      );
      expect(await people.submitModal(ana, { files: { Picture: [PNG] } })).toEqual({});
      await screen.waitForNoModal();
      const [line = ""] = heard("view a fox of U01ANA");
      const picture = await fetch(line.split(" ").at(-1) ?? "", {
        headers: { Authorization: `Bearer ${SLACK_APP.botToken}` },
      });
      expect(new Uint8Array(await picture.arrayBuffer())).toEqual(PNG.bytes);
    });

    it("brings a message shortcut with the message, and a trigger that works", async () => {
      const message = await people.upload(ben, studio, [PNG], { text: "a fox of mine" });
      await people.shortcut(ana, "restyle", message);
      const modal = await screen.waitForModal();
      expect(JSON.stringify(modal)).toContain("Style");
      expect(heard("shortcut")).toEqual(["shortcut on a fox of mine"]);
      const sent = proxy.deliveries.all.at(-1)?.payload;
      expect(sent).toMatchObject({
        type: "message_action",
        callback_id: "restyle",
        channel: { id: studio },
        message_ts: message.ts,
        message: { user: ben, files: [{ mimetype: "image/png" }] },
      });
      expect(JSON.stringify(sent)).not.toContain(proxy.local.url);
      expect(await screen.fileBytes(String(message.files[0]?.id))).toEqual(Buffer.from(PNG.bytes));
      people.closeModal(ana);
      await screen.waitForNoModal();
      await people.globalShortcut(ana, "restyle");
      expect(heard("shortcut")).toEqual(["shortcut on a fox of mine", "shortcut on nothing"]);
      expect(proxy.deliveries.all.at(-1)?.payload).not.toHaveProperty("channel");
      await screen.waitForModal();
      people.closeModal(ana);
      await screen.waitForNoModal();
    });

    it("answers a mention in its thread, and says nothing of other messages", async () => {
      // It may read the channel, but has not asked to be told of what is said there.
      proxy.grant({ scopes: [...SLACK_DEFAULT_GRANTS.scopes, "channels:history"] });
      const first = await people.say(ben, studio, "look at this");
      await people.mention(ana, studio, "imagine a fox", { thread: first });
      await screen.waitFor("answer in the thread", async () =>
        (await screen.replies(first)).find(({ text }) => text === "at your service"),
      );
      expect(heard("mention")).toHaveLength(1);
      expect(heard("message")).toEqual([]);
      proxy.revoke("app_mentions:read");
      await people.mention(ana, studio, "imagine a wolf");
      await sleep(50);
      expect(heard("mention")).toHaveLength(1);
    });

    it("tells the bot of direct messages with files, and of its own messages there", async () => {
      await people.directMessage(ana, "in watercolour", [PNG]);
      await until(() => heard("message file_share").length === 1);
      const channel = await people.directChannel(ana);
      const { ts = "" } = await bot.client.chat.postMessage({ channel, text: "one moment" });
      await bot.client.chat.update({ channel, ts, text: "done" });
      await until(() => heard("message_changed").length === 1);
      const own = proxy.deliveries.all.filter(
        ({ payload }) => recordOf(payload.event).bot_id !== undefined,
      );
      expect(own).toHaveLength(1);
      expect(heard("message plain")).toEqual([]);
    });

    it("opens the App Home and presses what is in it", async () => {
      await people.openHome(ben);
      await screen.waitForHome(ben, "Your pictures");
      expect(screen.home(ana)).toBeNull();
      await people.pressHome(ben, "More");
      expect(heard("press")).toEqual(["press in view ephemeral undefined"]);
    });

    it("counts an acknowledgement after 3 s as late, and drops what it says", async () => {
      bot.acknowledgeAfter(3200);
      const { payload } = await people.command(ana, studio, "/imagine slowly");
      await until(() => proxy.deliveries.late().some(({ tookMs }) => tookMs !== null));
      expect(proxy.deliveries.late().map(({ payload }) => payload.text)).toEqual(["slowly"]);
      const shown = await screen.ephemeral(ana, studio);
      expect(shown.map(({ text }) => text)).not.toContain("queued slowly");
      await expect(openTwo(payload.trigger_id)).rejects.toMatchObject({
        data: { error: "expired_trigger_id" },
      });
    });

    it("sends a delivery again when it is asked to", async () => {
      const first = await people.command(ana, studio, "/imagine twice");
      const second = await proxy.deliveries.again(first);
      expect(second.payload).toEqual(first.payload);
      expect(second.tookMs).not.toBeNull();
      expect(second.id).toBe(first.id);
      expect(heard("command twice")).toHaveLength(2);
    });
  },
);
