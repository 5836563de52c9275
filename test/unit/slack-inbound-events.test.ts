import { describe, expect, it } from "vitest";
import { commands } from "#commands";
import { parseCommandLine } from "#core";
import { slackInbound } from "../fixtures/slack-inbound.ts";

const callback = (event: Record<string, unknown>) => ({
  token: "x",
  team_id: "T0001",
  api_app_id: "A1",
  type: "event_callback",
  event_id: "Ev08MFMKH6",
  event_time: 1_780_000_000,
  event,
});

/** As on docs.slack.dev/reference/events/app_mention. */
const mention = (text: string, rest: Record<string, unknown> = {}) =>
  callback({
    type: "app_mention",
    user: "U1",
    text,
    ts: "1780000000.000100",
    channel: "C1",
    event_ts: "1780000000.000100",
    ...rest,
  });

/** As on docs.slack.dev/reference/events/message.im. */
const direct = (text: string, rest: Record<string, unknown> = {}) =>
  callback({
    type: "message",
    channel_type: "im",
    channel: "D1",
    user: "U1",
    text,
    ts: "1780000000.000100",
    ...rest,
  });

const picture = { id: "F1", mimetype: "image/jpeg", name: "me.jpg" };
const withPicture = { subtype: "file_share", files: [picture] };
const lineOf = (text: string) => slackInbound.readMention(mention(text))?.line;
const textOf = (text: string) => slackInbound.readMention(mention(text))?.text;

describe("a mention", () => {
  it("is a command line without the bot's name, answered where it was written", () => {
    expect(slackInbound.readMention(mention("<@U0BOT> imagine a red fox --ar 16:9"))).toEqual({
      deliveryId: "event:Ev08MFMKH6",
      line: "/imagine a red fox --ar 16:9",
      text: "imagine a red fox --ar 16:9",
      fileIds: [],
      videoIds: [],
      origin: { surface: "channel", team: "T0001", user: "U1", channel: "C1" },
    });
    const threaded = mention("<@U0BOT> help", { thread_ts: "1779000000.000200" });
    expect(slackInbound.readMention(threaded)?.origin.threadTs).toBe("1779000000.000200");
  });

  it("may name the bot anywhere, in either form, and begin the command as people do", () => {
    expect(lineOf("imagine a fox <@U0BOT>")).toBe("/imagine a fox");
    expect(lineOf("imagine <@U0BOT|atelier> a fox")).toBe("/imagine a fox");
    expect(lineOf("<@U0BOT>, Imagine: a fox")).toBe("/imagine a fox");
    expect(lineOf("<@U0BOT>\u00a0/imagine a fox\nin two lines")).toBe(
      "/imagine a fox\nin two lines",
    );
    expect(lineOf("<@U0BOT> HISTORY")).toBe("/history");
    expect(lineOf("<@U0BOT> /imagin a fox")).toBe("/imagin a fox");
  });

  it("that begins with no typed command is a text to decide about", () => {
    for (const text of ["", "hello there", "imaginary friends", "reroll", "please imagine a fox"]) {
      expect(slackInbound.readMention(mention(`<@U0BOT> ${text}`))).toMatchObject({
        line: null,
        text,
      });
    }
  });

  it("is what was typed: links, names and channels without Slack's mark-up, entities decoded", () => {
    expect(textOf("<@U0BOT> see <https://example.com/a?b=1&amp;c=2>")).toBe(
      "see https://example.com/a?b=1&c=2",
    );
    expect(
      textOf("<@U0BOT> <http://example.com|example.com> <mailto:a@b.example|a@b.example>"),
    ).toBe("example.com a@b.example");
    expect(textOf("<@U0BOT> like <@U2|steve> and <@U3> in <#C1|general> or <#C2>")).toBe(
      "like @steve and @U3 in #general or #C2",
    );
    expect(textOf("<@U0BOT> <!here> <!channel|@channel> <!subteam^S1|@painters>")).toBe(
      "@here @channel @painters",
    );
    expect(textOf("<@U0BOT> a &lt; b &amp;&amp; c &gt; d, &amp;lt;@U2&amp;gt;")).toBe(
      "a < b && c > d, &lt;@U2&gt;",
    );
  });

  it("brings its pictures along, or whatever else came when there is none", () => {
    const filesOf = (files: unknown[]) =>
      slackInbound.readMention(mention("<@U0BOT> hi", { files }))?.fileIds;
    const plan = { id: "F2", mimetype: "application/pdf" };
    expect(filesOf([plan, picture, { id: "F3", mimetype: null, filetype: "gif" }])).toEqual([
      "F1",
      "F3",
    ]);
    expect(filesOf([plan])).toEqual(["F2"]);
  });

  it("by a bot, by ourselves, or in an edit is nothing", () => {
    for (const rest of [
      { bot_id: "B1" },
      { user: "U0BOT" },
      { edited: { user: "U1", ts: "1.1" } },
      { subtype: "bot_message", user: undefined },
    ]) {
      expect(slackInbound.readMention(mention("<@U0BOT> imagine a fox", rest))).toBeNull();
    }
  });

  it("from another workspace is refused, also from its people in a shared channel", () => {
    const foreign = { ...mention("<@U0BOT> help"), team_id: "T2" };
    expect(() => slackInbound.readMention(foreign)).toThrow("the workspace that I am installed in");
    const guest = mention("<@U0BOT> help", { user: "U9", user_team: "T2" });
    expect(() => slackInbound.readMention(guest)).toThrow("the workspace that I am installed in");
  });
});

describe("a direct message", () => {
  const lineOf = (text: string, rest?: Record<string, unknown>) =>
    slackInbound.readDirectMessage(direct(text, rest))?.line;

  it("is a command line with a slash or without, also with a picture", () => {
    expect(lineOf("imagine a fox")).toBe("/imagine a fox");
    expect(lineOf("/imagine a fox")).toBe("/imagine a fox");
    expect(lineOf("restyle as ink", withPicture)).toBe("/restyle as ink");
    expect(lineOf("hello")).toBeNull();
  });

  it("with a picture and a sentence is a restyle of it, whatever dashes are in the sentence", () => {
    for (const sentence of [
      "as a winter evening",
      "help",
      "half dark -- half light",
      "a 1960s -- or so — poster --really",
      "sharp —no-frills— lines",
    ]) {
      const read = slackInbound.readDirectMessage(direct(sentence, withPicture));
      if (sentence === "help") {
        expect(read?.line).toBe("/help");
        continue;
      }
      const { command, args } = parseCommandLine(read?.line ?? "", commands);
      expect([command.name, args.prompt]).toEqual(["restyle", sentence]);
      expect(read?.fileIds).toEqual(["F1"]);
    }
  });

  it("with a picture and a sentence that names an option is a restyle with that option", () => {
    const line = lineOf("as a winter evening --strength strong", withPicture) ?? "";
    expect(parseCommandLine(line, commands).args).toEqual({
      prompt: "as a winter evening",
      strength: "strong",
    });
  });

  it("with a picture alone is for the listener to decide about", () => {
    expect(slackInbound.readDirectMessage(direct("", withPicture))).toMatchObject({
      line: null,
      text: "",
      fileIds: ["F1"],
    });
  });

  it("is nothing when it is an edit, a deletion, a bot's, our own, or Slack's", () => {
    const changed = {
      type: "message",
      subtype: "message_changed",
      channel: "D1",
      channel_type: "im",
      ts: "1.1",
      hidden: true,
      message: { text: "imagine a fox", user: "U1" },
    };
    for (const body of [
      callback(changed),
      callback({ ...changed, subtype: "message_deleted", message: undefined }),
      direct("imagine a fox", { bot_id: "B1" }),
      direct("imagine a fox", { user: "U0BOT" }),
      direct("imagine a fox", { edited: { user: "U1", ts: "1.1" } }),
      direct("imagine a fox", { subtype: "thread_broadcast" }),
    ]) {
      expect(slackInbound.readDirectMessage(body)).toBeNull();
    }
  });
});

describe("the App Home", () => {
  const opened = (tab: string) =>
    callback({ type: "app_home_opened", user: "U1", channel: "D1", tab, event_ts: "1.1" });

  it("opened at its home tab is answered there; its other tabs are nothing", () => {
    expect(slackInbound.readHomeOpened(opened("home"))).toEqual({
      deliveryId: "event:Ev08MFMKH6",
      origin: { surface: "home", team: "T0001", user: "U1", channel: "U1" },
    });
    expect(slackInbound.readHomeOpened(opened("messages"))).toBeNull();
  });
});
