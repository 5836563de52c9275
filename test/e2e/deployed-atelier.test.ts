import { afterAll, beforeAll, describe } from "vitest";
import { CEPH_START_TIMEOUT_MS } from "../servers/ceph.ts";
import { localSlackIsInstalled } from "../servers/local-slack.ts";
import { missingForAws } from "./aws-services.ts";
import { discordChats } from "./chat-discord.ts";
import { slackChats } from "./chat-slack.ts";
import type { Chat } from "./chat-tables.ts";
import { type DeployedAtelier, deployAtelier } from "./deployed-atelier.ts";
import { deployedChatCases } from "./deployed-chat-cases.ts";
import { deployedDeadLetterCases } from "./deployed-dead-letter-cases.ts";
import { deployedFrameCases } from "./deployed-frame-cases.ts";
import { deployedGenerateCases } from "./deployed-generate-cases.ts";
import { deployedKilledCases } from "./deployed-killed-cases.ts";
import { deployedQueueCases } from "./deployed-queue-cases.ts";
import { deployedRightsCases } from "./deployed-rights-cases.ts";

const slackIsMissing = localSlackIsInstalled() ? null : "skipped: needs Linux on x64";
const missing = missingForAws() ?? slackIsMissing;
const name = `deployed as cdk synth has it${missing === null ? "" : ` (${missing})`}`;
/** Ceph, and beside it the bundles and the template. */
const DEPLOY_TIMEOUT_MS = CEPH_START_TIMEOUT_MS + 120_000;

/** Cold starts are measured elsewhere: on a busy machine one may take longer than a platform waits. */
async function firstAnswer({ command, waitForPrivate, refusals, ana, studio }: Chat) {
  for (let triesLeft = 4; ; triesLeft -= 1) {
    try {
      await command(ana, studio, "/help");
      await waitForPrivate(ana, studio, "/imagine");
      refusals();
      return;
    } catch (thrown) {
      if (triesLeft === 1) throw thrown;
    }
  }
}

describe.skipIf(missing !== null)(name, { timeout: 60_000 }, () => {
  const slackWorlds = slackChats();
  const discordWorlds = discordChats();
  let atelier: DeployedAtelier;
  let slack: Chat;
  let discord: Chat;
  const running = () => atelier;

  beforeAll(async () => {
    atelier = await deployAtelier({
      async openChats(apiUrl) {
        [slack, discord] = await Promise.all([
          slackWorlds.start("http", { requestUrl: `${apiUrl}/slack/events` }),
          discordWorlds.start("http", { endpointUrl: `${apiUrl}/discord/interactions` }),
        ]);
        return [slack, discord];
      },
    });
    for (const chat of [slack, discord]) await firstAnswer(chat);
  }, DEPLOY_TIMEOUT_MS);
  afterAll(() => atelier?.close(), 60_000);

  // What is begun here ends at the end: it takes a minute until such a job comes back.
  const killed = deployedKilledCases(running, () => slack);
  describe("on Slack", () => deployedChatCases(running, () => slack, { seed: 100 }));
  describe("a worker that is killed in mid-job", killed.begin);
  describe("on Discord", () => deployedChatCases(running, () => discord, { seed: 200 }));
  describe("the generation service", () => deployedGenerateCases(running));
  describe("videos", () =>
    deployedFrameCases(
      running,
      () => slack,
      () => discord,
    ));
  describe("the queue", () => deployedQueueCases(running, () => slack));
  describe("the job of the killed worker", killed.end);
  describe("dead letters", () => deployedDeadLetterCases(running, () => slack));
  describe("the rights", () => deployedRightsCases(running));
});
