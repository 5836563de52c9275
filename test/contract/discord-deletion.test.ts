import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type DiscordDesk, discordDesks } from "../fixtures/discord-desk.ts";
import { DISCORD_CHANNELS, DISCORD_USERS } from "../servers/discord-workspace.ts";

const desks = discordDesks();
const { ana } = DISCORD_USERS;
const { studio, dmOfTwo } = DISCORD_CHANNELS;

describe("pictures in Discord that are deleted", () => {
  let desk: DiscordDesk;
  beforeAll(async () => {
    desk = await desks.open();
  });
  beforeEach(() => {
    desk.world.proxy.calls.clear();
  });
  afterEach(() => {
    expect(desk.world.proxy.calls.problems()).toEqual([]);
  });

  it("go with their attachments, and their message says so", async () => {
    const { id } = await desk.run("/imagine a fox to delete", await desk.typedAt(ana, studio));
    const shown = await desk.world.waitForMessage(studio, "a fox to delete");
    const before = (await desk.world.messages(studio)).length;
    const target = await desk.pressedAt(ana, shown, "Delete", "ephemeral");
    expect((await desk.press("delete", id, target)).status).toBe("delivered");
    const after = await desk.world.find(shown);
    expect(after).toMatchObject({ pictureIds: [], files: [], buttons: [] });
    expect(after?.shown).toContain("Deleted");
    expect(JSON.stringify(after)).not.toContain("a fox to delete");
    expect(await desk.world.messages(studio)).toHaveLength(before);
    expect(
      (await desk.world.ephemeral(ana, studio)).filter(({ isThinking }) => isThinking),
    ).toEqual([]);
  });

  it("go from what only the person sees, by the token that wrote it", async () => {
    const target = await desk.typedAt(ana, studio, "ephemeral");
    const { id } = await desk.run("/imagine an own fox --private", target);
    const shown = await desk.world.waitForEphemeral(ana, studio, "an own fox");
    await desk.press("delete", id, await desk.pressedAt(ana, shown, "Delete", "update"));
    expect(await desk.world.find(shown)).toMatchObject({ pictureIds: [], files: [] });
    expect((await desk.world.find(shown))?.shown).toContain("Deleted");
  });

  it("go from what only the person sees although the token that wrote it is dead", async () => {
    const target = await desk.typedAt(ana, studio, "ephemeral");
    const { id } = await desk.run("/imagine an old fox --private", target);
    const shown = await desk.world.waitForEphemeral(ana, studio, "an old fox");
    desk.kill(target);
    await desk.press("delete", id, await desk.pressedAt(ana, shown, "Delete", "update"));
    expect(await desk.world.find(shown)).toMatchObject({ pictureIds: [], files: [] });
  });

  it("go from the public message although the token that wrote it is dead", async () => {
    const target = await desk.typedAt(ana, studio);
    const { id } = await desk.run("/imagine a fox of old", target);
    const shown = await desk.world.waitForMessage(studio, "a fox of old");
    desk.kill(target);
    await desk.press("delete", id, await desk.pressedAt(ana, shown, "Delete", "ephemeral"));
    expect(await desk.world.find(shown)).toMatchObject({ pictureIds: [], files: [] });
    expect(desk.world.proxy.calls.of("edit_message")).toHaveLength(1);
  });

  it("go after all when Discord was away at first", async () => {
    const { id } = await desk.run("/imagine a stubborn fox", await desk.typedAt(ana, studio));
    const shown = await desk.world.waitForMessage(studio, "a stubborn fox");
    const target = await desk.pressedAt(ana, shown, "Delete", "ephemeral");
    desk.world.proxy.faults.failWith("edit_response", 503, 3);
    desk.world.proxy.faults.failWith("edit_message", 503, 3);
    expect((await desk.press("delete", id, target)).status).toBe("delivered");
    expect(await desk.world.find(shown)).toMatchObject({ pictureIds: [], files: [] });
  });

  it("are said to be gone where the button was pressed when their message is gone", async () => {
    const { id } = await desk.run("/imagine a fox long gone", await desk.typedAt(ana, studio));
    const shown = await desk.world.waitForMessage(studio, "a fox long gone");
    const target = await desk.pressedAt(ana, shown, "Delete", "ephemeral");
    await desk.world.deleteMessage(shown);
    await desk.press("delete", id, target);
    await desk.world.waitForEphemeral(ana, studio, "Deleted");
  });

  it("go from the public message by the token that wrote it where the bot is not", async () => {
    const { id } = await desk.run("/imagine a fox between", await desk.typedAt(ana, dmOfTwo));
    const shown = await desk.world.waitForMessage(dmOfTwo, "a fox between");
    await desk.press("delete", id, await desk.pressedAt(ana, shown, "Delete", "ephemeral"));
    expect(await desk.world.find(shown)).toMatchObject({ pictureIds: [], files: [] });
  });

  it("go from a second message that shows them, where the button was pressed", async () => {
    const { id } = await desk.run("/imagine a fox seen twice", await desk.typedAt(ana, studio));
    const shown = await desk.world.waitForMessage(studio, "a fox seen twice");
    await desk.run(`/show ${id}`, await desk.typedAt(ana, studio, "ephemeral"));
    const again = await desk.world.waitForEphemeral(ana, studio, "a fox seen twice");
    await desk.press("delete", id, await desk.pressedAt(ana, again, "Delete", "update"));
    for (const message of [shown, again]) {
      expect(await desk.world.find(message)).toMatchObject({ pictureIds: [], files: [] });
    }
  });
});
