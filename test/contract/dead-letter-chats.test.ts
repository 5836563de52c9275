import { describe, expect, it } from "vitest";
import {
  identityOf as discordIdentity,
  placeOf as discordPlace,
} from "../../adapters/discord/target.ts";
import { identityOf as slackIdentity, placeOf as slackPlace } from "../../adapters/slack/target.ts";
import { newRandomId, processClock } from "../../src/drivers/process/process-runtime.ts";
import type { Job } from "../../src/job/job.ts";
import { createJobStore } from "../../src/job/job-store.ts";
import { discordDesks } from "../fixtures/discord-desk.ts";
import type { EmbeddedStorage } from "../fixtures/embedded-storage.ts";
import { giveUpOn } from "../fixtures/give-up-on.ts";
import { slackDesks } from "../fixtures/slack-desk.ts";
import { DISCORD_CHANNELS, DISCORD_USERS } from "../servers/discord-workspace.ts";
import { localSlackIsInstalled } from "../servers/local-slack.ts";
import { SLACK_CHANNELS, SLACK_USERS } from "../servers/slack-workspace.ts";

const slack = slackDesks();
const discord = discordDesks();
const hasSlack = localSlackIsInstalled();

/** A job as a webhook writes it down, and a worker that is dead now left it. */
async function leftBehind(
  storage: EmbeddedStorage,
  asked: Pick<Job, "user" | "platform" | "place"> & { target: object },
): Promise<Job> {
  const jobs = createJobStore({
    state: storage.state(processClock),
    clock: processClock,
    owner: newRandomId(),
  });
  const job: Job = {
    id: newRandomId(),
    command: "imagine",
    args: { prompt: "a lost fox" },
    isPrivate: false,
    createdAtMs: Date.now(),
    expiresAtMs: Date.now() + 60_000,
    ...asked,
    target: JSON.parse(JSON.stringify(asked.target)),
  };
  const record = await jobs.create(job);
  if (record !== null) await jobs.change(record, { status: "running", attempts: 1 });
  return job;
}

describe("a dead letter's job", () => {
  it.skipIf(!hasSlack)(
    "is told in Slack to its person alone, once, and its message goes",
    async () => {
      const desk = await slack.open();
      const { ana } = SLACK_USERS;
      const { studio } = SLACK_CHANNELS;
      const target = await desk.typedAt(ana, studio);
      const asked = { user: slackIdentity(target), place: slackPlace(target), platform: "slack" };
      const job = await leftBehind(desk.storage, { ...asked, target });
      await desk.delivery.begin(job);
      await desk.world.waitForMessage(studio, "a lost fox");

      const processes = [await slack.open({ beside: desk }), await slack.open({ beside: desk })];
      for (const each of [...processes, ...processes]) {
        expect(await giveUpOn(job.id, { ...each, platform: "slack" })).toBe("finished");
      }
      const told = (await desk.world.ephemeral(ana, studio)).filter(({ shown }) =>
        shown.includes(`reference ${job.id}`),
      );
      expect(told).toHaveLength(1);
      const left = await desk.world.messages(studio);
      expect(left.filter(({ shown }) => shown.includes("a lost fox"))).toEqual([]);
      expect(await desk.services.jobs.find(job.id)).toMatchObject({ status: "failed" });
    },
  );

  it("is told in Discord to its person alone, once, and its message goes", async () => {
    const desk = await discord.open();
    const { ana } = DISCORD_USERS;
    const { studio } = DISCORD_CHANNELS;
    const before = (await desk.world.messages(studio)).length;
    const target = await desk.typedAt(ana, studio);
    const asked = { user: discordIdentity(target), place: discordPlace(target) };
    const job = await leftBehind(desk.storage, { ...asked, platform: "discord", target });
    await desk.delivery.begin(job);

    const processes = [await discord.open({ beside: desk }), await discord.open({ beside: desk })];
    for (const each of [...processes, ...processes]) {
      expect(await giveUpOn(job.id, { ...each, platform: "discord" })).toBe("finished");
    }
    const told = (await desk.world.ephemeral(ana, studio)).filter(({ shown }) =>
      shown.includes(`reference ${job.id}`),
    );
    expect(told).toHaveLength(1);
    expect(await desk.world.messages(studio)).toHaveLength(before);
    expect(await desk.services.jobs.find(job.id)).toMatchObject({ status: "failed" });
  });

  it("is told in Discord where the interaction's token is dead by then", async () => {
    const desk = await discord.open();
    const { ana } = DISCORD_USERS;
    const { studio } = DISCORD_CHANNELS;
    const target = await desk.typedAt(ana, studio);
    const asked = { user: discordIdentity(target), place: discordPlace(target) };
    const job = await leftBehind(desk.storage, { ...asked, platform: "discord", target });
    desk.kill(target);
    expect(await giveUpOn(job.id, { ...desk, platform: "discord" })).toBe("finished");
    const places = [DISCORD_CHANNELS.dmOfAna, studio];
    const shown = (await Promise.all(places.map((place) => desk.world.messages(place)))).flat();
    expect(shown.filter(({ shown: text }) => text.includes(job.id))).toHaveLength(1);
  });
});
