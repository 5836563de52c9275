import { describe, expect, it } from "vitest";
import { discordWorlds } from "../e2e/discord-world.ts";
import { DISCORD_APP, DISCORD_CHANNELS, DISCORD_USERS } from "../servers/discord-workspace.ts";
import { textOf } from "../servers/json-record.ts";
import { startHttpBot } from "./discord-http-bot.ts";
import { SMALL_BOT_COMMANDS } from "./discord-proxy-bot.ts";

const { studio } = DISCORD_CHANNELS;
const { ana } = DISCORD_USERS;
const worlds = discordWorlds();

async function edit(apiUrl: string, token: string, content: string): Promise<number> {
  const url = `${apiUrl}/v10/webhooks/${DISCORD_APP.id}/${token}/messages/@original`;
  const headers = { "Content-Type": "application/json" };
  const body = JSON.stringify({ content });
  return (await fetch(url, { method: "PATCH", headers, body })).status;
}

describe.each([
  ["gateway", 0],
  ["http", 4],
] as const)("calls ahead of a first response over %s", (transport, most) => {
  it(`are refused, and noise beyond ${most} for one interaction`, async () => {
    const discord = await worlds.start({ transport });
    await discord.register(SMALL_BOT_COMMANDS);
    const { calls, interactions, apiUrl } = discord.proxy;
    calls.clear();
    // Nobody answers.
    const sent = discord.command(ana, studio, "/imagine", { prompt: "a fox" });
    const { token } = await discord.waitFor("interaction", () => interactions.all().at(-1));
    for (let turn = 0; turn < 5; turn += 1) expect(await edit(apiUrl, token, "x")).toBe(404);
    expect(calls.early()).toHaveLength(5);
    expect(calls.refusals()).toHaveLength(5 - most);
    // Such answers do not count towards the ban.
    expect(calls.invalidRequests()).toBe(0);
    await sent;
  });
});

it("an edit during a deferral never changes the message whose button was pressed", async () => {
  const discord = await worlds.start({ transport: "http" });
  const { proxy } = discord;
  await discord.register(SMALL_BOT_COMMANDS);
  proxy.limits.set({ webhook: { limit: 1_000, seconds: 1 } });
  const bot = await startHttpBot(proxy);
  const button = { type: 2, style: 2, label: "Info", custom_id: "info" };
  const data = { content: "a card", components: [{ type: 1, components: [button] }] };
  bot.answer(() => ({ type: 4, data }));
  await discord.command(ana, studio, "/imagine", { prompt: "a fox" });
  const card = await discord.waitForMessage(studio, "a card");
  bot.answerLate(100, { type: 5 });
  const pressed = discord.press(ana, card, "Info");
  const newest = () => proxy.interactions.all().at(-1);
  const { token } = await discord.waitFor("press", () =>
    newest()?.payload.type === 3 ? newest() : null,
  );
  // As a bot at work may be: sooner than Discord is done with the first response.
  for (let status = 404; status === 404; ) status = await edit(proxy.apiUrl, token, "about it");
  await pressed;
  bot.stop();
  const shown = await discord.messages(studio);
  expect(shown.map(({ text }) => text)).toEqual(["a card", "about it"]);
  expect(textOf(shown[1]?.id)).not.toBe(card.id);
});
