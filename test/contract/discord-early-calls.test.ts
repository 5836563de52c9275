import { describe, expect, it } from "vitest";
import { discordWorlds } from "../e2e/discord-world.ts";
import { DISCORD_APP, DISCORD_CHANNELS, DISCORD_USERS } from "../servers/discord-workspace.ts";
import { SMALL_BOT_COMMANDS } from "./discord-proxy-bot.ts";

const { studio } = DISCORD_CHANNELS;
const { ana } = DISCORD_USERS;
const worlds = discordWorlds();

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
    const edit = async () => {
      const url = `${apiUrl}/v10/webhooks/${DISCORD_APP.id}/${token}/messages/@original`;
      const headers = { "Content-Type": "application/json" };
      const answer = await fetch(url, { method: "PATCH", headers, body: '{"content":"x"}' });
      return answer.status;
    };
    for (let turn = 0; turn < 5; turn += 1) expect(await edit()).toBe(404);
    expect(calls.early()).toHaveLength(5);
    expect(calls.refusals()).toHaveLength(5 - most);
    // Such answers do not count towards the ban.
    expect(calls.invalidRequests()).toBe(0);
    await sent;
  });
});
