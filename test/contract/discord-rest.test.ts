import type { RouteLike } from "@discordjs/rest";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type DiscordProxy, startDiscordProxy } from "../servers/discord-proxy.ts";
import {
  DISCORD_APP,
  DISCORD_CHANNELS,
  DISCORD_GUILD,
  DISCORD_USERS,
} from "../servers/discord-workspace.ts";
import { type JsonRecord, recordOf, recordsOf, textOf } from "../servers/json-record.ts";
import {
  createDiscordRestClient,
  gallery,
  messagesOf,
  refusal,
  smallPicture,
  text,
  V2,
} from "./discord-rest-client.ts";

const { studio, drafts, lobby, board, words, dmOfAna, dmOfTwo } = DISCORD_CHANNELS;

describe("Discord's REST API behind the proxy", () => {
  let proxy: DiscordProxy;
  let rest: ReturnType<typeof createDiscordRestClient>["rest"];
  let restWith: ReturnType<typeof createDiscordRestClient>["restWith"];
  let post: ReturnType<typeof createDiscordRestClient>["post"];
  let patch: ReturnType<typeof createDiscordRestClient>["patch"];
  let picture: Buffer;

  beforeAll(async () => {
    picture = await smallPicture();
    proxy = await startDiscordProxy({ transport: "gateway" });
    ({ rest, restWith, post, patch } = createDiscordRestClient(proxy));
    proxy.limits.set({ messages: { limit: 100, seconds: 1 } });
  });
  afterAll(() => proxy?.close());
  afterEach(() => {
    proxy.faults.clear();
    proxy.calls.clear();
    proxy.allowSizes({ fileBytes: 10 * 2 ** 20, requestBytes: 25 * 2 ** 20 });
    proxy.install({ guild: true, people: true });
  });

  it("refuses a wrong token, and counts that as an invalid request", async () => {
    const other = restWith("other");
    expect(await refusal(other.get("/users/@me"))).toMatchObject({ status: 401, code: 0 });
    expect(await rest.get("/users/@me")).toMatchObject({ id: DISCORD_APP.id, bot: true });
    expect(proxy.calls.invalidRequests()).toBe(1);
    expect(proxy.calls.refusals()).toEqual([expect.stringContaining("401")]);
    expect(proxy.messages.in(studio)).toEqual([]);
  });

  it("lets the bot write only where it may", async () => {
    expect(await refusal(post(lobby, { content: "hi" }))).toMatchObject({ code: 50013 });
    expect(await refusal(post(board, { content: "hi" }))).toMatchObject({ code: 50001 });
    expect(await refusal(post(dmOfTwo, { content: "hi" }))).toMatchObject({ code: 50001 });
    expect(await refusal(post("1", { content: "hi" }))).toMatchObject({ code: 10003 });
    expect(await refusal(post(words, {}, [picture]))).toMatchObject({ code: 50013 });
    expect(await post(words, { content: "hi" })).toMatchObject({ content: "hi" });
    proxy.permissions.revoke(drafts, "sendMessages");
    expect(await refusal(post(drafts, { content: "hi" }))).toMatchObject({ code: 50013 });
    proxy.permissions.grant(drafts, "sendMessages");
    await post(drafts, { content: "hi" });
    proxy.install({ guild: false });
    expect(await refusal(post(drafts, { content: "hi" }))).toMatchObject({ code: 50001 });
  });

  it("opens direct messages, unless the person takes none", async () => {
    const open = rest.post("/users/@me/channels", { body: { recipient_id: DISCORD_USERS.ana } });
    expect(await open).toMatchObject({ id: dmOfAna, type: 1 });
    await post(dmOfAna, { content: "hello" });
    proxy.permissions.closeDirectMessages(DISCORD_USERS.ana);
    expect(await refusal(post(dmOfAna, { content: "hello" }))).toMatchObject({ code: 50007 });
    proxy.permissions.closeDirectMessages(DISCORD_USERS.ana, false);
  });

  it("takes files, describes them and gives them to whoever has a link that is signed", async () => {
    const attachments = [{ id: "0", description: "a fox" }];
    const message = await post(studio, { content: "look", attachments }, [picture]);
    const [attachment] = recordsOf(message.attachments);
    expect(attachment).toMatchObject({
      filename: "fox0.png",
      description: "a fox",
      size: picture.length,
      width: 64,
      height: 32,
      content_type: "image/png",
    });
    const link = textOf(attachment?.url);
    expect(link).toMatch(
      /\/attachments\/\d+\/\d+\/fox0\.png\?ex=[0-9a-f]+&is=[0-9a-f]+&hm=[0-9a-f]{64}&$/u,
    );
    const bytes = await fetch(link);
    expect(Buffer.from(await bytes.arrayBuffer()).equals(picture)).toBe(true);
    for (const broken of [
      link.replace(/\?.*/u, ""),
      link.replace("hm=", "hm=0"),
      link.replace("ex=", "ex=7"),
    ]) {
      expect((await fetch(broken)).status).toBe(404);
    }
    proxy.cdn.expireLinks();
    expect((await fetch(link)).status).toBe(404);
    const again = recordOf(await rest.get(`${messagesOf(studio)}/${String(message.id)}`));
    expect((await fetch(textOf(recordsOf(again.attachments)[0]?.url))).status).toBe(200);
    proxy.cdn.linksLive(-1);
    const old = recordOf(await rest.get(`${messagesOf(studio)}/${String(message.id)}`));
    expect((await fetch(textOf(recordsOf(old.attachments)[0]?.url))).status).toBe(404);
    proxy.cdn.linksLive(86_400);
  });

  it("shows files in galleries, and then no more beside them", async () => {
    const components = [text("**a fox**"), gallery("fox0.png", "fox1.png")];
    const message = await post(studio, { flags: V2, components }, [picture, picture]);
    expect(message.attachments).toEqual([]);
    const [, shown] = recordsOf(message.components);
    const [first] = recordsOf(shown?.items);
    expect(first).toMatchObject({ description: "fox0.png", media: { width: 64, height: 32 } });
    expect((await fetch(textOf(recordOf(first?.media).url))).status).toBe(200);
    const lost = post(studio, { flags: V2, components: [gallery("fox9.png")] }, [picture]);
    expect((await refusal(lost)).raw).toContain("REFERENCED_ATTACHMENT_NOT_FOUND");
  });

  it("keeps, adds and drops files when a message is edited", async () => {
    const message = await post(studio, { content: "one" }, [picture]);
    const names = (edited: JsonRecord) => recordsOf(edited.attachments).map((one) => one.filename);
    expect(names(await patch(studio, message.id, { content: "two" }))).toEqual(["fox0.png"]);
    const added = await patch(studio, message.id, {}, [picture]);
    expect(names(added)).toEqual(["fox0.png", "new0.png"]);
    const [, second] = recordsOf(added.attachments);
    const kept = { attachments: [{ id: second?.id }] };
    expect(names(await patch(studio, message.id, kept))).toEqual(["new0.png"]);
    expect(await refusal(patch(studio, message.id, { attachments: [{ id: "7" }] }))).toMatchObject({
      code: 50035,
    });
    expect(names(await patch(studio, message.id, { attachments: [] }))).toEqual([]);
  });

  it("changes a message to Components V2 for good, and only without content", async () => {
    const message = await post(studio, { content: "one" });
    const components = [text("two")];
    const half = patch(studio, message.id, { flags: V2, components });
    expect((await refusal(half)).raw).toContain("LEGACY_FIELDS_WITH_COMPONENTS_V2");
    const whole = await patch(studio, message.id, { flags: V2, components, content: null });
    expect(whole).toMatchObject({ content: "", flags: V2 });
    expect(
      await patch(studio, message.id, { components: [text("three")], flags: 0 }),
    ).toMatchObject({ flags: V2 });
    expect(await refusal(patch(studio, message.id, { content: "back" }))).toMatchObject({
      code: 50035,
    });
  });

  it("knows no message that is deleted, and lets no one change what is not theirs", async () => {
    const message = await post(studio, { content: "short" });
    await rest.delete(`${messagesOf(studio)}/${String(message.id)}`);
    expect(await refusal(patch(studio, message.id, { content: "x" }))).toMatchObject({
      code: 10008,
    });
    expect(await refusal(patch(studio, "123", { content: "x" }))).toMatchObject({ code: 10008 });
    const own = await proxy.twin.personsMessage(DISCORD_USERS.ana, studio, "mine", []);
    await proxy.messages.refresh(studio, own);
    expect(await refusal(patch(studio, own, { content: "x" }))).toMatchObject({ code: 50005 });
    expect(await refusal(rest.delete(`${messagesOf(studio)}/${own}`))).toMatchObject({
      code: 50013,
    });
  });

  it("registers commands: names keep their ids, and what is not named is gone", async () => {
    const path: RouteLike = `/applications/${DISCORD_APP.id}/guilds/${DISCORD_GUILD.id}/commands`;
    const put = async (...body: readonly JsonRecord[]) => recordsOf(await rest.put(path, { body }));
    const draw = { name: "draw", description: "Draw" };
    const [first] = await put(draw, { name: "Look", type: 3 });
    expect(recordsOf(await rest.get(path))).toHaveLength(2);
    const [again] = await put({ ...draw, description: "Draw more" });
    expect(again?.id).toBe(first?.id);
    expect(again?.version).not.toBe(first?.version);
    expect(recordsOf(await rest.get(path)).map(({ name }) => name)).toEqual(["draw"]);

    const option = (name: string, more = {}) => ({ type: 3, name, description: "x", ...more });
    const wrong: readonly JsonRecord[][] = [
      [{ ...draw, name: "Draw It" }],
      [draw, draw],
      [{ name: "draw" }],
      [{ ...draw, options: [option("a"), option("b", { required: true })] }],
      [{ ...draw, options: Array.from({ length: 26 }, (_, n) => option(`o${n}`)) }],
      [
        {
          ...draw,
          options: [
            option("a", {
              choices: Array.from({ length: 26 }, (_, n) => ({ name: `${n}`, value: `${n}` })),
            }),
          ],
        },
      ],
      [
        {
          ...draw,
          options: Array.from({ length: 4 }, (_, o) =>
            option(`o${o}`, {
              choices: Array.from({ length: 25 }, (_, n) => ({
                name: `${n}`.padEnd(60, "x"),
                value: `${n}`.padEnd(60, "x"),
              })),
            }),
          ),
        },
      ],
      Array.from({ length: 16 }, (_, n) => ({ name: `Entry ${n}`, type: 3 })),
    ];
    for (const commands of wrong) {
      expect(await refusal(put(...commands))).toMatchObject({ code: 50035 });
    }
    expect(recordsOf(await rest.get(path)).map(({ name }) => name)).toEqual(["draw"]);
    const elsewhere = rest.put("/applications/1/commands", { body: [] });
    expect(await refusal(elsewhere)).toMatchObject({ code: 10002 });
  });
});
