import { describe, expect, it } from "vitest";
import { readArgs } from "#core";
import { readAutocomplete } from "../../adapters/discord/inbound/autocomplete.ts";
import {
  discordAttachment,
  discordHere,
  discordInbound,
  discordParts,
  discordRefusalOf,
  interaction,
  readAs,
} from "../fixtures/discord-inbound.ts";

const text = (name: string, value: unknown) => ({ name, type: 3, value });

function slash(
  name: string,
  options: readonly unknown[],
  rest: Readonly<Record<string, unknown>> = {},
  resolved?: unknown,
) {
  return interaction(2, { id: "1", type: 1, name, options, resolved }, rest);
}

describe("a slash command", () => {
  it("comes with its values as Discord typed them, and with all it takes to answer", () => {
    const options = [
      text("prompt", "a red fox"),
      text("ratio", "16:9"),
      { name: "count", type: 4, value: 2 },
      { name: "private", type: 5, value: false },
    ];
    const body = slash("imagine", options);
    const read = readAs("command", body);
    expect(read).toMatchObject({
      deliveryId: body.id,
      command: { name: "imagine" },
      files: [],
      isEmpty: false,
      origin: { ...discordHere, response: "public" },
    });
    expect(read.origin.pressed).toBeUndefined();
    expect(readArgs(read.command, read.raw, read.files)).toEqual({
      prompt: "a red fox",
      ratio: "16:9",
      count: 2,
      private: false,
    });
  });

  it("is the same delivery when Discord sends it again", () => {
    const body = slash("history", []);
    const [first, again] = [readAs("command", body), readAs("command", structuredClone(body))];
    expect(again).toEqual(first);
    expect(first.isEmpty).toBe(true);
  });

  it("is answered for its person alone when it is private, or answers its person anyway", () => {
    const secret = slash("imagine", [
      text("prompt", "x"),
      { name: "private", type: 5, value: true },
    ]);
    expect(readAs("command", secret).origin.response).toBe("ephemeral");
    expect(readAs("command", slash("history", [])).origin.response).toBe("ephemeral");
  });

  it("in direct messages has no server, no permissions, and the person beside the channel", () => {
    const { member: _m, guild_id: _g, ...direct } = slash("help", []);
    const { origin } = readAs("command", { ...direct, user: { id: "301" }, channel: { id: "9" } });
    expect(origin).toMatchObject({ guild: null, user: "301" });
    expect(origin.appPermissions).toBeUndefined();
    expect(origin.isAgeRestricted).toBeUndefined();
  });

  it("says what the bot may do in a server only where the bot is a part of it", () => {
    const permissionsOf = (authorizing_integration_owners: object) =>
      readAs("command", slash("help", [], { authorizing_integration_owners })).origin
        .appPermissions;
    expect(permissionsOf({ 1: "300" })).toBeUndefined();
    expect(permissionsOf({ 0: "100" })).toBe(discordHere.appPermissions);
    expect(permissionsOf({ 0: "100", 1: "300" })).toBe(discordHere.appPermissions);
  });

  it("tells of an age-restricted channel, and takes 10 MiB where Discord names no limit", () => {
    const { origin } = readAs(
      "command",
      slash("help", [], { channel: { nsfw: true }, attachment_size_limit: undefined }),
    );
    expect(origin).toMatchObject({ isAgeRestricted: true, attachmentMaxBytes: 10 * 1024 * 1024 });
  });

  it("brings the attached picture with what Discord knows of it", () => {
    const options = [text("prompt", "as winter"), { name: "image", type: 11, value: "77" }];
    const resolved = {
      attachments: { "77": discordAttachment("77"), "78": discordAttachment("78") },
    };
    const { raw, files } = readAs("command", slash("restyle", options, {}, resolved));
    expect(raw).toEqual({ prompt: "as winter" });
    expect(files).toEqual([
      {
        attachment: discordAttachment("77").url,
        name: "fox.png",
        kind: "image",
        sizeBytes: 1234,
        contentType: "image/png",
        widthPx: 640,
        heightPx: 480,
      },
    ]);
  });

  it("takes no attachment that is not there, or is not on Discord's own hosts", () => {
    const options = [{ name: "image", type: 11, value: "77" }];
    const elsewhere = {
      attachments: { "77": { ...discordAttachment("77"), url: "https://x.example/a" } },
    };
    for (const resolved of [undefined, { attachments: {} }, elsewhere]) {
      const body = slash("restyle", options, {}, resolved);
      expect(discordRefusalOf(() => discordInbound.read(body))).toMatchObject({
        kind: "invalid_input",
        message: "Discord did not send the file along. Try it again.",
      });
    }
  });

  it("that is gone is refused with the nearest one", () => {
    const { message } = discordRefusalOf(() => discordInbound.read(slash("imagin", [])));
    expect(message).toContain("Did you mean /imagine?");
  });
});

describe("what is not as Discord documents it", () => {
  it("is refused, whatever is wrong with it", () => {
    const whole = slash("help", []);
    const broken = [
      null,
      "help",
      {},
      { type: 99 },
      { ...whole, application_id: "1" },
      { ...whole, member: undefined },
      { ...whole, token: "" },
      { ...whole, id: "../.." },
      { ...whole, channel_id: undefined },
      { ...whole, data: { type: 2, name: "Info" } },
      { ...whole, data: { type: 1, name: "help", options: [{ name: "command" }] } },
      interaction(3, { custom_id: "" }, { message: { id: "1" } }),
      interaction(3, { custom_id: "v1.reroll.a.0" }),
      interaction(5, { custom_id: "form:" }),
    ];
    for (const body of broken) {
      expect(discordRefusalOf(() => discordInbound.read(body)).kind).toBe("invalid_input");
    }
  });
});

describe("an option that completes itself", () => {
  function proposals(name: string, option: string, value: string): string[] {
    const options = [text("prompt", "x"), { ...text(option, value), focused: true }];
    const body = interaction(4, { id: "1", type: 1, name, options });
    const { choices, option: focused, typed } = readAs("autocomplete", body);
    expect([focused, typed]).toEqual([option, value]);
    return choices.map((choice) => choice.value);
  }

  it("proposes what begins with the text before what has it in it, in any case", () => {
    const all = proposals("restyle", "strength", "");
    expect(all).toEqual(["subtle", "medium", "strong"]);
    expect(proposals("restyle", "strength", "S")).toEqual(["subtle", "strong"]);
    expect(proposals("restyle", "strength", "t")).toEqual(["subtle", "strong"]);
    expect(proposals("restyle", "strength", "0.8")).toEqual([]);
    expect(proposals("imagine", "style", "WATER")).toContain("watercolor");
    expect(proposals("imagine", "model", "sk")).toEqual(["sketch"]);
    expect(proposals("imagine", "ratio", "16")).toEqual(["16:9", "9:16"]);
    expect(proposals("imagine", "count", "1")).toEqual([]);
  });

  it("proposes 25 at most, each within 100 characters", () => {
    const many = Array.from({ length: 60 }, (_, index) => ({
      name: `${"long ".repeat(30)}${index}`,
      value: index === 0 ? "x".repeat(101) : `value-${index}`,
    }));
    const command = {
      name: "many",
      description: "Many",
      examples: [],
      pace: "quick" as const,
      audience: "person" as const,
      reach: "typed" as const,
      options: {
        word: { type: "string" as const, description: "w", maxLength: 200, suggest: () => many },
      },
      run: () => Promise.reject(new Error("It is not run.")),
    };
    const options = [{ ...text("word", ""), focused: true }];
    const body = interaction(4, { id: "1", type: 1, name: "many", options });
    const { choices } = readAutocomplete(body, { ...discordParts, commands: [command] });
    expect(choices).toHaveLength(25);
    expect(choices[0]?.value).toBe("value-1");
    expect(Math.max(...choices.map(({ name }) => name.length))).toBeLessThanOrEqual(100);
  });
});
