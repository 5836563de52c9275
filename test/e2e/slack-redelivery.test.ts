import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { localSlackIsInstalled } from "../servers/local-slack.ts";
import { type ModelServer, startModelServer } from "../servers/model-server.ts";
import type { Delivery } from "../servers/slack-deliveries.ts";
import { SLACK_CHANNELS, SLACK_USERS } from "../servers/slack-workspace.ts";
import { atelierProcesses } from "./atelier-process.ts";
import { onModelServer } from "./on-model-server.ts";
import { type SlackWorld, slackWorlds } from "./slack-world.ts";

const installed = localSlackIsInstalled();
const needed = installed ? "" : " (needs local-slack: Linux on x64)";
const processes = atelierProcesses();
const worlds = slackWorlds();
const { studio } = SLACK_CHANNELS;
const { ana } = SLACK_USERS;
/** Two presses within this are a double click. */
const DOUBLE_CLICK_MS = 2_000;

describe.skipIf(!installed).each(["socket", "http"] as const)(
  `what Slack delivers again over %s${needed}`,
  { timeout: 60_000 },
  (transport) => {
    let slack: SlackWorld;
    let model: ModelServer;

    beforeAll(async () => {
      [slack, model] = await Promise.all([worlds.start({ transport }), startModelServer()]);
      await processes.start({ environment: { ...slack.environment, ...onModelServer(model) } });
      return () => model.close();
    });
    afterEach(() => {
      expect(slack.proxy.calls.refusals()).toEqual([]);
      slack.proxy.calls.clear();
    });

    const paidFor = (prompt: string) =>
      model.calls.filter(({ body }) => String(body.prompt).includes(prompt)).length;
    const pictured = (prompt: string) =>
      slack.waitForMessage(studio, (m) => m.shown.includes(prompt) && m.pictureIds.length > 0);
    const showing = async (prompt: string) => {
      const answers = (await slack.messages(studio)).filter(({ user }) => user !== ana);
      return answers.filter(({ shown }) => shown.includes(prompt)).length;
    };

    /** Whatever was started before it has reached the model by then. */
    async function settled(): Promise<void> {
      const prompt = `settled ${performance.now()}`;
      await slack.command(ana, studio, `/imagine ${prompt}`);
      await pictured(prompt);
    }

    async function expectOnce(prompt: string): Promise<void> {
      await settled();
      expect(paidFor(prompt)).toBe(1);
      expect(await showing(prompt)).toBe(1);
    }

    function lastDelivery(fits: (delivery: Delivery) => boolean): Delivery {
      const found = slack.proxy.deliveries.all.findLast(fits);
      if (found === undefined) throw new Error("There was no such delivery.");
      return found;
    }

    it("a slash command runs once", async () => {
      const delivery = await slack.command(ana, studio, "/imagine one lantern");
      const again = await slack.proxy.deliveries.again(delivery);
      expect(again.tookMs).not.toBeNull();
      await pictured("one lantern");
      await slack.proxy.deliveries.again(delivery);
      await expectOnce("one lantern");
    });

    it("a slash command that comes twice at the same moment runs once", async () => {
      const delivery = await slack.command(ana, studio, "/help");
      const payload = { ...delivery.payload, command: "/imagine", text: "one twin" };
      const twin = { ...delivery, id: "twin", payload: { ...payload, trigger_id: "1.twin" } };
      await Promise.all([
        slack.proxy.deliveries.again(twin),
        slack.proxy.deliveries.again({ ...twin, id: "other twin" }),
      ]);
      await pictured("one twin");
      await expectOnce("one twin");
    });

    it("a mention runs once", async () => {
      await slack.mention(ana, studio, "imagine one kite");
      await pictured("one kite");
      const delivery = lastDelivery(({ kind }) => kind === "events_api");
      for (let times = 0; times < 3; times += 1) {
        const again = await slack.proxy.deliveries.again(delivery);
        expect(again.tookMs).not.toBeNull();
        expect([null, 200]).toContain(again.status);
      }
      await expectOnce("one kite");
    });

    it("a command without text opens one form, and a form that is sent twice draws once", async () => {
      const delivery = await slack.command(ana, studio, "/imagine");
      await slack.waitForModal();
      await slack.proxy.deliveries.again(delivery);
      expect(slack.proxy.calls.of("views.open")).toHaveLength(1);
      await slack.submitModal(ana, { fields: { Prompt: "one sundial" } });
      await pictured("one sundial");
      const sent = lastDelivery(({ payload }) => payload.type === "view_submission");
      await slack.proxy.deliveries.again(sent);
      await expectOnce("one sundial");
    });

    it("a press runs once", async () => {
      await slack.command(ana, studio, "/imagine one harbour");
      const press = await slack.press(ana, await pictured("one harbour"), "Re-roll");
      await slack.proxy.deliveries.again(press);
      await slack.proxy.deliveries.again(press);
      await settled();
      expect(paidFor("one harbour")).toBe(2);
      // What came after it may be shown before it.
      await expect.poll(() => showing("one harbour"), { timeout: 15_000 }).toBe(2);
    });

    it("a double click is one press, and a press 3 s later is another", async () => {
      await slack.command(ana, studio, "/imagine one bell");
      const message = await pictured("one bell");
      await untilBefore(DOUBLE_CLICK_MS, 1_700);
      await slack.press(ana, message, "Re-roll");
      // In the next two seconds by the clock, and a double click all the same.
      await sleep(400);
      await slack.press(ana, message, "Re-roll");
      await settled();
      expect(paidFor("one bell")).toBe(2);
      await sleep(3_000);
      await slack.press(ana, message, "Re-roll");
      await settled();
      expect(paidFor("one bell")).toBe(3);
      // What came after it may be shown before it.
      await expect.poll(() => showing("one bell"), { timeout: 15_000 }).toBe(3);
    });

    it("a double click on a button with a form opens one form", async () => {
      await slack.command(ana, studio, "/imagine one quilt");
      const message = await pictured("one quilt");
      await untilBefore(DOUBLE_CLICK_MS, 1_700);
      await slack.press(ana, message, "Edit");
      await sleep(400);
      await slack.press(ana, message, "Edit");
      await slack.waitForModal();
      expect(slack.proxy.calls.of("views.open")).toHaveLength(1);
      slack.closeModal(ana);
      await slack.waitForNoModal();
    });
  },
);

describe.skipIf(!installed).each(["socket", "http"] as const)(
  `what an earlier process was told of over %s${needed}`,
  { timeout: 90_000 },
  (transport) => {
    it("runs once after all: not twice when it had been taken, not never when it had not", async () => {
      const [slack, model] = await Promise.all([
        worlds.start({ transport, retryDelaysMs: Array.from({ length: 100 }, () => 300) }),
        startModelServer(),
      ]);
      try {
        const environment = { ...slack.environment, ...onModelServer(model) };
        const first = await processes.start({ environment });
        const typed = await slack.command(ana, studio, "/imagine taken before");
        const pictured = (prompt: string) =>
          slack.waitForMessage(studio, (m) => m.shown.includes(prompt) && m.pictureIds.length > 0);
        await pictured("taken before");

        // It has the delivery, on its socket, and dies before it can look at it.
        process.kill(first.pid, "SIGSTOP");
        await slack.mention(ana, studio, "imagine never taken");
        await slack.waitFor("delivery", () =>
          slack.proxy.deliveries.all.find(({ kind }) => kind === "events_api"),
        );
        await first.kill();
        await processes.start({ environment, dataDir: first.dataDir });
        await pictured("never taken");
        await slack.proxy.deliveries.again(typed);
        await slack.command(ana, studio, "/imagine settled");
        await pictured("settled");

        const prompts = model.calls.map(({ body }) => String(body.prompt));
        expect(prompts).toEqual(["taken before", "never taken", "settled"]);
        const shown = (await slack.messages(studio)).filter(({ user }) => user !== ana);
        expect(shown).toHaveLength(3);
      } finally {
        await model.close();
      }
    });
  },
);

describe.skipIf(!installed)(`an envelope on a line that breaks${needed}`, () => {
  it("is sent again on the next one and runs once", { timeout: 60_000 }, async () => {
    const [slack, model] = await Promise.all([
      worlds.start({ transport: "socket" }),
      startModelServer(),
    ]);
    try {
      const environment = { ...slack.environment, ...onModelServer(model) };
      const atelier = await processes.start({ environment });
      process.kill(atelier.pid, "SIGSTOP");
      const typed = slack.command(ana, studio, "/imagine a frayed rope");
      await slack.waitFor("envelope", () => slack.proxy.sockets.unacknowledged().at(0));
      slack.proxy.sockets.cutAll();
      process.kill(atelier.pid, "SIGCONT");
      await typed;
      await slack.waitForMessage(studio, (message) => message.pictureIds.length > 0);
      const isTaken = () => (slack.proxy.sockets.unacknowledged().length === 0 ? true : null);
      await slack.waitFor("acknowledgement", isTaken);
      expect(slack.proxy.sockets.connections()).toBe(2);
      expect(model.calls).toHaveLength(1);
      expect(await slack.messages(studio)).toHaveLength(1);
    } finally {
      await model.close();
    }
  });
});

/** Waits until the clock stands at `atMs` within a period of that length. */
async function untilBefore(periodMs: number, atMs: number): Promise<void> {
  await sleep((periodMs + atMs - (Date.now() % periodMs)) % periodMs);
}
