import sharp from "sharp";
import { afterEach, beforeAll, expect, it } from "vitest";
import { flatPicture } from "../fixtures/flat-picture.ts";
import type { JsonRecord } from "../servers/json-record.ts";
import { SLACK_CHANNELS, SLACK_USERS } from "../servers/slack-workspace.ts";
import { START_TIMEOUT_MS } from "./atelier-process.ts";
import { fieldsOf, thumbnailIn, valueIn } from "./slack-forms.ts";
import { drawn, lastCall, type SlackStudio, slackStudios, sourceColor } from "./slack-studio.ts";
import { describeOnSlack } from "./slack-world.ts";

const { ana, ben } = SLACK_USERS;
const { studio, drafts, lobby } = SLACK_CHANNELS;
const studios = slackStudios();
let slack: SlackStudio["slack"];
let model: SlackStudio["model"];

beforeAll(async () => {
  ({ slack, model } = await studios.open({ transport: "socket" }));
}, START_TIMEOUT_MS);

afterEach(async () => {
  if (slack.modal() !== null) {
    slack.closeModal(ana);
    await slack.waitForNoModal();
  }
  expect(slack.proxy.calls.refusals()).toEqual([]);
});

const red = { name: "red.png", bytes: await flatPicture([208, 0, 0]) };
const blue = { name: "blue.png", bytes: await flatPicture([0, 0, 208]) };

describeOnSlack("the shortcut “Restyle this picture”", () => {
  it("changes the picture of somebody's message, in that channel", async () => {
    const said = await slack.say(ben, drafts, "from the harbour", { files: [blue] });
    await slack.shortcut(ana, "restyle", said);
    const view = await slack.waitForModal();
    expect(JSON.stringify(view.blocks)).toContain("The picture to change: blue.png");
    expect(thumbnailIn(view)).toBe(said.files[0]?.id);
    // Where the picture is chosen, nothing asks for one.
    expect(Object.keys(fieldsOf(view))).not.toContain("Image");
    expect(Object.keys(fieldsOf(view))).not.toContain("From");
    expect(await slack.submitModal(ana)).toHaveProperty("prompt");
    await slack.submitModal(ana, { fields: { Prompt: "as a stamp" } });
    const message = await slack.waitForMessage(drafts, drawn("as a stamp"));
    expect(message.text).toMatch(new RegExp(`^<@${ana}>: `, "u"));
    expect(await sourceColor(lastCall(model, "as a stamp"))).toEqual([0, 0, 208]);
  });

  it("answers in the thread that the message stands in", async () => {
    const root = await slack.say(ben, drafts, "Sketches, please");
    const options = { thread: root, files: [blue] };
    const said = await slack.say(ben, drafts, "here is one", options);
    await slack.shortcut(ana, "restyle", said);
    await slack.waitForModal();
    await slack.submitModal(ana, { fields: { Style: "Neon" } });
    const message = await slack.waitForMessage(drafts, drawn("Neon"));
    expect(message.threadTs).toBe(root.ts);
  });

  it("asks which one on a message with four pictures", async () => {
    // The colour comes from the seed: three red ones, and the fourth is black.
    await slack.command(ana, studio, "/imagine four foxes --count 4 --seed 253");
    const four = await slack.waitForMessage(studio, drawn("four foxes"));
    await slack.command(ana, studio, `/imagine a newer one --seed ${208 << 8}`);
    await slack.waitForMessage(studio, drawn("a newer one"));
    await slack.shortcut(ben, "restyle", four);
    const view = await slack.waitForModal();
    expect(fieldsOf(view)).toMatchObject({ "Which picture": "static_select" });
    expect(valueIn(view, "which-picture")).toBe(four.pictureIds[0]);
    const named = (JSON.stringify(view.blocks).match(/"4: four foxes [^"]*"/u) ?? [""])[0];
    const fields = { "Which picture": JSON.parse(named), Prompt: "the fourth, as ink" };
    await slack.submitModal(ben, { fields });
    await slack.waitForMessage(studio, drawn("the fourth, as ink"));
    expect(await sourceColor(lastCall(model, "the fourth, as ink"))).toEqual([0, 0, 0]);
  });

  it("says so on a message without a picture", async () => {
    const said = await slack.say(ben, drafts, "no picture in here");
    await slack.shortcut(ana, "restyle", said);
    await slack.waitForEphemeral(ana, drafts, /There is no picture in that message\./u);
    expect(slack.modal()).toBeNull();
  });

  it("says what to do with a picture that is not a file in Slack", async () => {
    const blocks = [{ type: "image", image_url: "https://example.com/x.png", alt_text: "a fox" }];
    const posted = { channel: drafts, text: "from another app", blocks };
    const { ts } = await slack.proxy.local.api("chat.postMessage", posted);
    await slack.shortcut(ana, "restyle", await slack.waitForMessage(drafts, (m) => m.ts === ts));
    await slack.waitForEphemeral(
      ana,
      drafts,
      "That picture is not a file in Slack. Save it and upload it here, then try again.",
    );
    expect(slack.modal()).toBeNull();
  });

  it("opens once when Slack delivers it twice", async () => {
    const said = await slack.say(ben, drafts, "again", { files: [blue] });
    const before = slack.proxy.calls.of("views.open").length;
    await slack.shortcut(ana, "restyle", said);
    const shortcut = slack.proxy.deliveries.all.findLast(
      ({ payload }) => payload.type === "message_action",
    );
    if (shortcut !== undefined) await slack.proxy.deliveries.again(shortcut);
    expect(slack.proxy.calls.of("views.open")).toHaveLength(before + 1);
  });
});

describeOnSlack("a form whose picture cannot be shown in it opens without a thumbnail", () => {
  const names = (view: JsonRecord) => JSON.stringify(view.blocks);
  const openings = () => slack.proxy.calls.of("views.open").length;

  /** The refusals since the last test are these; what comes after them is looked at again. */
  function expectRefused(...refused: string[]): void {
    expect(slack.proxy.calls.refusals()).toEqual(
      refused.map((each) => expect.stringContaining(each)),
    );
    slack.proxy.calls.clear();
  }

  it("for a WebP, and it is restyled all the same", async () => {
    const webp = { name: "green.webp", bytes: await sharp(red.bytes).webp().toBuffer() };
    const said = await slack.say(ben, drafts, "a newer format", { files: [webp] });
    const before = openings();
    await slack.shortcut(ana, "restyle", said);
    const view = await slack.waitForModal();
    expect(names(view)).toContain("The picture to change: green.webp");
    expect(thumbnailIn(view)).toBeUndefined();
    expect(openings()).toBe(before + 1);
    await slack.submitModal(ana, { fields: { Prompt: "as a fresco" } });
    await slack.waitForMessage(drafts, drawn("as a fresco"));
  });

  it("in a channel that the bot is not in", async () => {
    const said = await slack.say(ben, lobby, "seen by people", { files: [blue] });
    await slack.shortcut(ana, "restyle", said);
    const view = await slack.waitForModal();
    expect(names(view)).toContain("The picture to change: blue.png");
    expect(thumbnailIn(view)).toBeUndefined();
    expectRefused('files.info: {"error":"file_not_found"');
  });

  it("for a picture of the bot's that was deleted in Slack", async () => {
    await slack.command(ana, drafts, "/imagine a lost kite");
    const kite = await slack.waitForMessage(drafts, drawn("a lost kite"));
    await slack.proxy.local.api("files.delete", { file: kite.pictureIds[0] });
    await slack.press(ben, kite, "Restyle");
    const view = await slack.waitForModal();
    expect(names(view)).toContain("The picture to change: a lost kite");
    expect(thumbnailIn(view)).toBeUndefined();
    expectRefused('files.info: {"error":"file_deleted"');
  });

  it("when Slack is slow to say whether it can be shown", async () => {
    const said = await slack.say(ben, drafts, "no hurry", { files: [blue] });
    slack.proxy.faults.slow("files.info", 3_000);
    const startedMs = Date.now();
    await slack.shortcut(ana, "restyle", said);
    expect(thumbnailIn(await slack.waitForModal())).toBeUndefined();
    expect(Date.now() - startedMs).toBeLessThan(2_500);
  });

  it("when Slack refuses the form with it", async () => {
    const said = await slack.say(ben, drafts, "refused once", { files: [blue] });
    const before = openings();
    slack.proxy.faults.answerWith("views.open", "invalid_arguments");
    await slack.shortcut(ana, "restyle", said);
    const view = await slack.waitForModal();
    expect(names(view)).toContain("The picture to change: blue.png");
    expect(thumbnailIn(view)).toBeUndefined();
    expect(openings()).toBe(before + 2);
  });
});
