import { afterEach, beforeAll, expect, it } from "vitest";
import { flatPicture } from "../fixtures/flat-picture.ts";
import { SLACK_CHANNELS, SLACK_USERS } from "../servers/slack-workspace.ts";
import { START_TIMEOUT_MS } from "./atelier-process.ts";
import { fieldsOf, filledFields, thumbnailIn, valueIn } from "./slack-forms.ts";
import { drawn, lastCall, type SlackStudio, slackStudios, sourceColor } from "./slack-studio.ts";
import { describeOnSlack } from "./slack-world.ts";

const { ana, ben } = SLACK_USERS;
const { studio, drafts } = SLACK_CHANNELS;
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

describeOnSlack("the form of a command without a text", () => {
  it("has every option of /imagine, and draws what was filled in", async () => {
    await slack.command(ana, drafts, "/imagine");
    expect(fieldsOf(await slack.waitForModal())).toEqual({
      Prompt: "plain_text_input",
      Ratio: "static_select",
      Seed: "number_input",
      Negative: "plain_text_input",
      Style: "static_select",
      Count: "number_input",
      Model: "static_select",
      Format: "static_select",
      Private: "checkboxes",
    });
    const errors = await slack.submitModal(ana, {
      fields: { Prompt: "a boat", Ratio: "16:9", Seed: 12, Style: "Ink drawing", Count: 2 },
    });
    expect(errors).toEqual({});
    await slack.waitForNoModal();
    const message = await slack.waitForMessage(drafts, drawn("a boat"));
    expect(message.pictureIds).toHaveLength(2);
    expect(message.shown).toMatch(/16:9 · seeds 12, 13 · style Ink drawing/u);
  });

  it("takes an uploaded picture to /restyle, and answers where it was opened", async () => {
    await slack.command(ana, drafts, "/restyle");
    expect(fieldsOf(await slack.waitForModal())).toMatchObject({
      Prompt: "plain_text_input",
      Image: "file_input",
      From: "plain_text_input",
      Strength: "static_select",
      Count: "number_input",
    });
    const fields = { Prompt: "as a woodcut", Strength: "strong" };
    await slack.submitModal(ana, { fields, files: { Image: [red] } });
    const message = await slack.waitForMessage(drafts, drawn("as a woodcut"));
    expect(message.shown).toContain("strength 0.85");
    const [picture = ""] = message.pictureIds;
    expect((await slack.fileBytes(picture)).subarray(0, 3).toString("hex")).toBe("ffd8ff");
    expect(await sourceColor(lastCall(model, "as a woodcut"))).toEqual([208, 0, 0]);
    expect((await slack.messages(studio)).filter(drawn("as a woodcut"))).toEqual([]);
  });

  it("stays open with the error at the field, and can be sent again", async () => {
    await slack.command(ana, studio, "/restyle");
    const view = await slack.waitForModal();
    expect(await slack.submitModal(ana)).toEqual({
      prompt: expect.stringMatching(/^Say what the picture should become, or choose a Style\./u),
    });
    expect(await slack.submitModal(ana, { fields: { Prompt: "as ink", Count: 9 } })).toEqual({
      count: "Count takes a whole number from 1 to 4.",
    });
    const seed = await slack.submitModal(ana, { fields: { Prompt: "as ink", Seed: "many" } });
    expect(Object.keys(seed)).toEqual(["seed"]);
    expect(slack.modal()?.id).toBe(view.id);
    expect(await slack.messages(studio)).toEqual([]);

    const fields = { Prompt: "as an engraving", Count: 1 };
    expect(await slack.submitModal(ana, { fields, files: { Image: [red] } })).toEqual({});
    await slack.waitForMessage(studio, drawn("as an engraving"));
  });

  it("refuses a strength and a style that its lists do not have", async () => {
    await slack.command(ana, studio, "/restyle");
    const view = await slack.waitForModal();
    for (const field of ["strength", "style"]) {
      const chosen = { type: "static_select", selected_option: { value: "seven" } };
      const values = { ...filledFields(view, { Prompt: "ink" }), [field]: { [field]: chosen } };
      slack.proxy.local.screen.send({ t: "view_submit", user: ana, values });
      await slack.waitFor(`error at ${field}`, () => slack.modalErrors()[field]);
      expect(Object.keys(slack.modalErrors())).toEqual([field]);
    }
  });

  it("opens once for a command that Slack delivers twice, and is sent once", async () => {
    const opened = () => slack.proxy.calls.of("views.open").length;
    const before = opened();
    const command = await slack.command(ana, drafts, "/imagine");
    await slack.proxy.deliveries.again(command);
    await slack.waitForModal();
    expect(opened()).toBe(before + 1);

    await slack.submitModal(ana, { fields: { Prompt: "a twice sent heron" } });
    const sent = slack.proxy.deliveries.all.findLast(
      ({ payload }) => payload.type === "view_submission",
    );
    if (sent !== undefined) await slack.proxy.deliveries.again(sent);
    await slack.waitForMessage(drafts, drawn("a twice sent heron"));
    await slack.command(ana, drafts, "/imagine a swan that comes after it");
    await slack.waitForMessage(drafts, drawn("a swan that comes after it"));
    expect((await slack.messages(drafts)).filter(drawn("a twice sent heron"))).toHaveLength(1);
  });

  it("keeps what is private to the person who sent it", async () => {
    await slack.command(ana, drafts, "/imagine");
    const only = "Only you see the result, and nobody else is ever served it";
    await slack.submitModal(ana, { fields: { Prompt: "a secret garden", Private: [only] } });
    const message = await slack.waitForEphemeral(ana, drafts, drawn("a secret garden"));
    expect(message.buttons).toContain("Share to channel");
    const said = await slack.messages(drafts);
    expect(said.filter(({ shown }) => shown.includes("a secret garden"))).toEqual([]);
  });
});

describeOnSlack("buttons that open a form", () => {
  it("of a private picture open one whose result stays private", async () => {
    await slack.command(ana, drafts, "/imagine a quiet room --private");
    const room = await slack.waitForEphemeral(ana, drafts, drawn("a quiet room"));
    await slack.press(ana, room, "Restyle");
    await slack.waitForModal();
    await slack.submitModal(ana, { fields: { Prompt: "the room at dusk" } });
    const dusk = await slack.waitForEphemeral(ana, drafts, drawn("the room at dusk"));
    expect(dusk.buttons).toContain("Share to channel");
    const said = await slack.messages(drafts);
    expect(said.filter(({ shown }) => shown.includes("the room at dusk"))).toEqual([]);
  });

  it("Restyle has the picture filled in, Edit the whole recipe", async () => {
    await slack.command(ana, drafts, "/imagine a lamp --ar 3:2 --style ink --no smoke --seed 200");
    const lamp = await slack.waitForMessage(drafts, drawn("a lamp"));
    await slack.press(ben, lamp, "Restyle");
    const restyle = await slack.waitForModal();
    expect(thumbnailIn(restyle)).toEqual(lamp.pictureIds[0]);
    expect(Object.keys(fieldsOf(restyle))).not.toContain("Image");
    expect(Object.keys(fieldsOf(restyle))).not.toContain("From");
    // What is wrong with the picture has no field to stand at.
    expect(Object.keys(await slack.submitModal(ben))).toEqual(["prompt"]);
    await slack.submitModal(ben, { fields: { Prompt: "by candlelight" } });
    await slack.waitForMessage(drafts, drawn("by candlelight"));
    expect(await sourceColor(lastCall(model, "by candlelight"))).toEqual([208, 0, 0]);

    await slack.press(ben, lamp, "Edit");
    const edit = await slack.waitForModal();
    const named = ["prompt", "ratio", "style", "negative", "seed"];
    const values = named.map((name) => valueIn(edit, name));
    expect(values).toEqual(["a lamp", "3:2", "ink", "smoke", "200"]);
    await slack.submitModal(ben, { fields: { Prompt: "a lamp on a table", Ratio: "16:9" } });
    const edited = await slack.waitForMessage(drafts, drawn("a lamp on a table"));
    expect(edited.shown).toContain("16:9 · seed 200");
  });

  it("Edit of four pictures asks for four again", async () => {
    await slack.command(ana, drafts, "/imagine four moons --count 4");
    const moons = await slack.waitForMessage(drafts, drawn("four moons"));
    await slack.press(ben, moons, "Edit");
    expect(valueIn(await slack.waitForModal(), "count")).toBe("4");
    await slack.submitModal(ben, { fields: { Prompt: "four suns" } });
    const suns = await slack.waitForMessage(drafts, drawn("four suns"));
    expect(suns.pictureIds).toHaveLength(4);
  });
});
