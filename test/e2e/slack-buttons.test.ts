import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeAll, expect, it } from "vitest";
import { SLACK_CHANNELS, SLACK_USERS } from "../servers/slack-workspace.ts";
import { START_TIMEOUT_MS } from "./atelier-process.ts";
import type { SlackMessage } from "./slack-screen.ts";
import { drawn, jobOf, type SlackStudio, slackStudios } from "./slack-studio.ts";
import { describeOnSlack } from "./slack-world.ts";

const { ana, ben, cleo } = SLACK_USERS;
const { studio, drafts } = SLACK_CHANNELS;
const studios = slackStudios();
let slack: SlackStudio["slack"];
let model: SlackStudio["model"];

beforeAll(async () => {
  ({ slack, model } = await studios.open({ transport: "http" }));
}, START_TIMEOUT_MS);

afterEach(() => {
  model.setLatencyMs(0);
  expect(slack.proxy.calls.refusals()).toEqual([]);
});

/** Each test draws a picture of its own, so that their order does not matter. */
async function draw(typed: string, user: string = ana): Promise<SlackMessage> {
  await slack.command(user, studio, `/imagine ${typed}`);
  const [prompt = ""] = typed.split(" --");
  return slack.waitForMessage(studio, drawn(prompt));
}

/** The message that a press of the button brings, for everyone. */
async function pressed(user: string, message: SlackMessage, label: string): Promise<SlackMessage> {
  const before = new Set((await slack.messages(message.channel)).map(({ ts }) => ts));
  await slack.press(user, message, label);
  const isNew = ({ ts, pictureIds }: SlackMessage) => !before.has(ts) && pictureIds.length > 0;
  return slack.waitForMessage(message.channel, isNew);
}

const fileIds = async () => (await slack.files()).map(({ id }) => id);
const uploads = () => slack.proxy.calls.of("files.completeUploadExternal").length;

describeOnSlack("the buttons of a picture", () => {
  it("Re-roll draws as many anew, Vary four, for whoever pressed", async () => {
    const first = await draw("a pair of owls --count 2 --seed 40");
    const rerolled = await pressed(ben, first, "Re-roll");
    expect(rerolled.text).toBe(`<@${ben}>: a pair of owls`);
    expect(rerolled.pictureIds).toHaveLength(2);
    const varied = await pressed(ben, first, "Vary");
    expect(varied.pictureIds).toHaveLength(4);
    const all = [first, rerolled, varied].flatMap(({ pictureIds }) => pictureIds);
    expect(new Set(all).size).toBe(8);
    expect(await slack.find(first)).toEqual(first);
  });

  it("New link gives whoever asks, and nobody else, a link that downloads the picture", async () => {
    const first = await draw("a nest");
    await slack.press(ben, first, "New link");
    const answer = await slack.waitForEphemeral(ben, studio, /^This link works for 15 minutes/u);
    const [url = ""] = /https?:\S+/u.exec(answer.shown) ?? [];
    const response = await fetch(url);
    expect(response.headers.get("content-type")).toBe("image/jpeg");
    const [picture = ""] = first.pictureIds;
    const bytes = Buffer.from(await response.arrayBuffer());
    expect(bytes.equals(await slack.fileBytes(picture))).toBe(true);
  });

  it("New link leads to the WebP that was asked for, which Slack shows as PNG", async () => {
    const first = await draw("a stamp --format webp");
    const [file = {}] = (await slack.files()).filter(({ id }) => id === first.pictureIds[0]);
    expect(file.mimetype).toBe("image/png");
    await slack.press(ana, first, "New link");
    const answer = await slack.waitForEphemeral(ana, studio, ".webp");
    const [url = ""] = /https?:\S+/u.exec(answer.shown) ?? [];
    expect((await fetch(url)).headers.get("content-type")).toBe("image/webp");
  });

  it("Info tells the command that brings the same picture back", async () => {
    const first = await draw("a kite --no clouds");
    await slack.press(ben, first, "Info");
    const info = await slack.waitForEphemeral(ben, studio, /the same picture comes back/u);
    const [line = ""] = /\/imagine .*$/mu.exec(info.shown) ?? [];
    expect(line).toMatch(/^\/imagine a kite --ar 1:1 --seed \d+ --no clouds/u);
    const before = model.calls.length;
    await slack.command(ben, drafts, line);
    const again = await slack.waitForMessage(drafts, drawn("a kite"));
    expect(again.pictureIds).toEqual(first.pictureIds);
    expect(model.calls).toHaveLength(before);
  });

  it("pressed twice in a row draws once", async () => {
    const first = await draw("a wren");
    await Promise.all([slack.press(ben, first, "Re-roll"), slack.press(ben, first, "Re-roll")]);
    await slack.waitForMessage(studio, (m) => drawn("a wren")(m) && m.ts !== first.ts);
    await draw("a robin that comes after it");
    expect((await slack.messages(studio)).filter(drawn("a wren"))).toHaveLength(2);
  });
});

describeOnSlack("Delete", () => {
  it("puts a sentence in the message's place and takes the files out of Slack", async () => {
    const first = await draw("an oak --count 2");
    expect(await fileIds()).toEqual(expect.arrayContaining([...first.pictureIds]));
    await slack.press(ana, first, "Delete");
    await slack.waitFor("stand-in", async () =>
      (await slack.find(first))?.text.endsWith("Deleted by the person who asked.") ? true : null,
    );
    expect(await slack.find(first)).toMatchObject({ pictureIds: [], buttons: [] });
    const left = await fileIds();
    expect(first.pictureIds.filter((id) => left.includes(id))).toEqual([]);
    // Asked for again, it is drawn and uploaded again.
    const again = await draw("an oak --count 2");
    expect(first.pictureIds.filter((id) => again.pictureIds.includes(id))).toEqual([]);
  });

  it("is refused to others, and only they see that", async () => {
    const first = await draw("an elm");
    const count = (await slack.messages(studio)).length;
    await slack.press(ben, first, "Delete");
    await slack.waitForEphemeral(ben, studio, "Only the person who asked for a picture can delete");
    expect(await slack.find(first)).toEqual(first);
    expect(await slack.messages(studio)).toHaveLength(count);
    expect(await slack.ephemeral(ana, studio)).not.toContainEqual(
      expect.objectContaining({ shown: expect.stringContaining("Only the person") }),
    );
    expect(await fileIds()).toEqual(expect.arrayContaining([...first.pictureIds]));
  });

  it("leaves nothing to do on another answer that still shows the picture", async () => {
    const first = await draw("an alder");
    await slack.command(ben, studio, `/show ${jobOf(first)}`);
    const copy = await slack.waitForEphemeral(ben, studio, drawn("an alder"));
    await slack.press(ana, first, "Delete");
    await slack.waitFor("stand-in", async () =>
      (await slack.find(first))?.text.endsWith("Deleted by the person who asked.") ? true : null,
    );
    for (const label of ["Restyle", "Edit", "Info", "New link", "Re-roll"]) {
      const before = (await slack.ephemeral(ben, studio)).length;
      await slack.press(ben, copy, label);
      const told = await slack.waitFor(`answer to ${label}`, async () =>
        (await slack.ephemeral(ben, studio))
          .slice(before)
          .find(({ text }) => text.startsWith("The pictures of this job were deleted")),
      );
      expect(told.pictureIds).toEqual([]);
    }
    expect(slack.modal()).toBeNull();
  });

  it("on an answer that was shown again changes both", async () => {
    const first = await draw("an ash");
    await slack.command(ana, studio, `/show ${jobOf(first)}`);
    const again = await slack.waitForEphemeral(ana, studio, drawn("an ash"));
    expect(again.pictureIds).toEqual(first.pictureIds);
    await slack.press(ana, again, "Delete");
    for (const message of [first, again]) {
      await slack.waitFor("stand-in", async () =>
        (await slack.find(message))?.text.endsWith("Deleted by the person who asked.")
          ? true
          : null,
      );
    }
  });

  it("of a private result changes what its person sees", async () => {
    await slack.command(ben, studio, "/imagine a diary --private");
    const diary = await slack.waitForEphemeral(ben, studio, drawn("a diary"));
    await slack.press(ben, diary, "Delete");
    await slack.waitForEphemeral(ben, studio, "Deleted by the person who asked.");
    const left = await fileIds();
    expect(diary.pictureIds.filter((id) => left.includes(id))).toEqual([]);
    const said = (await slack.messages(studio)).filter(({ shown }) => shown.includes("a diary"));
    expect(said).toEqual([]);
  });
});

describeOnSlack("Cancel", () => {
  it("from the message in the channel takes that message down, for the owner alone", async () => {
    model.setLatencyMs(8_000);
    await slack.command(ana, studio, "/imagine a slow snail");
    const running = await slack.waitForMessage(studio, /a slow snail[\s\S]*Drawing…/u);
    await slack.press(ben, running, "Cancel");
    await slack.waitForEphemeral(ben, studio, "Only the person who asked for a job can cancel it.");
    expect(await slack.find(running)).not.toBeNull();

    await slack.press(ana, running, "Cancel");
    await slack.waitForEphemeral(ana, studio, /is being cancelled\./u);
    await slack.waitFor("end of the message", async () =>
      (await slack.find(running)) === null ? true : null,
    );
    expect((await slack.messages(studio)).filter(drawn("a slow snail"))).toEqual([]);
  });

  it("from the line that only its person sees stops it too, waiting or running", async () => {
    model.setLatencyMs(8_000);
    for (const thing of ["a first tortoise", "a second one", "a third one", "a queued one"]) {
      await slack.command(cleo, studio, `/imagine ${thing}`);
    }
    const lines = (await slack.ephemeral(cleo, studio)).filter((m) => m.buttons[0] === "Cancel");
    expect(
      lines.map(({ blocks }) => JSON.stringify(blocks).match(/Got it|Queued, \w+/u)?.[0]),
    ).toEqual(["Got it", "Got it", "Got it", "Queued, next"]);
    for (const line of lines.reverse()) {
      await slack.press(cleo, line, "Cancel");
    }
    await slack.waitFor("four cancellations", async () => {
      const said = await slack.ephemeral(cleo, studio);
      return said.filter(({ text }) => text.includes("being cancelled")).length === 4 ? true : null;
    });
    await slack.waitFor("quiet channel", async () =>
      (await slack.messages(studio)).some(({ text }) => text.startsWith(`<@${cleo}>`))
        ? null
        : true,
    );
    expect(model.calls.map(({ body }) => body.prompt)).not.toContain("a queued one");
  });
});

describeOnSlack("a private result", () => {
  it("is shared with everyone once its person says so", async () => {
    await slack.command(ana, studio, "/imagine a surprise --private");
    const surprise = await slack.waitForEphemeral(ana, studio, drawn("a surprise"));
    await sleep(300);
    expect((await slack.messages(studio)).filter(drawn("a surprise"))).toEqual([]);
    const before = uploads();
    await slack.press(ana, surprise, "Share to channel");
    const shared = await slack.waitForMessage(studio, drawn("a surprise"));
    expect(shared.text).toBe(`<@${ana}>: a surprise`);
    expect(shared.pictureIds).toEqual(surprise.pictureIds);
    expect(shared.buttons).toEqual(surprise.buttons.filter((label) => !label.startsWith("Share")));
    expect(uploads()).toBe(before);
    // From now on it is like any other.
    expect((await pressed(ben, shared, "Re-roll")).text).toBe(`<@${ben}>: a surprise`);
  });

  it("stays private when it is re-rolled", async () => {
    await slack.command(ana, studio, "/imagine a hidden door --private");
    const door = await slack.waitForEphemeral(ana, studio, drawn("a hidden door"));
    await slack.press(ana, door, "Re-roll");
    await slack.waitForEphemeral(
      ana,
      studio,
      (m) => drawn("a hidden door")(m) && m.pictureIds[0] !== door.pictureIds[0],
    );
    expect((await slack.messages(studio)).filter(drawn("a hidden door"))).toEqual([]);
  });
});

describeOnSlack("a picture that was drawn before", () => {
  it("is shown again from the same file in Slack, with a remark", async () => {
    const first = await draw("a tulip --seed 77");
    const before = uploads();
    await slack.command(ben, drafts, "/imagine a tulip --seed 77");
    const again = await slack.waitForMessage(drafts, drawn("a tulip"));
    expect(again.pictureIds).toEqual(first.pictureIds);
    expect(again.shown).toContain("it came from the cache. Re-roll draws it anew.");
    expect(uploads()).toBe(before);
    // Whose it is not can only take it off their own message.
    await slack.press(ben, again, "Delete");
    await slack.waitForMessage(drafts, "Removed by the person who asked.");
    expect(await slack.find(first)).toEqual(first);
    expect(await fileIds()).toEqual(expect.arrayContaining([...first.pictureIds]));
  });
});
