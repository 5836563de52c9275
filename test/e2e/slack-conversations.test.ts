import { afterEach, beforeAll, expect, it } from "vitest";
import { flatPicture } from "../fixtures/flat-picture.ts";
import { SLACK_APP, SLACK_CHANNELS, SLACK_USERS } from "../servers/slack-workspace.ts";
import { START_TIMEOUT_MS } from "./atelier-process.ts";
import {
  drawn,
  jobOf,
  lastCall,
  type SlackStudio,
  slackStudios,
  sourceColor,
} from "./slack-studio.ts";
import { describeOnSlack } from "./slack-world.ts";

const { ana, ben, cleo } = SLACK_USERS;
const { studio, drafts, dmOfAna, dmOfBen, dmOfCleo } = SLACK_CHANNELS;
/** The colour of a picture comes from its seed. */
const RED_SEED = 208;
const GREEN_SEED = 208 << 8;
const studios = slackStudios();
let slack: SlackStudio["slack"];
let model: SlackStudio["model"];

beforeAll(async () => {
  ({ slack, model } = await studios.open({ transport: "socket" }));
}, START_TIMEOUT_MS);

afterEach(() => {
  model.setLatencyMs(0);
  expect(slack.proxy.calls.refusals()).toEqual([]);
});

const blue = { name: "blue.png", bytes: await flatPicture([0, 0, 208]) };
const WORDLESS = "Say what the picture should become, in the message that brings it.";
const HELP =
  "I draw pictures from words, change pictures you give me, and find moments in your videos.";

/** What a person alone sees after they did something, with where it stands. */
async function toldAfter(user: string, step: () => Promise<unknown>) {
  const before = (await slack.ephemeral(user, studio)).length;
  await step();
  return slack.waitFor(`answer to ${user} alone`, async () =>
    (await slack.ephemeral(user, studio)).at(before),
  );
}

describeOnSlack("a mention", () => {
  it("in a thread is answered in that thread alone", async () => {
    const root = await slack.say(ben, studio, "What shall we hang up?");
    await slack.mention(ana, studio, "imagine a harbour in fog", { thread: root });
    const answer = await slack.waitForMessage(studio, drawn("a harbour in fog"));
    expect(answer).toMatchObject({ threadTs: root.ts, text: `<@${ana}>: a harbour in fog` });
    const posts = slack.proxy.calls
      .of("chat.postMessage")
      .filter(({ args }) => args.text === answer.text);
    expect(posts.map(({ args }) => args.thread_ts)).toEqual([root.ts]);
    await slack.press(ben, answer, "Re-roll");
    const again = await slack.waitForMessage(
      studio,
      (m) => drawn("a harbour in fog")(m) && m.ts !== answer.ts,
    );
    expect(again.threadTs).toBe(root.ts);
  });

  it("in a channel is answered there, flags and all", async () => {
    await slack.mention(ana, studio, "Imagine: a gull —ar 16:9 --count 2 --no “rain, people”");
    const answer = await slack.waitForMessage(studio, drawn("a gull"));
    expect(answer.threadTs).toBeNull();
    expect(answer.pictureIds).toHaveLength(2);
    expect(lastCall(model, "a gull").body).toMatchObject({
      prompt: "a gull",
      aspect_ratio: "16:9",
      negative_prompt: "rain, people",
    });
  });

  it("reaches the model as it was typed, links and special characters too", async () => {
    const markup =
      "imagine a poster of <https://example.com/a?b=1&amp;c=2> &amp; <http://example.org|example.org> &lt;3 for <@U01BEN> in <#C01DRAFTS|drafts>";
    await slack.mention(ana, studio, markup);
    await slack.waitForMessage(studio, drawn("a poster of"));
    expect(lastCall(model, "a poster of").body.prompt).toBe(
      "a poster of https://example.com/a?b=1&c=2 & example.org <3 for @U01BEN in #drafts",
    );
  });

  it("below one of the bot's pictures restyles that picture, then the thread's newest", async () => {
    await slack.command(ana, drafts, `/imagine a red door --seed ${RED_SEED}`);
    const door = await slack.waitForMessage(drafts, drawn("a red door"));
    await slack.command(ana, drafts, `/imagine a green gate --seed ${GREEN_SEED}`);
    await slack.waitForMessage(drafts, drawn("a green gate"));
    const inThread = { thread: door };
    await slack.mention(ben, drafts, `restyle as a mosaic --seed ${GREEN_SEED}`, inThread);
    const mosaic = await slack.waitForMessage(drafts, drawn("as a mosaic"));
    expect(mosaic.threadTs).toBe(door.ts);
    expect(await sourceColor(lastCall(model, "as a mosaic"))).toEqual([208, 0, 0]);
    await slack.mention(ben, drafts, "restyle as a carpet", inThread);
    await slack.waitForMessage(drafts, drawn("as a carpet"));
    expect(await sourceColor(lastCall(model, "as a carpet"))).toEqual([0, 208, 0]);
  });

  it("with a picture attached restyles that one", async () => {
    await slack.mention(ben, drafts, "restyle --style ink", { files: [blue] });
    await slack.waitForMessage(drafts, drawn("Ink drawing"));
    expect(await sourceColor(lastCall(model, "Ink drawing"))).toEqual([0, 0, 208]);
  });

  it("with a picture and a sentence restyles it, as in a direct message", async () => {
    await slack.mention(ben, drafts, "as a stained-glass window", { files: [blue] });
    const answer = await slack.waitForMessage(drafts, drawn("as a stained-glass window"));
    expect(answer.text).toBe(`<@${ben}>: as a stained-glass window`);
    expect(await sourceColor(lastCall(model, "as a stained-glass"))).toEqual([0, 0, 208]);
  });

  it("with a picture alone is asked what the picture should become", async () => {
    const before = model.calls.length;
    const told = await toldAfter(ben, () => slack.mention(ben, studio, "", { files: [blue] }));
    expect(told.text).toBe(WORDLESS);
    expect(model.calls).toHaveLength(before);
  });

  it("of a misspelt command is told the one that it may be", async () => {
    const told = await toldAfter(ben, () => slack.mention(ben, studio, "imagin a red fox"));
    expect(told.text).toBe("I do not know “imagin”. Did you mean imagine?");
  });

  it("that is no command brings help, for that person and where they asked", async () => {
    const root = await slack.say(ben, studio, "Who is this bot?");
    const before = (await slack.messages(studio)).length;
    const help = await toldAfter(ana, () =>
      slack.mention(ana, studio, "what can you do?", { thread: root }),
    );
    expect(help).toMatchObject({ threadTs: root.ts, text: HELP });
    expect(help.shown).toContain("/imagine  Draw a picture from a sentence.");
    expect(await slack.messages(studio)).toHaveLength(before + 1);
  });

  it("is told what is wrong with it, alone", async () => {
    const flag = await toldAfter(ana, () =>
      slack.mention(ana, studio, "imagine a fox --stlye ink"),
    );
    expect(flag.text).toBe("/imagine has no option --stlye. Did you mean --style?");
    const empty = await toldAfter(ana, () => slack.mention(ana, studio, "imagine"));
    expect(empty.text).toMatch(/^Add what to draw, as in “\/imagine a red fox/u);
  });

  it("of which the text was edited is not another one", async () => {
    const before = slack.proxy.calls.of("chat.postMessage").length;
    const mention = { type: "app_mention", user: ana, channel: studio, ts: "1700000000.000100" };
    const text = `<@${SLACK_APP.botUserId}> imagine an edited thing`;
    const edited = { user: ana, ts: "1700000001.000000" };
    await slack.proxy.sendEvent({ ...mention, text, edited });
    await slack.mention(ana, studio, "imagine what comes after it");
    await slack.waitForMessage(studio, drawn("what comes after it"));
    expect(slack.proxy.calls.of("chat.postMessage")).toHaveLength(before + 1);
  });
});

describeOnSlack("a direct message", () => {
  it("with a picture and a sentence restyles it", async () => {
    await slack.directMessage(ben, "as a night scene - with fog", [blue]);
    const answer = await slack.waitForMessage(dmOfBen, drawn("as a night scene - with fog"));
    expect(answer.threadTs).toBeNull();
    expect(await sourceColor(lastCall(model, "as a night scene"))).toEqual([0, 0, 208]);
    await slack.directMessage(ben, "the same in spring --strength subtle", [blue]);
    const gentle = await slack.waitForMessage(dmOfBen, drawn("the same in spring"));
    expect(gentle.shown).toContain("strength 0.35");
  });

  it("with a picture alone is asked what the picture should become", async () => {
    await slack.directMessage(ben, "", [blue]);
    await slack.waitForMessage(dmOfBen, WORDLESS);
  });

  it("of a misspelt command is told the one that it may be", async () => {
    await slack.directMessage(ben, "imagin a red fox");
    await slack.waitForMessage(dmOfBen, "I do not know “imagin”. Did you mean imagine?");
  });

  it("that begins with a command does it, anything else brings help", async () => {
    await slack.directMessage(ben, "imagine a hat --seed 5");
    const hat = await slack.waitForMessage(dmOfBen, drawn("a hat"));
    expect(hat.shown).toContain("seed 5");
    await slack.directMessage(ben, "good morning!");
    const help = await slack.waitForMessage(dmOfBen, HELP);
    expect(help.threadTs).toBeNull();
  });

  it("of its own, or an edit, is never answered", async () => {
    await slack.directMessage(ana, "imagine a kettle");
    await slack.waitForMessage(dmOfAna, drawn("a kettle"));
    await slack.directMessage(ana, "thank you");
    await slack.waitForMessage(dmOfAna, HELP);
    // Slack tells a bot of what it says and changes itself.
    const own = slack.proxy.deliveries.all.filter(({ payload }) => {
      const said = JSON.stringify(payload);
      return said.includes(dmOfAna) && said.includes(`"user":"${SLACK_APP.botUserId}"`);
    });
    expect(own.length).toBeGreaterThanOrEqual(3);
    const message = {
      type: "message",
      user: ana,
      text: "imagine a ghost",
      ts: "1700000002.000100",
    };
    await slack.proxy.sendEvent({
      type: "message",
      subtype: "message_changed",
      channel: dmOfAna,
      channel_type: "im",
      ts: "1700000003.000100",
      message: { ...message, edited: { user: ana, ts: "1700000003.000000" } },
      previous_message: message,
    });
    await slack.directMessage(ana, "imagine what is no ghost");
    await slack.waitForMessage(dmOfAna, drawn("what is no ghost"));
    const answers = (await slack.messages(dmOfAna)).filter((m) => m.user === SLACK_APP.botUserId);
    expect(answers.map(({ text }) => text)).toEqual([
      `<@${ana}>: a kettle`,
      HELP,
      `<@${ana}>: what is no ghost`,
    ]);
  });
});

describeOnSlack("App Home", () => {
  it("tells a new person what one can do here", async () => {
    await slack.openHome(cleo);
    const home = JSON.stringify(await slack.waitForHome(cleo, "Nothing yet."));
    expect(home).toContain("Try /imagine a red fox in the snow --ar 16:9");
    expect(home).toContain("Running 0 of 3, waiting 0 of 10.");
    expect(home).toContain("/restyle  Change a picture");
    expect(home).not.toContain('"button"');
  });

  it("shows the latest pictures, what is under way, and buttons that answer in the messages", async () => {
    await slack.command(cleo, studio, "/imagine a cellar");
    const { pictureIds } = await slack.waitForMessage(studio, drawn("a cellar"));
    model.setLatencyMs(2_000);
    await slack.command(cleo, studio, "/imagine an attic");
    await slack.waitForMessage(studio, /an attic[\s\S]*Drawing…/u);
    await slack.openHome(cleo);
    const home = await slack.waitForHome(cleo, "Running 1 of 3");
    expect(JSON.stringify(home)).toContain(`"slack_file":{"id":"${pictureIds[0]}"}`);
    await slack.pressHome(cleo, "Show “a cellar”");
    const shown = await slack.waitForMessage(dmOfCleo, drawn("a cellar"));
    expect(shown.pictureIds).toEqual(pictureIds);
    expect(shown.buttons).toContain("Re-roll");
  });
});

describeOnSlack("a command that answers at once", () => {
  const run = (typed: string) => toldAfter(ben, () => slack.command(ben, studio, typed));

  it("/history lists what one drew, and /show brings it back", async () => {
    await slack.command(ben, studio, "/imagine a bell");
    const bell = await slack.waitForMessage(studio, drawn("a bell"));
    const history = await run("/history");
    expect(history.shown).toMatch(/a bell[\s\S]*Running 0 of 3, waiting 0 of 10\./u);
    await slack.press(ben, history, "Show “a bell”");
    const pressed = await slack.waitForEphemeral(ben, studio, drawn("a bell"));
    expect(pressed.pictureIds).toEqual(bell.pictureIds);
    const typed = await run(`/show ${jobOf(bell).toUpperCase()}`);
    expect(typed.pictureIds).toEqual(bell.pictureIds);
  });

  it("/help and what is missing or misspelt", async () => {
    const about = `<@${ben}>: a fox`;
    expect(await run("/help")).toMatchObject({ text: HELP });
    for (const typed of ["/help imagine", "/imagine help"]) {
      const { text, shown } = await run(typed);
      expect(text).toBe("How to write /imagine");
      expect(shown).toContain("--ratio, --ar");
    }
    expect((await run("/show")).shown).toContain("/show k3v9x2m4p7q1");
    expect((await run("/show nosuchjob")).text).toBe(
      "There is no job nosuchjob. /history lists yours.",
    );
    expect((await run("/imagine a fox --stlye ink")).text).toContain("Did you mean --style?");
    expect((await run("/imagine a fox --style nosuch")).text).toContain("There is no style");
    expect((await run("/imagine a fox --count 9")).text).toContain("from 1 to 4");
    expect((await run("/help imagin")).text).toContain("Did you mean /imagine?");
    // Nothing of it was begun in the channel.
    const begun = slack.proxy.calls
      .of("chat.postMessage")
      .filter(({ args }) => args.text === about);
    expect(begun).toEqual([]);
  });
});
