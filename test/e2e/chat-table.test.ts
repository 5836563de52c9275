import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { colorOf, flatPicture } from "../fixtures/flat-picture.ts";
import type { ModelServer } from "../servers/model-server.ts";
import { START_TIMEOUT_MS } from "./atelier-process.ts";
import { discordChats } from "./chat-discord.ts";
import { slackChats } from "./chat-slack.ts";
import { type Chat, type ChatMessage, type ChatTable, chatTables } from "./chat-tables.ts";
import { lastCall, sourceColor } from "./slack-studio.ts";

const tables = chatTables();
const slack = slackChats();
const discord = discordChats();

/** The first two are on one process, as a team may have them. */
const platforms = ["Slack", "Discord's gateway", "Discord over HTTP"];
let open: readonly ChatTable[] = [];

beforeAll(async () => {
  const ofBoth = tables.open([slack.start("http"), discord.start("gateway")]);
  open = (await Promise.all([ofBoth, tables.open([discord.start("http")])])).flat();
}, START_TIMEOUT_MS);

function tableOf(platform: string): ChatTable {
  const table = open[platforms.indexOf(platform)];
  if (table === undefined) throw new Error(`There is no ${platform}.`);
  return table;
}

const blue = { name: "blue.png", bytes: await flatPicture([0, 0, 208]) };

const drawn = (prompt: string) => (message: ChatMessage) =>
  message.pictureIds.length > 0 && message.literal.includes(prompt);

/** Each scenario draws a picture of its own, so that their order does not matter. */
async function drawOn({ command, waitFor, ana, studio }: Chat, typed: string) {
  await command(ana, studio, `/imagine ${typed}`);
  const [prompt = ""] = typed.split(" --");
  return waitFor(studio, drawn(prompt));
}

/** The message for everyone that what is done brings. */
async function broughtOn(chat: Chat, prompt: string, act: () => Promise<void>) {
  const before = (await chat.messages(chat.studio)).map(({ id }) => id);
  await act();
  return chat.waitFor(chat.studio, (m) => drawn(prompt)(m) && !before.includes(m.id));
}

/** What the platform did not take, but for what the bot had to ask to know that it may not. */
const refusedBy = (chat: Chat) => chat.refusals().filter((each) => each !== chat.closed.refusal);

describe.each(platforms)("on %s", (platform) => {
  /** Platforms on one process share its cache. */
  const seed = 7 + 10 * platforms.indexOf(platform);
  let chat: Chat;
  let model: ModelServer;
  let studio: string;
  let ana: string;
  let ben: string;

  beforeAll(() => {
    ({ chat, model } = tableOf(platform));
    ({ studio, ana, ben } = chat);
  });

  afterEach(() => {
    model.setLatencyMs(0);
    expect(refusedBy(chat)).toEqual([]);
  });

  const draw = (typed: string) => drawOn(chat, typed);
  const brought = (prompt: string, act: () => Promise<void>) => broughtOn(chat, prompt, act);
  const drawnIn = async (channel: string, prompt: string) =>
    (await chat.messages(channel)).filter(drawn(prompt));

  it("a command brings pictures with recipe, alternative texts, buttons and links that work", async () => {
    const message = await draw(`a red fox --ar 16:9 --seed ${seed} --no fog --count 2`);
    expect(message.shown).toContain(`16:9 · seeds ${seed}, ${seed + 1} · without fog`);
    expect(message.alts).toEqual(
      [1, 2].map((n) => expect.stringMatching(`^a red fox .*picture ${n} of 2`)),
    );
    expect(message.buttons.toSorted()).toEqual(
      ["Delete", "Edit", "Info", "New link", "Re-roll", "Restyle", "Vary"].toSorted(),
    );
    expect(message.links).toHaveLength(2);
    for (const [index, link] of message.links.entries()) {
      const original = Buffer.from(await (await fetch(link)).arrayBuffer());
      const picture = await chat.bytes(message.pictureIds[index] ?? "");
      expect(picture.subarray(0, 3).toString("hex")).toBe("ffd8ff");
      expect(await colorOf(picture)).toEqual(await colorOf(original));
    }
  });

  it("/help tells its person alone what there is to type", async () => {
    await chat.command(ana, studio, "/help");
    const help = await chat.waitForPrivate(ana, studio, "/imagine");
    for (const name of ["/restyle", "/history", "/show"]) expect(help.shown).toContain(name);
  });

  it("what cannot be drawn is answered with what to do, for its person alone", async () => {
    await chat.command(ana, studio, "/imagine an owl --style nonsuch");
    await chat.waitForPrivate(ana, studio, /There is no style “nonsuch”\. .*ink/su);
    await chat.command(ana, studio, "/show 00000000");
    await chat.waitForPrivate(ana, studio, "There is no job 00000000.");
    expect((await chat.messages(studio)).filter(({ shown }) => shown.includes("an owl"))).toEqual(
      [],
    );
  });

  it("a private result is its person's alone until they share it", async () => {
    await chat.command(ana, studio, "/imagine a surprise --private");
    const surprise = await chat.waitForPrivate(ana, studio, drawn("a surprise"));
    expect(await drawnIn(studio, "a surprise")).toEqual([]);
    const shared = await brought("a surprise", () => chat.press(ana, surprise, "Share to channel"));
    expect(shared.shown).toContain(`<@${ana}>: a surprise`);
    expect(shared.buttons).not.toContain("Share to channel");
    expect(await chat.bytes(shared.pictureIds[0] ?? "")).toEqual(
      await chat.bytes(surprise.pictureIds[0] ?? ""),
    );
  });

  it("Re-roll draws anew for whoever pressed, and leaves the first as it was", async () => {
    const first = await draw("a pair of owls --count 2");
    const again = await brought("a pair of owls", () => chat.press(ben, first, "Re-roll"));
    expect(again.shown).toContain(`<@${ben}>: a pair of owls`);
    expect(new Set([...first.pictureIds, ...again.pictureIds]).size).toBe(4);
    expect((await chat.find(first))?.pictureIds).toEqual(first.pictureIds);
  });

  it("Info tells the command that brings the same picture back", async () => {
    const first = await draw("a kite --no clouds");
    await chat.press(ben, first, "Info");
    const info = await chat.waitForPrivate(ben, studio, /same picture comes back/u);
    const [line = ""] = /\/imagine a kite .*$/mu.exec(info.shown) ?? [];
    expect(line).toMatch(/--ar 1:1 --seed \d+ --no clouds/u);
    const before = model.calls.length;
    const again = await brought("a kite", () => chat.command(ben, studio, line));
    expect(again.shown).toContain("it came from the cache");
    expect(model.calls).toHaveLength(before);
  });

  it("New link gives whoever asks a link that downloads the picture", async () => {
    const first = await draw("a nest");
    await chat.press(ben, first, "New link");
    const { shown } = await chat.waitForPrivate(ben, studio, /^This link works for 15 minutes/u);
    const answer = await fetch(/https?:[^\s)]+/u.exec(shown)?.[0] ?? "");
    expect(answer.headers.get("content-type")).toBe("image/jpeg");
    const original = await colorOf(Buffer.from(await answer.arrayBuffer()));
    expect(original).toEqual(await colorOf(await chat.bytes(first.pictureIds[0] ?? "")));
  });

  it("Delete takes the picture away for the person who asked, and for nobody else", async () => {
    const first = await draw("a willow");
    await chat.press(ben, first, "Delete");
    await chat.waitForPrivate(ben, studio, "Only the person who asked");
    expect((await chat.find(first))?.pictureIds).toEqual(first.pictureIds);

    await chat.press(ana, first, "Delete");
    const gone = await chat.waitFor(studio, (m) => m.id === first.id && m.pictureIds.length === 0);
    expect(gone.shown).toContain("Deleted by the person who asked.");
    expect((await fetch(first.links[0] ?? "")).ok).toBe(false);
  });

  it("/restyle without a text opens a form that takes a picture", async () => {
    await chat.command(ana, studio, "/restyle");
    await chat.sendForm(ana, { Prompt: "as a woodcut", Strength: "strong" }, [blue]);
    const message = await chat.waitFor(studio, drawn("as a woodcut"));
    expect(message.shown).toContain("strength 0.85");
    expect(await sourceColor(lastCall(model, "as a woodcut"))).toEqual([0, 0, 208]);
  });

  it("a message's entry restyles the picture in it", async () => {
    const said = await chat.upload(ben, studio, blue);
    await chat.fromMenu(ana, said, "Restyle this picture");
    await chat.sendForm(ana, { Prompt: "as a mosaic" });
    await chat.waitFor(studio, drawn("as a mosaic"));
    expect(await sourceColor(lastCall(model, "as a mosaic"))).toEqual([0, 0, 208]);
  });

  it("Edit has the recipe filled in", async () => {
    const lamp = await draw(`a lamp --ar 3:2 --style ink --seed ${seed}`);
    await chat.press(ben, lamp, "Edit");
    await chat.sendForm(ben, { Prompt: "a lamp on a table" });
    const edited = await chat.waitFor(studio, drawn("a lamp on a table"));
    expect(edited.shown).toContain(`3:2 · seed ${seed} · style Ink drawing`);
  });

  it("what a person wrote appears as it is, and means nothing to the platform", async () => {
    const hostile = `<!channel> <@${ben}> @everyone *bold* __under__ ~~gone~~ ||spoiler|| \`code\` [bank](https://evil.example) <https://evil.example|bank> &lt; :tada:`;
    const message = await draw(`${hostile} typed`);
    expect(message.literal).toContain(`${hostile} typed`);
    expect(lastCall(model, `${hostile} typed`)).toBeDefined();
    expect(message.links).toHaveLength(1);
    await chat.command(ana, studio, "/imagine an eel --style <@here>*x*");
    const told = await chat.waitForPrivate(ana, studio, /There is no style/u);
    expect(told.literal).toContain("There is no style “<@here>*x*”.");
  });

  it("what the bot may not do is named before anything is spent", async () => {
    const { channel, says } = chat.closed;
    await chat.command(ana, channel, "/imagine an uninvited guest");
    await chat.waitForPrivate(ana, channel, says);
    expect(await chat.messages(channel)).toEqual([]);
    expect(model.calls.map(({ body }) => body.prompt)).not.toContain("an uninvited guest");
  });

  it("Cancel stops what runs, for its person alone", async () => {
    model.setLatencyMs(6_000);
    await chat.command(ana, studio, "/imagine a slow snail");
    const running = await chat.waitFor(
      studio,
      (m) => m.shown.includes("a slow snail") && m.buttons.includes("Cancel"),
    );
    await chat.press(ben, running, "Cancel");
    await chat.waitForPrivate(ben, studio, "Only the person who asked for a job can cancel it.");
    await chat.press(ana, running, "Cancel");
    await chat.waitForPrivate(ana, studio, /cancelled/u);
    await expect
      .poll(async () => (await chat.find(running))?.buttons ?? [])
      .not.toContain("Cancel");
    expect(await drawnIn(studio, "a slow snail")).toEqual([]);
  });
});

describe("after a restart", () => {
  const earlier = new Map<string, { lighthouse: ChatMessage; cellar: ChatMessage }>();

  beforeAll(async () => {
    await Promise.all(
      platforms.map(async (platform) => {
        const { chat } = tableOf(platform);
        const { ana, studio } = chat;
        const lighthouse = await drawOn(chat, "a lighthouse");
        await chat.command(ana, studio, "/imagine a cellar --private");
        const cellar = await chat.waitForPrivate(ana, studio, drawn("a cellar"));
        earlier.set(platform, { lighthouse, cellar });
      }),
    );
    await Promise.all([...new Set(open.map(({ restart }) => restart))].map((restart) => restart()));
  }, 2 * START_TIMEOUT_MS);

  it.each(platforms)("buttons work on %s", async (platform) => {
    const { chat } = tableOf(platform);
    const { ana, ben, studio } = chat;
    const { lighthouse, cellar } = earlier.get(platform) ?? {};
    if (lighthouse === undefined || cellar === undefined) throw new Error("Nothing was drawn.");
    await broughtOn(chat, "a lighthouse", () => chat.press(ben, lighthouse, "Re-roll"));
    await chat.press(ben, lighthouse, "Info");
    await chat.waitForPrivate(ben, studio, /\/imagine a lighthouse/u);
    await broughtOn(chat, "a cellar", () => chat.press(ana, cellar, "Share to channel"));
    expect(refusedBy(chat)).toEqual([]);
  });
});
