import { beforeAll, expect, it } from "vitest";
import { flatPicture } from "../fixtures/flat-picture.ts";
import { type JsonRecord, parseJson, recordOf, recordsOf, textOf } from "../servers/json-record.ts";
import { SLACK_CHANNELS, SLACK_USERS } from "../servers/slack-workspace.ts";
import { START_TIMEOUT_MS } from "./atelier-process.ts";
import type { SlackMessage } from "./slack-screen.ts";
import { drawn, lastCall, type SlackStudio, slackStudios } from "./slack-studio.ts";
import { describeOnSlack } from "./slack-world.ts";

const { ana } = SLACK_USERS;
const { studio, dmOfAna } = SLACK_CHANNELS;
const studios = slackStudios();
let slack: SlackStudio["slack"];
let model: SlackStudio["model"];
let atelier: SlackStudio["atelier"];

beforeAll(async () => {
  ({ slack, model, atelier } = await studios.open({ transport: "http" }));
}, START_TIMEOUT_MS);

/** All that Slack would take for a mention, a link or formatting where it parses a text. */
const HOSTILE =
  "<!channel> <@U01BEN> <#C01DRAFTS> @here *bold* _slanted_ ~gone~ `code` &lt; &amp; <https://evil.example|bank> :tada:";

/** As Slack hands over what a person typed. */
const escaped = HOSTILE.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

const of = (word: string) => (message: SlackMessage) =>
  message.pictureIds.length > 0 && message.shown.includes(`${HOSTILE} ${word}`);

/** Every object below the value. */
function objectsIn(value: unknown): JsonRecord[] {
  if (Array.isArray(value)) return value.flatMap(objectsIn);
  if (typeof value !== "object" || value === null) return [];
  return [recordOf(value), ...Object.values(value).flatMap(objectsIn)];
}

/** Everything that the bot sent: calls, answers to a response_url, acknowledgements. */
function everythingSent(): JsonRecord[] {
  const { calls, deliveries } = slack.proxy;
  const answers = deliveries.all.map(({ answer }) =>
    recordOf(typeof answer === "string" ? parseJson(answer) : answer),
  );
  return [...calls.all.map(({ args }) => args), ...answers];
}

/** What Slack would parse in it. */
function parsedIn(sent: JsonRecord): string[] {
  const blocks = objectsIn([sent.blocks, sent.view]).flatMap((object) => {
    switch (object.type) {
      case "text":
        return [];
      case "plain_text":
        return object.emoji === false ? [] : ["emoji"];
      case "user":
        return object.user_id === ana ? [] : ["mention"];
      case "link":
        return textOf(object.url).startsWith(`${atelier.url}/files/`) ? [] : ["link"];
      case "mrkdwn":
      case "broadcast":
      case "usergroup":
      case "channel":
      case "emoji":
        return [textOf(object.type)];
      default:
        return [];
    }
  });
  // The notification is always parsed: in it nothing may stand that means something.
  const notification = textOf(sent.text).replace(/^<@U01ANA>: /u, "");
  const isInert = !/[<>*`~]|@(?:here|channel|everyone)|&(?!(?:amp|lt|gt);)|:\w+:/u.test(
    notification,
  );
  return isInert ? blocks : [...blocks, notification];
}

describeOnSlack("what a person wrote", () => {
  it("appears literally, whichever way it came", async () => {
    await slack.command(ana, studio, `/imagine ${escaped} typed --no <!everyone>`);
    await slack.waitForMessage(studio, of("typed"));
    expect(lastCall(model, `${HOSTILE} typed`).body.negative_prompt).toBe("<!everyone>");

    await slack.mention(ana, studio, `imagine ${escaped} mentioned`);
    await slack.waitForMessage(studio, of("mentioned"));
    expect(lastCall(model, `${HOSTILE} mentioned`)).toBeDefined();

    await slack.command(ana, studio, "/imagine");
    await slack.waitForModal();
    await slack.submitModal(ana, { fields: { Prompt: `${HOSTILE} filled in` } });
    const filledIn = await slack.waitForMessage(studio, of("filled in"));

    const name = "<!channel> *loud*.png";
    const bytes = await flatPicture([208, 0, 0]);
    await slack.directMessage(ana, `${escaped} direct`, [{ name, bytes }]);
    const direct = await slack.waitForMessage(dmOfAna, of("direct"));
    for (const message of [filledIn, direct]) {
      const [first] = message.blocks;
      const texts = objectsIn(first).filter(({ type }) => type === "text");
      expect(texts.map(({ text }) => text)).toEqual([expect.stringContaining(`: ${HOSTILE} `)]);
    }
  });

  it("appears literally in forms, too", async () => {
    const picture = { name: "<!channel> *loud*.png", bytes: await flatPicture([0, 208, 0]) };
    const said = await slack.say(ana, studio, "look", { files: [picture] });
    await slack.shortcut(ana, "restyle", said);
    const named = textOf(recordOf(recordsOf(said.files)[0]).title);
    expect(JSON.stringify(await slack.waitForModal())).toContain(
      JSON.stringify(named).slice(1, -1),
    );
    slack.closeModal(ana);
    await slack.waitForNoModal();

    await slack.command(ana, studio, `/imagine ${escaped} edited`);
    await slack.press(ana, await slack.waitForMessage(studio, of("edited")), "Edit");
    const [prompt] = recordsOf((await slack.waitForModal()).blocks);
    expect(recordOf(prompt?.element).initial_value).toBe(`${HOSTILE} edited`);
    slack.closeModal(ana);
    await slack.waitForNoModal();
  });

  it("appears literally in errors, in the history and in App Home", async () => {
    const wrong = [
      ["/imagine a fox --<!channel> x", "/imagine has no option --<!channel>."],
      ["/imagine a fox --style <!here>", "There is no style “<!here>”."],
      ["/show <@U01BEN>", "There is no job <@u01ben>."],
      ["/help *bold*", "There is no command /*bold*."],
    ] as const;
    for (const [typed, sentence] of wrong) {
      await slack.command(ana, studio, typed);
      await slack.waitForEphemeral(ana, studio, sentence);
    }
    await slack.command(ana, studio, `/imagine ${escaped} kept`);
    const kept = await slack.waitForMessage(studio, drawn("kept"));
    await slack.press(ana, kept, "Info");
    await slack.waitForEphemeral(ana, studio, `/imagine ${HOSTILE} kept --ar 1:1`);
    await slack.command(ana, studio, "/history");
    await slack.waitForEphemeral(ana, studio, `${HOSTILE} kept`);
    await slack.openHome(ana);
    await slack.waitForHome(ana, `${HOSTILE} kept`);
  });
});

it("Slack finds nothing to parse in anything that was sent, so it notifies nobody", () => {
  const sent = everythingSent();
  const literal = objectsIn(sent).filter(
    ({ type, text }) => type === "text" && textOf(text).includes(HOSTILE),
  );
  expect(literal.length).toBeGreaterThan(15);
  expect(sent.flatMap(parsedIn)).toEqual([]);
  expect(slack.proxy.calls.refusals()).toEqual([]);
});
