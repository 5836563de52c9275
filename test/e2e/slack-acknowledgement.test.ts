import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { localSlackIsInstalled } from "../servers/local-slack.ts";
import { type ModelServer, startModelServer } from "../servers/model-server.ts";
import type { Delivery } from "../servers/slack-deliveries.ts";
import { SLACK_CHANNELS, SLACK_USERS } from "../servers/slack-workspace.ts";
import { atelierProcesses } from "./atelier-process.ts";
import { onModelServer } from "./on-model-server.ts";
import { type SlackWorld, slackWorlds } from "./slack-world.ts";
import { type SlowStore, startSlowStore } from "./slow-store.ts";

const installed = localSlackIsInstalled();
const needed = installed ? "" : " (needs local-slack: Linux on x64)";
const processes = atelierProcesses();
const worlds = slackWorlds();
const { studio, lobby } = SLACK_CHANNELS;
const { ana, ben, cleo } = SLACK_USERS;
/** What Slack waits for. */
const ACK_MS = 3_000;
/** Longer than an acknowledgement may take. */
const SLOW_MS = 3_500;

function expectInTime({ tookMs }: Delivery): void {
  expect(tookMs).toBeLessThan(ACK_MS);
}

describe.skipIf(!installed).each(["socket", "http"] as const)(
  `the acknowledgement over %s${needed}`,
  { timeout: 60_000 },
  (transport) => {
    let slack: SlackWorld;
    let model: ModelServer;
    let store: SlowStore;

    beforeAll(async () => {
      [slack, model, store] = await Promise.all([
        worlds.start({ transport }),
        startModelServer(),
        startSlowStore(),
      ]);
      await processes.start({
        environment: {
          ...slack.environment,
          ...onModelServer(model),
          ...store.environment,
          RATE_MODEL_CONCURRENCY: "16",
        },
      });
      return async () => {
        await Promise.all([model.close(), store.close()]);
      };
    });
    beforeEach(() => {
      store.setDelayMs(0);
      store.setBroken(false);
      model.setLatencyMs(0);
      slack.proxy.faults.clear();
      return () => expect(slack.proxy.deliveries.late()).toEqual([]);
    });

    it("comes in time while the store is slow, and the answer follows", async () => {
      await slack.command(ben, studio, "/help");
      const help = await slack.waitForEphemeral(ben, studio, "/imagine");
      store.setDelayMs(SLOW_MS);
      const deliveries = await Promise.all([
        slack.command(ana, studio, "/imagine a slow snail"),
        slack.command(cleo, studio, "/help"),
        slack.command(cleo, studio, "/history"),
      ]);
      store.setDelayMs(0);
      deliveries.forEach(expectInTime);
      await slack.waitForMessage(studio, "a slow snail");
      await slack.waitForEphemeral(cleo, studio, help.shown);
      await slack.waitForEphemeral(cleo, studio, /history|Nothing|pictures/iu);
    });

    it("comes in time while the store is slow, also for events and forms", async () => {
      await slack.command(ana, studio, "/imagine");
      await slack.waitForModal();
      store.setDelayMs(SLOW_MS);
      const form = slack.submitModal(ana, { fields: { Prompt: "a slow tortoise" } });
      await slack.mention(cleo, studio, "imagine a slow sloth");
      expect(await form).toEqual({});
      await slack.waitFor("acknowledgements", () =>
        slack.proxy.deliveries.all.every(({ tookMs }) => tookMs !== null) ? true : null,
      );
      store.setDelayMs(0);
      await slack.waitForMessage(studio, (m) => m.shown.includes("sloth") && m.user !== cleo);
      await slack.waitForMessage(studio, "a slow tortoise");
    });

    it("says at once that the store does not work, and later when that is found out later", async () => {
      store.setBroken(true);
      expectInTime(await slack.command(ana, studio, "/imagine a closed shop"));
      const { shown } = await slack.waitForEphemeral(ana, studio, /again|broke/u);
      expect(shown).not.toContain("DynamoDB");
      store.setDelayMs(SLOW_MS / 2);
      expectInTime(await slack.command(ben, studio, "/imagine a slowly closing shop"));
      await slack.waitForEphemeral(ben, studio, /again|broke/u);
      store.setBroken(false);
      store.setDelayMs(0);
      expect((await slack.messages(studio)).map(({ text }) => text).join()).not.toContain("shop");
    });

    it("comes in time while Slack itself is slow, and the person is told why there is no form", async () => {
      slack.proxy.faults.slow("views.open", SLOW_MS);
      expectInTime(await slack.command(ana, lobby, "/imagine"));
      const { shown } = await slack.waitForEphemeral(ana, lobby, "again");
      expect(shown).toContain("The form took too long to open. Try again.");
    });

    it("comes in time while Slack takes no calls", async () => {
      slack.proxy.faults.slow("chat.postMessage", SLOW_MS, 5);
      slack.proxy.faults.failWith("response_url", 503, 2);
      expectInTime(await slack.command(ana, studio, "/imagine a heavy gate"));
      await slack.waitForMessage(studio, "a heavy gate");
    });

    // Last: what it has drawn takes until after the suite.
    it("comes in time while the model is slow, for everyone", async () => {
      model.setLatencyMs(30_000);
      const calls = () =>
        model.calls.filter(({ body }) => /mountain|hill/u.test(String(body.prompt)));
      const typed: Delivery[] = [];
      for (let n = 0; n < 5; n += 1) {
        typed.push(await slack.command(cleo, studio, `/imagine a mountain ${n}`));
      }
      typed.push(await slack.command(ben, studio, "/imagine a hill"));
      typed.forEach(expectInTime);
      // Three of hers at once; the others wait, and she is told where.
      await slack.waitFor("calls", () => (calls().length === 4 ? true : null));
      await slack.waitForEphemeral(cleo, studio, "Queued, next in line.");
      await slack.waitForEphemeral(cleo, studio, "Queued, 2nd in line.");
      expectInTime(await slack.command(ana, studio, "/help"));
      for (const { shown } of await slack.ephemeral(cleo, studio)) {
        expect(shown).not.toContain("broke");
      }
    });
  },
);
