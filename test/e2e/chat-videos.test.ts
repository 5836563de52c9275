import { readFile } from "node:fs/promises";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { flatPicture } from "../fixtures/flat-picture.ts";
import { START_TIMEOUT_MS } from "./atelier-process.ts";
import { discordChats } from "./chat-discord.ts";
import { slackChats } from "./chat-slack.ts";
import { type Chat, type ChatMessage, chatTables } from "./chat-tables.ts";

const tables = chatTables();
const slack = slackChats();
const discord = discordChats();

const platforms: [string, () => Promise<Chat>][] = [
  ["Slack", () => slack.start("http")],
  ["Discord", () => discord.start("gateway")],
];

const film = {
  name: "holiday.mp4",
  bytes: await readFile(new URL("../../infra/demo/videos/holiday-by-the-sea.mp4", import.meta.url)),
};
const blue = { name: "blue.png", bytes: await flatPicture([0, 0, 208]) };

describe.each(platforms)("videos on %s", (_, start) => {
  let chat: Chat;
  let studio: string;
  let ana: string;
  let ben: string;

  beforeAll(async () => {
    const [table] = await tables.open([start()]);
    if (table === undefined) throw new Error("There is no table.");
    ({ chat } = table);
    ({ studio, ana, ben } = chat);
  }, START_TIMEOUT_MS);

  afterEach(() => {
    expect(chat.refusals().filter((each) => each !== chat.closed.refusal)).toEqual([]);
  });

  const ready = (message: ChatMessage) => /Ready: 0:\d\d, \d+ moments/u.test(message.shown);

  it("one in a message is added from the message's menu, with a link that plays it", async () => {
    const said = await chat.upload(ben, studio, film);
    await chat.fromMenu(ana, said, "Add this video");
    const message = await chat.waitFor(studio, ready);
    expect(message.shown).toContain("/findframe");
    const link = message.links.find((each) => each.includes("/videos/")) ?? "";
    expect(link).toMatch(/#t=0$/u);
    const played = await fetch(link, { headers: { Range: "bytes=0-9" } });
    expect([played.status, played.headers.get("Content-Type")]).toEqual([206, "video/mp4"]);

    await chat.command(ben, studio, "/videos");
    const list = await chat.waitForPrivate(ben, studio, /One video of yours/u);
    expect(list.shown).toContain("holiday");
    expect(list.shown).toMatch(/added \d{4}-\d\d-\d\d · by /u);
    expect(list.buttons).toEqual(["New link"]);

    await chat.press(ben, list, "New link");
    const fresh = await chat.waitForPrivate(ben, studio, /works? for 15 minutes/u);
    const again = await fetch(fresh.links.find((each) => each.includes("/videos/")) ?? "");
    expect([again.status, again.headers.get("Content-Type")]).toEqual([200, "video/mp4"]);
    await again.body?.cancel();
  });

  it("the moment that a sentence describes is found, and restyled with where it is from", async () => {
    await chat.command(ana, studio, "/findframe a white boat at sunset --in holiday");
    const found = await chat.waitFor(studio, (m) => m.pictureIds.length > 0);
    expect(found.shown).toContain("a white boat at sunset");
    expect(found.alts[0]).toMatch(/^holiday, 0:\d\d \(/u);
    const [name = ""] = found.alts[0]?.split(" (") ?? [];
    expect(found.shown).toContain(name);
    expect(found.links.length).toBeGreaterThan(0);
    for (const link of found.links) expect(link).toMatch(/\/videos\/\w+\.mp4\?.*#t=[\d.]+$/u);
    expect((await chat.bytes(found.pictureIds[0] ?? "")).subarray(0, 2).toString("hex")).toBe(
      "ffd8",
    );

    await chat.press(ben, found, "Restyle 1");
    await chat.sendForm(ben, { Prompt: "as a mosaic" });
    const drawn = await chat.waitFor(
      studio,
      (m) => m.pictureIds.length > 0 && m.literal.includes("as a mosaic"),
    );
    expect(drawn.shown).toContain(`from ${name}`);

    await chat.press(ben, found, "More like 1");
    const alike = await chat.waitFor(studio, (m) => m.literal.includes("Moments like"));
    expect(alike.alts.map((alt) => alt.split(" (")[0])).not.toContain(name);
    await chat.press(ben, alike, "Sort by time");
    const sorted = await chat.waitFor(studio, (m) => m.buttons.includes("Sort by match"));
    expect(sorted.alts.toSorted()).toEqual(alike.alts.toSorted());

    // The picture of any message can be looked for.
    const bytes = await chat.bytes(found.pictureIds[0] ?? "");
    const said = await chat.upload(ben, studio, { name: "still.jpg", bytes });
    await chat.fromMenu(ana, said, "Find this in our videos");
    const again = await chat.waitFor(studio, (m) => m.literal.includes("like this picture"));
    expect(again.alts[0]?.split(" (")[0]).toContain(name.split(", ")[1]);
  });

  it("a private search is its person's alone", async () => {
    await chat.command(ana, studio, "/findframe a white boat at sunset --in holiday --private");
    const found = await chat.waitForPrivate(
      ana,
      studio,
      (m) => m.pictureIds.length > 0 && m.buttons.includes("More like 1"),
    );
    await chat.press(ana, found, "More like 1");
    await chat.waitForPrivate(ana, studio, (m) => m.literal.includes("Moments like"));
  });

  it("/addvideo without anything opens a form that takes one", async () => {
    await chat.command(ana, studio, "/addvideo");
    await chat.sendForm(ana, { Title: "Once more" }, [film], "Video");
    // The same file is the same video.
    await chat.waitFor(studio, (m) => m.literal.includes("“holiday” is already here"));
  });

  it("a message without one says so", async () => {
    const said = await chat.upload(ben, studio, blue);
    await chat.fromMenu(ana, said, "Add this video");
    await chat.waitForPrivate(ana, studio, "There is no video in that message.");
  });
});
