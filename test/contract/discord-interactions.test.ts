import { DiscordAPIError, REST, type RouteLike } from "@discordjs/rest";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { linksIn } from "../e2e/discord-screen.ts";
import { type DiscordWorld, discordWorlds } from "../e2e/discord-world.ts";
import type { Delivery } from "../servers/discord-deliveries.ts";
import { DISCORD_APP, DISCORD_CHANNELS, DISCORD_USERS } from "../servers/discord-workspace.ts";
import { type JsonRecord, recordOf, textOf } from "../servers/json-record.ts";
import { startHttpBot } from "./discord-http-bot.ts";
import { SMALL_BOT_COMMANDS } from "./discord-proxy-bot.ts";

const { studio, attic, words, thread, dmOfTwo } = DISCORD_CHANNELS;
const { ana, ben } = DISCORD_USERS;
const worlds = discordWorlds();
const EPHEMERAL = 64;

describe("interactions over HTTP behind the proxy", () => {
  let discord: DiscordWorld;
  let bot: Awaited<ReturnType<typeof startHttpBot>>;
  let rest: REST;

  const draw = (channel: string = studio, user: string = ana) =>
    discord.command(user, channel, "/imagine", { prompt: "a fox" });
  const original = ({ payload }: Pick<Delivery, "payload">): RouteLike =>
    `/webhooks/${DISCORD_APP.id}/${textOf(payload.token)}/messages/@original`;
  const followUps = ({ payload }: Pick<Delivery, "payload">): RouteLike =>
    `/webhooks/${DISCORD_APP.id}/${textOf(payload.token)}`;
  const callback = (payload: JsonRecord, body: JsonRecord) =>
    rest.post(`/interactions/${textOf(payload.id)}/${textOf(payload.token)}/callback`, {
      body,
      auth: false,
    });
  const edit = (delivery: Delivery, body: JsonRecord) =>
    rest.patch(original(delivery), { body, auth: false }).then(recordOf);
  const say = (delivery: Delivery, body: JsonRecord) =>
    rest.post(followUps(delivery), { body, auth: false }).then(recordOf);
  async function refusedCode(call: Promise<unknown>): Promise<string> {
    const thrown: unknown = await call.then(
      () => "It was not refused.",
      (error: unknown) => error,
    );
    if (thrown instanceof DiscordAPIError) return `${thrown.status} ${thrown.code}`;
    throw thrown;
  }

  beforeAll(async () => {
    discord = await worlds.start({ transport: "http" });
    await discord.register(SMALL_BOT_COMMANDS);
    bot = await startHttpBot(discord.proxy);
    rest = new REST({ api: discord.proxy.apiUrl, version: "10", retries: 0 });
    discord.proxy.limits.set({ webhook: { limit: 100, seconds: 1 } });
  });
  afterAll(() => bot?.stop());
  afterEach(() => {
    bot.answer(() => ({ type: 5 }));
    bot.heard.length = 0;
    discord.proxy.calls.clear();
    discord.proxy.install({ guild: true, people: true });
  });

  it("are signed as Discord signs them, and wrong signatures are sent on purpose", async () => {
    const right = await discord.proxy.examine();
    expect(right).toEqual({
      right: 200,
      unsigned: 401,
      "without timestamp": 401,
      "altered signature": 401,
      "no hex": 401,
      "altered body": 401,
      "other time": 401,
      "other key": 401,
      "six minutes old": 401,
    });
    bot.beCareless();
    expect(Object.values(await discord.proxy.examine())).not.toContain(401);
    bot.beCareless(false);
  });

  it("carry what Discord documents, wherever they come from", async () => {
    const { payload } = await draw();
    expect(payload).toMatchObject({
      type: 2,
      version: 1,
      application_id: DISCORD_APP.id,
      channel_id: studio,
      channel: { id: studio, type: 0, nsfw: false, name: "studio" },
      member: { user: { id: ana, username: "ana" } },
      context: 0,
      locale: "en-US",
      guild_locale: "en-US",
      attachment_size_limit: 10 * 2 ** 20,
      authorizing_integration_owners: { 0: payload.guild_id, 1: ana },
      data: { name: "imagine", type: 1, options: [{ name: "prompt", type: 3, value: "a fox" }] },
    });
    expect(bot.heard.at(-1)).toEqual(payload);
    expect((await draw(attic)).payload).toMatchObject({ channel: { nsfw: true } });
    const canAttach = ({ payload: { app_permissions } }: Delivery) =>
      (BigInt(textOf(app_permissions)) & (1n << 15n)) !== 0n;
    expect([canAttach(await draw(words)), canAttach(await draw(studio))]).toEqual([false, true]);
    const inThread = await draw(thread);
    expect(inThread.payload).toMatchObject({ channel: { type: 11, parent_id: studio } });
    const apart = await draw(dmOfTwo);
    expect(apart.payload).toMatchObject({
      context: 2,
      user: { id: ana },
      authorizing_integration_owners: { 1: ana },
    });
    expect(apart.payload).not.toHaveProperty("member");
  });

  it("are answered in the HTTP answer, and edited with the token", async () => {
    const delivery = await draw();
    expect(delivery).toMatchObject({ status: 200, answer: { type: 5, via: "http" } });
    const [thinking] = (await discord.messages(studio)).slice(-1);
    expect(thinking).toMatchObject({ isThinking: true, shown: "" });
    const edited = await edit(delivery, { content: "done" });
    expect(edited).toMatchObject({ id: thinking?.id, content: "done", flags: 0 });
    expect(await discord.find({ id: textOf(edited.id) })).toMatchObject({
      isThinking: false,
      text: "done",
    });
    expect(await rest.get(original(delivery), { auth: false })).toMatchObject({ content: "done" });
    await rest.delete(original(delivery), { auth: false });
    expect(await refusedCode(edit(delivery, { content: "x" }))).toBe("404 10008");
  });

  it("are answered with files in the HTTP answer as well", async () => {
    const form = new FormData();
    form.set("payload_json", JSON.stringify({ type: 4, data: { content: "here" } }));
    form.set("files[0]", new Blob(["some text"]), "notes.txt");
    bot.answer(() => form);
    const { answer } = await draw();
    expect(answer?.type).toBe(4);
    const message = await discord.waitForMessage(studio, "here");
    expect(message.files).toMatchObject([{ filename: "notes.txt", size: 9 }]);
  });

  it("are answered at the callback endpoint after a 202", async () => {
    bot.answer(async (payload) => {
      await callback(payload, { type: 4, data: { content: "called back" } });
      return 202;
    });
    const delivery = await draw();
    expect(delivery).toMatchObject({ status: 202, answer: { type: 4, via: "callback" } });
    await discord.waitForMessage(studio, "called back");
    expect(await refusedCode(callback(delivery.payload, { type: 5 }))).toBe("400 40060");
    const wrong = { ...delivery.payload, token: "wrong" };
    expect(await refusedCode(callback(wrong, { type: 5 }))).toBe("404 10062");
  });

  it("that are answered after 3 s are lost", { timeout: 15_000 }, async () => {
    bot.answerLate(3200, { type: 5 });
    const late = await draw();
    expect(late).toMatchObject({ tookMs: null, answer: null });
    expect(discord.proxy.deliveries.late()).toContain(late);
    expect(await refusedCode(callback(late.payload, { type: 5 }))).toBe("404 10062");
    expect(await refusedCode(say(late, { content: "sorry" }))).toBe("404 10015");
    await discord.waitFor("late answer", () =>
      discord.proxy.calls.refusals().some((one) => one.includes("10062")) ? true : null,
    );
  });

  it("that are not answered rightly are not answered", { timeout: 15_000 }, async () => {
    bot.answer(() => "reset");
    expect(await draw()).toMatchObject({ cut: true, answer: null });
    bot.answer(() => ({ type: 7, data: { content: "no message" } }));
    expect((await draw()).answer).toBeNull();
    expect(discord.proxy.calls.refusals().join()).toContain("CALLBACK_TYPE_INVALID");
  });

  it("keep what the deferral said about who sees it", async () => {
    bot.answer(() => ({ type: 5, data: { flags: EPHEMERAL } }));
    const hidden = await draw();
    await edit(hidden, { content: "for you", flags: 0 });
    expect(await discord.waitForEphemeral(ana, studio, "for you")).toMatchObject({ onlyFor: ana });
    bot.answer(() => ({ type: 5 }));
    const open = await draw();
    const edited = await edit(open, { content: "for all", flags: EPHEMERAL });
    expect(edited.flags).toBe(0);
    expect(await discord.waitForMessage(studio, "for all")).toMatchObject({ onlyFor: null });
    const whisper = await say(open, { content: "and for you", flags: EPHEMERAL });
    expect(await discord.find({ id: textOf(whisper.id) })).toMatchObject({ onlyFor: ana });
    const message = await discord.waitForEphemeral(ana, studio, "and for you");
    await expect(discord.press(ben, message, "x")).rejects.toThrow("does not see");
  });

  it("open nothing any more when their token is dead, in whichever way", async () => {
    const { interactions } = discord.proxy;
    const old = await draw();
    interactions.expire(old.id);
    expect(await refusedCode(edit(old, { content: "x" }))).toBe("401 50027");
    const gone = await draw();
    interactions.expire(gone.id, "unknown_webhook");
    expect(await refusedCode(say(gone, { content: "x" }))).toBe("404 10015");
    const odd = await draw();
    interactions.expireAll("unauthorized");
    expect(await refusedCode(edit(odd, { content: "x" }))).toBe("401 0");
    expect(discord.proxy.calls.invalidRequests()).toBe(2);
    expect(await refusedCode(say({ ...odd, payload: { token: "none" } }, {}))).toBe("404 10015");
  });

  it("let an app that only a person installed follow up five times", async () => {
    discord.proxy.install({ guild: false });
    const delivery = await draw();
    expect(delivery.payload.authorizing_integration_owners).toEqual({ 1: ana });
    await edit(delivery, { content: "first" });
    for (let n = 0; n < 5; n += 1) await say(delivery, { content: `line ${n}` });
    expect(await refusedCode(say(delivery, { content: "line 5" }))).toBe("400 40094");
  });

  it("put the first follow-up in the place of the deferral", async () => {
    const delivery = await draw();
    const made = await say(delivery, { content: "at last" });
    const found = await rest.get(original(delivery), { auth: false });
    expect(found).toMatchObject({ id: made.id, content: "at last" });
  });

  it("are delivered again with the same id, and answered only once", async () => {
    const first = await draw();
    const again = await discord.proxy.deliveries.again(first);
    expect(again).toMatchObject({ id: first.id, attempt: 1, status: 200 });
    expect(bot.heard.filter(({ id }) => id === first.id)).toHaveLength(2);
    expect(discord.proxy.calls.refusals()).toEqual([]);
    expect(discord.proxy.deliveries.late()).not.toContain(again);
  });

  it("update the message of a press, its own or the one it stands on", async () => {
    const url = "https://example.com/full";
    const go = { type: 2, style: 1, label: "Go", custom_id: "go" };
    const buttons = [{ type: 1, components: [go, { type: 2, style: 5, label: "Full", url }] }];
    bot.answer(() => ({ type: 4, data: { content: "press me", components: buttons } }));
    await draw();
    const message = await discord.waitForMessage(studio, "press me");
    expect(linksIn(message)).toEqual([url]);
    await expect(discord.press(ben, message, "Full")).rejects.toThrow("is a link");
    bot.answer(() => ({ type: 7, data: { content: "pressed", components: [] } }));
    await discord.press(ben, message, "Go");
    expect(await discord.find(message)).toMatchObject({ text: "pressed", buttons: [] });
    await expect(discord.press(ben, message, "Go")).rejects.toThrow('no button "Go"');
  });

  it("refuse dialogs and proposals over Discord's limits", { timeout: 30_000 }, async () => {
    const field = { type: 4, custom_id: "a", style: 1 };
    const label = (component: JsonRecord) => ({ type: 18, label: "A", component });
    const dialog = (more: JsonRecord) => ({
      type: 9,
      data: { custom_id: "m", title: "T", components: [label(field)], ...more },
    });
    bot.answer(() => dialog({}));
    expect((await draw()).answer?.type).toBe(9);
    expect(discord.modal(ana)).toMatchObject({ title: "T" });
    discord.closeModal(ana);
    const six = ["a", "b", "c", "d", "e", "f"].map((id) => label({ ...field, custom_id: id }));
    const wrong = [
      dialog({ title: "T".repeat(46) }),
      dialog({ components: [] }),
      dialog({ components: six }),
      dialog({ components: [label(field), label(field)] }),
      dialog({ components: [label({ ...field, max_length: 5, value: "too long" })] }),
    ];
    for (const body of wrong) {
      bot.answer(async (payload) => {
        expect(await refusedCode(callback(payload, body))).toBe("400 50035");
        return { type: 5 };
      });
      expect((await draw()).answer?.type).toBe(5);
    }
    expect(discord.modal(ana)).toBeNull();
    const choices = Array.from({ length: 26 }, (_, n) => ({ name: `${n}`, value: `${n}` }));
    bot.answer(async (payload) => {
      expect(await refusedCode(callback(payload, { type: 8, data: { choices } }))).toBe(
        "400 50035",
      );
      return { type: 8, data: { choices: choices.slice(1) } };
    });
    const typed = { prompt: "x", style: "w" };
    const proposed = await discord.autocomplete(ana, studio, "imagine", typed, "style");
    expect(proposed).toHaveLength(25);
  });

  it("are as people can send them, and not otherwise", async () => {
    const send = (values: Readonly<Record<string, string | number>>) =>
      discord.command(ana, studio, "/imagine", values);
    await expect(send({})).rejects.toThrow('"prompt" is required');
    await expect(send({ prompt: "x", ratio: "7:3" })).rejects.toThrow("no choice");
    await expect(send({ prompt: "x", count: 9 })).rejects.toThrow("does not take 9");
    await expect(send({ prompt: "x", colour: "red" })).rejects.toThrow("no option");
    await expect(discord.command(ana, studio, "/paint x")).rejects.toThrow("there are: imagine");
    const { payload } = await discord.command(
      ana,
      studio,
      "/imagine a red fox --ar 16:9 --private",
    );
    expect(recordOf(payload.data).options).toEqual([
      { name: "prompt", type: 3, value: "a red fox" },
      { name: "ratio", type: 3, value: "16:9" },
      { name: "private", type: 5, value: true },
    ]);
  });
});
