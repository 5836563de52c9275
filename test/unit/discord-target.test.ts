import { describe, expect, it } from "vitest";
import { identityOf, placeOf } from "../../adapters/discord/target.ts";
import { interaction, readAs } from "../fixtures/discord-inbound.ts";

const originOf = (body: unknown) => readAs("command", body).origin;
const help = (more: Readonly<Record<string, unknown>> = {}) =>
  interaction(2, { id: "1", type: 1, name: "help" }, more);

describe("who asks in Discord", () => {
  it("is one person in each server, wherever in it", () => {
    const here = originOf(help());
    expect(identityOf(here)).toBe("discord:100:300");
    const inThread = originOf(help({ channel_id: "201", channel: { type: 11, parent_id: "200" } }));
    expect(identityOf(inThread)).toBe(identityOf(here));
    expect([here, inThread].map(placeOf)).toEqual(["discord:100:200", "discord:100:201"]);
    expect(identityOf(originOf(help({ guild_id: "101" })))).toBe("discord:101:300");
  });

  it("is one person in all direct messages, each a place of its own", () => {
    const direct = { guild_id: undefined, member: undefined, user: { id: "300" } };
    const withBot = originOf(help({ ...direct, channel_id: "9", channel: { type: 1 } }));
    const withOther = originOf(help({ ...direct, channel_id: "8", channel: { type: 3 } }));
    expect([withBot, withOther].map(identityOf)).toEqual(["discord:dm:300", "discord:dm:300"]);
    expect([withBot, withOther].map(placeOf)).toEqual(["discord:dm:9", "discord:dm:8"]);
  });
});
