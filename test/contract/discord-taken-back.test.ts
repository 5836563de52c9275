import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { renderFailure } from "../../adapters/discord/render.ts";
import { DISCORD_TOKEN_MS } from "../../adapters/discord/target.ts";
import { type DiscordDesk, discordDesks } from "../fixtures/discord-desk.ts";
import { DISCORD_CHANNELS, DISCORD_USERS } from "../servers/discord-workspace.ts";

const desks = discordDesks();
const { ben } = DISCORD_USERS;
const { studio, dmOfBen } = DISCORD_CHANNELS;

describe("what was deferred for everyone in Discord, and goes wrong before there is a job", () => {
  let desk: DiscordDesk;
  beforeAll(async () => {
    desk = await desks.open();
  });
  beforeEach(() => desk.world.proxy.calls.clear());
  afterEach(() => {
    expect(desk.world.proxy.calls.problems()).toEqual([]);
  });

  const thinking = async () =>
    (await desk.world.messages(studio)).filter(({ isThinking }) => isThinking);

  it("is told to the person alone, and nothing is left of it", async () => {
    const target = await desk.typedAt(ben, studio);
    expect(await thinking()).toHaveLength(1);
    await desk.delivery.tell(target, renderFailure("You have 10 waiting."));
    await desk.world.waitForEphemeral(ben, studio, "You have 10 waiting.");
    expect(await desk.world.messages(studio)).toEqual([]);
  });

  it("is told in a direct message when the token is too old", async () => {
    const target = await desk.typedAt(ben, studio, "public", {
      tokenUntilMs: Date.now() - DISCORD_TOKEN_MS,
    });
    await desk.delivery.tell(target, renderFailure("That is long ago."));
    await desk.world.waitForMessage(dmOfBen, "That is long ago.");
  });

  it("is taken back when it is another press of what is under way", async () => {
    const before = await desk.world.messages(studio);
    await desk.delivery.withdraw(await desk.typedAt(ben, studio));
    expect(await desk.world.messages(studio)).toEqual(before);
  });

  it("leaves the pressed message alone where that is the first response", async () => {
    await desk.run(
      "/imagine a fox to stay --private",
      await desk.typedAt(ben, studio, "ephemeral"),
    );
    const shown = await desk.world.waitForEphemeral(ben, studio, "a fox to stay");
    const target = await desk.pressedAt(ben, shown, "Info", "update");
    await desk.delivery.withdraw(target);
    await desk.delivery.tell(target, renderFailure("Not now."));
    await desk.world.waitForEphemeral(ben, studio, "Not now.");
    expect((await desk.world.find(shown))?.pictureIds).toEqual(shown.pictureIds);
  });
});
