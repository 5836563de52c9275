import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { DISCORD_TOKEN_MS } from "../../adapters/discord/target.ts";
import { type DiscordDesk, discordDesks } from "../fixtures/discord-desk.ts";
import { createShiftableClock, type ShiftableClock } from "../fixtures/shiftable-clock.ts";
import { until } from "../fixtures/until.ts";
import { DISCORD_CHANNELS, DISCORD_USERS } from "../servers/discord-workspace.ts";

const desks = discordDesks();
const { ana } = DISCORD_USERS;
const { studio, dmOfAna } = DISCORD_CHANNELS;

describe("an answer in Discord that is later than its token lives", () => {
  let clock: ShiftableClock;
  let desk: DiscordDesk;
  beforeAll(async () => {
    clock = createShiftableClock();
    desk = await desks.open({ clock });
  });
  beforeEach(() => desk.world.proxy.calls.clear());
  afterEach(() => {
    expect(desk.world.proxy.calls.problems()).toEqual([]);
    // By the clock alone: no call had to be refused first.
    expect(desk.world.proxy.calls.refusals()).toEqual([]);
  });

  /** Begins to draw, lets the token's time pass, then draws to the end. */
  async function afterItsTime(text: string, response: "public" | "ephemeral") {
    const open = desk.counting.hold();
    const asked = desk.counting.requests.length;
    const jobId = await desk.put(text, await desk.typedAt(ana, studio, response));
    await until(() => desk.counting.requests.length > asked);
    desk.world.proxy.calls.clear();
    clock.shift(DISCORD_TOKEN_MS);
    open();
    return desk.finished(jobId);
  }

  it("comes in the same message by the bot itself", async () => {
    const before = (await desk.world.messages(studio)).length;
    const { status } = await afterItsTime("/imagine a fox of hours", "public");
    const message = await desk.world.waitForMessage(studio, "a fox of hours");
    expect([status, message.pictureIds.length]).toEqual(["delivered", 1]);
    expect(await desk.world.messages(studio)).toHaveLength(before + 1);
    expect(desk.world.proxy.calls.methods()).toEqual(["edit_message"]);
  });

  it("comes in a direct message when only its person may see it", async () => {
    const before = (await desk.world.messages(studio)).length;
    await afterItsTime("/imagine a private fox of hours --private", "ephemeral");
    const message = await desk.world.waitForMessage(dmOfAna, "a private fox of hours");
    expect(message.pictureIds).toHaveLength(1);
    expect(await desk.world.messages(studio)).toHaveLength(before);
    expect(desk.world.proxy.calls.methods()).toEqual(["create_dm", "create_message"]);
  });

  it.each([
    ["public", "ephemeral"],
    ["ephemeral", "update"],
  ] as const)("has buttons that work all the same: %s", async (shownTo, response) => {
    const flag = shownTo === "public" ? "" : " --private";
    const first = await desk.typedAt(ana, studio, shownTo);
    const { id } = await desk.run(`/imagine a fox of days, ${shownTo}${flag}`, first);
    const onlyFor = shownTo === "public" ? null : ana;
    const shown = await desk.world.waitForMessage(studio, `days, ${shownTo}`, { onlyFor });
    clock.shift(2 * DISCORD_TOKEN_MS);
    const info = await desk.pressedAt(ana, shown, "Info", response);
    expect((await desk.press("info", id, info)).status).toBe("delivered");
    await desk.world.waitForEphemeral(ana, studio, `/imagine a fox of days, ${shownTo}`);
    const target = await desk.pressedAt(ana, shown, "Delete", response);
    expect((await desk.press("delete", id, target)).status).toBe("delivered");
    expect(await desk.world.find(shown)).toMatchObject({ pictureIds: [], files: [], buttons: [] });
  });
});
