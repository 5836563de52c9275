import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Attachment, GivenVideo, SaveVideo } from "#core";
import { discordDesks } from "../fixtures/discord-desk.ts";
import { slackDesks } from "../fixtures/slack-desk.ts";
import { DISCORD_CHANNELS } from "../servers/discord-workspace.ts";
import { textOf } from "../servers/json-record.ts";
import { localSlackIsInstalled } from "../servers/local-slack.ts";
import { SLACK_CHANNELS, SLACK_USERS } from "../servers/slack-workspace.ts";

const film = Buffer.concat([Buffer.from("\0\0\0\x20ftypisom", "latin1"), Buffer.alloc(200_000, 7)]);

interface Desk {
  /** Gives the bytes to the bot; returns what the adapter calls them. */
  give(name: string, bytes: Buffer): Promise<string>;
  /** The platform has the file no more. */
  gone: string;
  save(attachment: Attachment, options: SaveVideo): Promise<GivenVideo>;
}

const slack = slackDesks();
const discord = discordDesks();
const needed = localSlackIsInstalled() ? "" : " (not run: needs local-slack)";

const platforms: [string, boolean, () => Promise<Desk>][] = [
  [
    `Slack${needed}`,
    localSlackIsInstalled(),
    async () => {
      const desk = await slack.open();
      return {
        async give(name, bytes) {
          const { ana } = SLACK_USERS;
          const { files } = await desk.world.upload(ana, SLACK_CHANNELS.studio, [{ name, bytes }]);
          return String(files[0]?.id);
        },
        gone: "F0GONE0000",
        save: desk.attachments.saveVideo,
      };
    },
  ],
  [
    "Discord",
    true,
    async () => {
      const desk = await discord.open();
      const { cdn } = desk.world.proxy;
      const store = (name: string, bytes: Buffer) =>
        cdn.store({ channel: DISCORD_CHANNELS.studio, name, bytes, isEphemeral: true });
      const lost = await store("lost.mp4", film);
      const gone = textOf(cdn.attachment(lost.id).url);
      cdn.forget(lost.id);
      return {
        async give(name, bytes) {
          const { id } = await store(name, bytes);
          return textOf(cdn.attachment(id).url);
        },
        gone,
        save: desk.attachments.saveVideo,
      };
    },
  ],
];

for (const [platform, isRun, open] of platforms) {
  describe.skipIf(!isRun)(`a video that a person sent in ${platform}`, () => {
    let desk: Desk;
    let folder = "";
    beforeAll(async () => {
      desk = await open();
    });
    beforeEach(async () => {
      folder = await mkdtemp(join(tmpdir(), "chat-video-"));
    });
    afterEach(() => rm(folder, { recursive: true, force: true }));

    const to = (maxBytes = 1_000_000): SaveVideo => ({
      path: join(folder, "video"),
      maxBytes,
      signal: AbortSignal.timeout(20_000),
    });

    it("is written to a file, byte by byte, with the name that its person gave it", async () => {
      const attachment = await desk.give("harbour.mp4", film);
      expect((await desk.save({ attachment }, to())).title).toBe("harbour.mp4");
      expect((await readFile(join(folder, "video"))).equals(film)).toBe(true);
    });

    it("is refused above what may be given, and leaves nothing behind", async () => {
      const attachment = await desk.give("large.mp4", film);
      await expect(desk.save({ attachment }, to(100_000))).rejects.toMatchObject({
        kind: "invalid_input",
        message: expect.stringMatching(
          /over 0 MB, the most I take\. Send a shorter or smaller one/u,
        ),
      });
      expect(await readdir(folder)).toEqual([]);
    });

    it("is said to be gone when it is, and never looked for elsewhere", async () => {
      await expect(desk.save({ attachment: desk.gone }, to())).rejects.toMatchObject({
        kind: expect.stringMatching(/^not_(found|allowed)$/u),
      });
      for (const attachment of ["https://evil.example/film.mp4", "http://127.0.0.1:1/film.mp4"]) {
        await expect(desk.save({ attachment }, to())).rejects.toMatchObject({
          kind: "invalid_input",
        });
      }
      expect(await readdir(folder)).toEqual([]);
    });
  });
}
