import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { isAttachmentUrl } from "../../adapters/discord/api/attachment-url.ts";
import { type DiscordDesk, discordDesks } from "../fixtures/discord-desk.ts";
import { DISCORD_CHANNELS } from "../servers/discord-workspace.ts";
import { textOf } from "../servers/json-record.ts";
import { smallPicture } from "./discord-rest-client.ts";

const desks = discordDesks();

describe("a picture that a person gave in Discord", () => {
  let desk: DiscordDesk;
  let picture: Buffer;
  beforeAll(async () => {
    desk = await desks.open();
    picture = await smallPicture();
  });
  beforeEach(() => {
    desk.world.proxy.faults.clear();
    desk.world.proxy.calls.clear();
  });

  const calls = () => desk.world.proxy.calls;
  const open = (attachment: string) => desk.attachments.open({ attachment });

  async function given(bytes = picture) {
    const channel = DISCORD_CHANNELS.studio;
    const { id } = await desk.world.proxy.cdn.store({
      channel,
      name: "fox.png",
      bytes,
      isEphemeral: true,
    });
    return { id, url: textOf(desk.world.proxy.cdn.attachment(id).url) };
  }

  it("comes into the input store, once however often it is given", async () => {
    const { url } = await given();
    const first = await open(url);
    expect(first).toMatchObject({ widthPx: 64, heightPx: 32, mediaType: "image/png" });
    expect(await desk.services.stores.inputs.has(first.key)).toBe(true);
    expect((await open((await given()).url)).key).toBe(first.key);
    expect(calls().methods()).toEqual(["download", "download"]);
  });

  it("comes by a new link when the one it came with has run out", async () => {
    const { url } = await given();
    desk.world.proxy.cdn.expireLinks();
    expect(await open(url)).toMatchObject({ widthPx: 64 });
    expect(calls().methods()).toEqual(["download", "refresh_urls", "download"]);
  });

  it("is copied when it comes, so that its job may wait longer than Discord keeps it", async () => {
    const { id, url } = await given();
    await desk.attachments.copy([{ attachment: url }]);
    desk.world.proxy.cdn.forget(id);
    expect(await open(url)).toMatchObject({ widthPx: 64 });
    // Signed anew, it is the same file.
    expect(await open(url.replace(/ex=[^&]*/u, "ex=0"))).toMatchObject({ widthPx: 64 });
    expect(calls().methods()).toEqual(["download"]);
  });

  it("that cannot be copied is left to whoever opens it", async () => {
    const { id, url } = await given();
    desk.world.proxy.cdn.forget(id);
    await desk.attachments.copy([{ attachment: url }]);
    await expect(open(url)).rejects.toMatchObject({ kind: "not_found" });
  });

  it("is said to be gone when it is", async () => {
    const { id, url } = await given();
    desk.world.proxy.cdn.forget(id);
    await expect(open(url)).rejects.toMatchObject({
      kind: "not_found",
      message: "That file is not on Discord any more. Attach it again.",
    });
  });

  it("is refused when it is no picture, or above 25 MB", async () => {
    const text = await given(Buffer.from("no picture at all"));
    await expect(open(text.url)).rejects.toMatchObject({ kind: "invalid_input" });
    const large = await given(Buffer.alloc(25_000_001));
    await expect(open(large.url)).rejects.toMatchObject({
      kind: "invalid_input",
      message: expect.stringContaining("25 MB"),
    });
  });

  it.each([
    ["an error", 503],
    ["a redirect", 302],
  ])("is to be sent again later when Discord answers with %s", async (_, status) => {
    const { url } = await given();
    desk.world.proxy.faults.failWith("download", status);
    await expect(open(url)).rejects.toMatchObject({ kind: "unavailable" });
  });

  describe("that is kept elsewhere", () => {
    const asked: string[] = [];
    const stranger = createServer((request, response) => {
      asked.push(request.url ?? "");
      response.end();
    });
    beforeAll(async () => {
      await new Promise<void>((resolve) => stranger.listen(0, "127.0.0.1", resolve));
    });
    afterAll(() => {
      stranger.close();
      stranger.closeAllConnections();
    });

    it("is never asked for there", async () => {
      const { port } = stranger.address() as AddressInfo;
      for (const url of [`http://127.0.0.1:${port}/fox.png`, "fox.png", "file:///etc/hosts"]) {
        await expect(open(url)).rejects.toMatchObject({ kind: "invalid_input" });
      }
      expect(asked).toEqual([]);
    });
  });

  it.each([
    ["https://cdn.discordapp.com/attachments/1/2/fox.png?ex=1", true],
    ["https://media.discordapp.net/attachments/1/2/fox.png", true],
    ["http://cdn.discordapp.com/attachments/1/2/fox.png", false],
    ["https://cdn.discordapp.com:8443/fox.png", false],
    ["https://ana@cdn.discordapp.com/fox.png", false],
    ["https://cdn.discordapp.com.example.org/fox.png", false],
    ["https://169.254.169.254/latest/meta-data", false],
    ["https://discord.com/fox.png", true],
  ])("is at an address of Discord's or is not: %s", (url, expected) => {
    expect(isAttachmentUrl(url, "https://discord.com")).toBe(expected);
  });
});
