import { setTimeout as sleep } from "node:timers/promises";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { commands } from "#commands";
import { discordCommands } from "../../adapters/discord/register.ts";
import { DISCORD_CHANNELS, DISCORD_USERS } from "../servers/discord-workspace.ts";
import { type ModelServer, startModelServer } from "../servers/model-server.ts";
import { type AtelierProcess, atelierProcesses } from "./atelier-process.ts";
import type { DiscordMessage } from "./discord-screen.ts";
import { type DiscordWorld, discordWorlds } from "./discord-world.ts";
import { onModelServer } from "./on-model-server.ts";

const processes = atelierProcesses();
const worlds = discordWorlds();
const { studio } = DISCORD_CHANNELS;
const { ana } = DISCORD_USERS;

describe.each(["gateway", "http"] as const)(
  "what Discord delivers more than once over %s",
  { timeout: 60_000 },
  (transport) => {
    let discord: DiscordWorld;
    let model: ModelServer;
    let atelier: AtelierProcess;

    beforeAll(async () => {
      [discord, model] = await Promise.all([worlds.start({ transport }), startModelServer()]);
      await discord.register(discordCommands(commands));
      atelier = await processes.start({
        environment: { ...discord.environment, ...onModelServer(model) },
      });
      return () => model.close();
    });
    beforeEach(() => {
      model.reset();
      model.setLatencyMs(0);
      discord.proxy.faults.clear();
      discord.proxy.calls.clear();
    });

    const isShowing =
      (prompt: string) =>
      ({ shown, pictureIds }: DiscordMessage) =>
        shown.includes(prompt) && pictureIds.length > 0;
    const pictured = (prompt: string) => discord.waitForMessage(studio, isShowing(prompt));
    const paidFor = (prompt: string) =>
      model.calls.filter(({ body }) => String(body.prompt).includes(prompt)).length;

    /** Until whatever was taken before this is over. */
    async function settled(): Promise<void> {
      const finished = () => atelier.logs().filter(({ msg }) => msg === "job finished").length;
      const before = finished();
      await discord.command(ana, studio, "/help");
      await discord.waitFor("end", () => (finished() > before ? true : null));
      await sleep(500);
    }

    async function expectTimes(prompt: string, times: number): Promise<void> {
      await discord.waitFor(`${times} pictures of ${prompt}`, async () => {
        const shown = (await discord.messages(studio)).filter(isShowing(prompt));
        return shown.length >= times ? true : null;
      });
      await settled();
      const all = (await discord.messages(studio)).filter(({ shown }) => shown.includes(prompt));
      expect(all.filter(isShowing(prompt))).toHaveLength(times);
      expect(all).toHaveLength(times);
      expect(paidFor(prompt)).toBe(times);
      const refused = discord.proxy.calls.refusals().filter((each) => !each.includes("40060"));
      expect(refused).toEqual([]);
    }

    it("a slash command runs once, before its end and after it", async () => {
      model.setLatencyMs(500);
      const delivery = await discord.command(ana, studio, "/imagine one lantern");
      const again = await discord.proxy.deliveries.again(delivery);
      expect([null, 200]).toContain(again.status);
      await pictured("one lantern");
      await discord.proxy.deliveries.again(delivery);
      await expectTimes("one lantern", 1);
    });

    it("a slash command that comes again before its first response is there runs once", async () => {
      discord.proxy.faults.slow(transport === "gateway" ? "callback" : "http_response", 1_000);
      const first = discord.command(ana, studio, "/imagine one beacon");
      const fits = ({ payload }: { payload: object }) =>
        JSON.stringify(payload).includes("one beacon");
      const sent = await discord.waitFor("delivery", () => discord.proxy.deliveries.all.find(fits));
      await discord.proxy.deliveries.again(sent);
      await first;
      await pictured("one beacon");
      await expectTimes("one beacon", 1);
    });

    it("a press runs once", async () => {
      await discord.command(ana, studio, "/imagine one harbour");
      const press = await discord.press(ana, await pictured("one harbour"), "Re-roll");
      await discord.proxy.deliveries.again(press);
      await discord.proxy.deliveries.again(press);
      await expectTimes("one harbour", 2);
    });

    it("a double click is one press, and a press 3 s later is another", async () => {
      await discord.command(ana, studio, "/imagine one bell");
      const message = await pictured("one bell");
      await discord.press(ana, message, "Re-roll");
      await sleep(400);
      await discord.press(ana, message, "Re-roll");
      await expectTimes("one bell", 2);
      await sleep(3_000);
      await discord.press(ana, message, "Re-roll");
      await expectTimes("one bell", 3);
    });

    it("a message whose answer was lost on the way stands once", async () => {
      model.setLatencyMs(1_000);
      await discord.command(ana, studio, "/imagine one ferry");
      const { id, channel } = await discord.waitForMessage(studio, "one ferry");
      // Nothing to change is left: the bot makes a new message, and does not hear of it.
      await discord.deleteMessage({ id, channel });
      discord.proxy.interactions.expireAll();
      discord.proxy.faults.loseAnswer("create_message");
      await pictured("one ferry");
      await discord.waitFor("second try", () => discord.proxy.calls.of("create_message").at(1));
      await settled();
      const all = (await discord.messages(studio)).filter(isShowing("one ferry"));
      expect(all).toHaveLength(1);
    });
  },
);
