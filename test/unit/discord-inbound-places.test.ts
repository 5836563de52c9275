import { describe, expect, it } from "vitest";
import { checkPermissions } from "../../adapters/discord/delivery/permissions.ts";
import { discordRefusalOf, interaction, readAs } from "../fixtures/discord-inbound.ts";

/** Of docs.discord.com/developers/topics/permissions#permissions-bitwise-permission-flags */
const VIEW_CHANNEL = 1n << 10n;
const SEND_MESSAGES = 1n << 11n;
const ATTACH_FILES = 1n << 15n;
const SEND_MESSAGES_IN_THREADS = 1n << 38n;

function originIn(rest: Readonly<Record<string, unknown>>) {
  const options = [{ name: "prompt", type: 3, value: "a fox" }];
  return readAs("command", interaction(2, { id: "1", type: 1, name: "imagine", options }, rest))
    .origin;
}

describe("where a command comes from", () => {
  it.each([10, 11, 12])("is a thread for a channel of type %i", (type) => {
    const origin = originIn({ channel: { id: "9", type, parent_id: "8" } });
    expect(origin).toMatchObject({ isThread: true, parentChannel: "8" });
  });

  it("is no thread elsewhere, whatever the channel is in", () => {
    for (const type of [0, 1, 2, 3, 5, 13]) {
      const origin = originIn({ channel: { id: "9", type, nsfw: false, parent_id: "8" } });
      expect([origin.isThread, origin.parentChannel]).toEqual([undefined, undefined]);
      expect(origin.isAgeRestricted).toBe(false);
    }
  });

  it("is the person's own place only in the direct messages with the bot", () => {
    const isWithBot = (context: unknown) => originIn({ context }).isWithBot;
    expect([0, 1, 2, null, "1"].map(isWithBot)).toEqual([
      undefined,
      true,
      undefined,
      undefined,
      undefined,
    ]);
  });
});

describe("a permission that is missing", () => {
  const check = (bits: bigint, isThread: boolean, response: "public" | "ephemeral" = "public") =>
    checkPermissions({ appPermissions: String(bits), isThread, response });

  it("is that for threads in a thread, and that for channels in a channel", () => {
    const inChannels = VIEW_CHANNEL | SEND_MESSAGES | ATTACH_FILES;
    const inThreads = VIEW_CHANNEL | SEND_MESSAGES_IN_THREADS | ATTACH_FILES;
    check(inChannels, false);
    check(inThreads, true);
    expect(discordRefusalOf(() => check(inChannels, true)).message).toContain(
      "I lack the permission Send Messages in Threads in this thread.",
    );
    expect(discordRefusalOf(() => check(inThreads, false)).message).toContain(
      "I lack the permission Send Messages in this channel.",
    );
  });

  it("is not asked for where the answer needs no place of its own", () => {
    check(ATTACH_FILES, true, "ephemeral");
    expect(discordRefusalOf(() => check(VIEW_CHANNEL, true, "ephemeral")).message).toContain(
      "the permission Attach Files in",
    );
  });
});
