import sharp from "sharp";
import { beforeAll, expect, it } from "vitest";
import { recordOf } from "../servers/json-record.ts";
import { SLACK_CHANNELS, SLACK_USERS } from "../servers/slack-workspace.ts";
import { type AtelierProcess, atelierProcesses } from "./atelier-process.ts";
import { linksIn } from "./slack-screen.ts";
import { describeOnSlack, type SlackWorld, slackWorlds } from "./slack-world.ts";

const { ana, ben } = SLACK_USERS;
const { studio, dmOfAna, dmOfTwo } = SLACK_CHANNELS;
const processes = atelierProcesses();
const worlds = slackWorlds();

describeOnSlack.each(["socket", "http"] as const)("a slash command over %s", (transport) => {
  let slack: SlackWorld;
  let atelier: AtelierProcess;

  beforeAll(async () => {
    slack = await worlds.start({ transport });
    atelier = await processes.start({ environment: slack.environment });
  });

  const drawn = (text: string) =>
    slack.waitForMessage(studio, (m) => m.shown.includes(text) && m.pictureIds.length > 0);

  it("is acknowledged at once, then one message in the channel has all there is to see", async () => {
    const before = (await slack.messages(studio)).length;
    const typed = "/imagine a red fox --ar 16:9 --no text --count 4 --seed 7";
    const { answer, tookMs } = await slack.command(ana, studio, typed);
    expect(recordOf(answer).response_type).toBe("ephemeral");
    expect(JSON.stringify(answer)).toMatch(/Got it, starting now\.|in line\./u);
    expect(JSON.stringify(answer)).toContain('"Cancel"');
    expect(tookMs).toBeLessThan(3_000);

    const message = await drawn("a red fox");
    expect((await slack.messages(studio)).length).toBe(before + 1);
    expect(message.shown).toContain(`<@${ana}>`);
    expect(message.shown).toContain("16:9 · seeds 7, 8, 9, 10 · without text");
    expect(new Set(message.pictureIds).size).toBe(4);
    expect(message.buttons).toEqual([
      "Re-roll",
      "Vary",
      "Restyle",
      "Edit",
      "New link",
      "Info",
      "Delete",
    ]);
    const alts = message.blocks.flatMap(({ alt_text }) => (alt_text ? [alt_text] : []));
    expect(alts[1]).toBe("a red fox (Sketch (built in), seed 8, picture 2 of 4)");
    const [first = ""] = message.pictureIds;
    const shown = await sharp(await slack.fileBytes(first)).metadata();
    expect([shown.width, shown.height]).toEqual([1344, 756]);
  });

  it("gives a link that works to each picture, in full resolution", async () => {
    await slack.command(ana, studio, "/imagine a lighthouse --format webp");
    const message = await drawn("a lighthouse");
    const links = linksIn(message);
    expect(links).toHaveLength(1);
    const full = await fetch(links[0] ?? "");
    expect(full.headers.get("content-type")).toBe("image/webp");
    // Slack's image blocks take no WebP.
    const [file = ""] = message.pictureIds;
    const { format } = await sharp(await slack.fileBytes(file)).metadata();
    expect(format).toBe("png");
  });

  it("takes a plain sentence, and every character in it as it was typed", async () => {
    await slack.command(ana, studio, "/imagine salt & pepper <on> a table, 50% off");
    const message = await drawn("salt & pepper <on> a table, 50% off");
    expect(message.text).toContain("salt &amp; pepper &lt;on&gt;");
  });

  it("shows how it is written when it says nothing, or help", async () => {
    await slack.command(ana, studio, "/imagine help");
    await slack.waitForEphemeral(ana, studio, "How to write /imagine");
    await slack.command(ana, studio, "/show");
    await slack.waitForEphemeral(ana, studio, "How to write /show");
    await slack.command(ana, studio, "/help");
    const help = await slack.waitForEphemeral(ana, studio, "I draw pictures from words");
    for (const name of ["/imagine", "/restyle", "/show", "/cancel", "/history"]) {
      expect(help.shown).toContain(name);
    }
  });

  it("that cannot be read is answered at once, for its person only, with what to do", async () => {
    const { answer } = await slack.command(ana, studio, "/imagine a fox --style");
    expect(recordOf(answer)).toMatchObject({ response_type: "ephemeral" });
    expect(JSON.stringify(answer)).toContain("--style needs a value after it.");
    const misspelt = await slack.command(ana, studio, "/imagine a fox --ratoi 1:1");
    expect(JSON.stringify(misspelt.answer)).toContain("Did you mean --ratio?");
  });

  it("in private is seen by its person alone, until they share it", async () => {
    await slack.command(ana, studio, "/imagine a surprise party --private");
    const isResult = (m: { pictureIds: readonly string[]; shown: string }) =>
      m.shown.includes("a surprise party") && m.pictureIds.length > 0;
    const own = await slack.waitForEphemeral(ana, studio, isResult);
    expect(own.buttons).toContain("Share to channel");
    expect((await slack.messages(studio)).filter(isResult)).toEqual([]);
    expect((await slack.ephemeral(ben, studio)).filter(isResult)).toEqual([]);

    await slack.press(ana, own, "Share to channel");
    const shared = await slack.waitForMessage(studio, isResult);
    expect(shared.buttons).not.toContain("Share to channel");
    expect(shared.pictureIds).toEqual(own.pictureIds);
  });

  it("works in the direct messages with the bot as well", async () => {
    await slack.command(ana, dmOfAna, "/imagine a quiet harbour");
    const message = await slack.waitForMessage(dmOfAna, (m) => m.pictureIds.length > 0);
    expect(message.shown).toContain("a quiet harbour");
  });

  it("in the direct messages of two people shows nothing of one to the other", async () => {
    await slack.command(ana, dmOfTwo, "/imagine an open secret");
    const refusal = await slack.waitForEphemeral(ana, dmOfTwo, "I cannot post in your direct");
    expect(refusal.shown).toContain("Add --private to see the result here alone");
    expect(slack.proxy.calls.refusals()).toHaveLength(1);
    await slack.command(ana, dmOfTwo, "/imagine a kept secret --private");
    const own = await slack.waitForEphemeral(ana, dmOfTwo, (m) => m.pictureIds.length > 0);
    expect(own.shown).toContain("a kept secret");
    expect(await slack.messages(dmOfTwo)).toEqual([]);
    expect(await slack.ephemeral(ben, dmOfTwo)).toEqual([]);
    slack.proxy.calls.clear();
  });

  it("leaves nothing that Slack refused, and no secret in the log", async () => {
    expect(slack.proxy.calls.refusals()).toEqual([]);
    expect(slack.proxy.deliveries.late()).toEqual([]);
    const output = atelier.output();
    for (const secret of ["xoxb-", "xapp-", "lighthouse", "/response", "8f742231b10e"]) {
      expect(output).not.toContain(secret);
    }
  });
});
