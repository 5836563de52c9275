import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { createSlackAdapter } from "#adapters/slack";
import { createAdapterNotes } from "../../src/adapter-notes.ts";
import { createBottleneckLimiter } from "../../src/drivers/bottleneck/bottleneck-limiter.ts";
import { newRandomId, processClock } from "../../src/drivers/process/process-runtime.ts";
import { createIntake } from "../../src/intake.ts";
import type { Clock } from "../../src/ports/index.ts";
import { type SlackWorld, slackWorlds } from "../e2e/slack-world.ts";
import { type EmbeddedStorage, openEmbeddedStorage } from "../fixtures/embedded-storage.ts";
import { serveOnDemand } from "../fixtures/on-demand-server.ts";
import { quietLog as log } from "../fixtures/quiet.ts";
import { createShiftableClock } from "../fixtures/shiftable-clock.ts";
import { createWorkshop } from "../fixtures/workshop.ts";
import { localSlackIsInstalled } from "../servers/local-slack.ts";
import { slackHttpBody } from "../servers/slack-http-transport.ts";
import { slackSignature } from "../servers/slack-signature.ts";
import { SLACK_APP, SLACK_CHANNELS, SLACK_USERS } from "../servers/slack-workspace.ts";

const installed = localSlackIsInstalled();
const needed = installed ? "" : " (needs local-slack: Linux on x64)";
const { studio } = SLACK_CHANNELS;
const { ana } = SLACK_USERS;
const worlds = slackWorlds();

describe.skipIf(!installed)(`Slack in processes that start for a request${needed}`, () => {
  let storage: EmbeddedStorage;
  let slack: SlackWorld;
  const shiftable = createShiftableClock();

  beforeAll(async () => {
    storage = await openEmbeddedStorage();
    slack = await worlds.start({ transport: "http", retryDelaysMs: [] });
  });
  afterAll(() => storage.close());

  /** One start of the process, and the workspace that its bot token is of. */
  async function wake({
    botToken = SLACK_APP.botToken,
    clock = shiftable,
  }: {
    botToken?: string;
    clock?: Clock;
  } = {}) {
    const { services, state } = createWorkshop(storage, { clock });
    const adapter = await createSlackAdapter({
      botToken,
      appToken: undefined,
      signingSecret: SLACK_APP.signingSecret,
      apiUrl: slack.proxy.apiUrl,
      services,
      intake: createIntake(services),
      notes: createAdapterNotes({ state, clock, platform: "slack" }),
      newLimiter: (id) =>
        createBottleneckLimiter({ id, requestsPerMinute: 6_000, concurrency: 16, log }),
      isOnDemand: true,
      clock,
      log,
      newId: newRandomId,
    });
    onTestFinished(() => adapter.close?.());
    await adapter.start?.();
    return adapter;
  }

  const timesAsked = () => slack.proxy.calls.of("auth.test").length;

  /** A slash command as Slack signs it. */
  function command(text: string): Request {
    const payload = {
      command: "/imagine",
      text,
      team_id: "T01STUDIO",
      user_id: ana,
      channel_id: studio,
      trigger_id: newRandomId(),
      response_url: `${slack.proxy.apiUrl}/_hooks/response/1`,
    };
    const { body, contentType } = slackHttpBody({ kind: "slash_commands", payload });
    const timestampSeconds = Math.floor(shiftable.nowMs() / 1000);
    const { signingSecret } = SLACK_APP;
    return new Request("https://atelier.example.com/slack/events", {
      method: "POST",
      body,
      headers: {
        "Content-Type": contentType,
        ...slackSignature({ signingSecret, body, timestampSeconds }),
      },
    });
  }

  it("is asked once whose bot it is, however often they start, and again a day later", async () => {
    const before = timesAsked();
    for (let starts = 0; starts < 3; starts++) await wake();
    expect(timesAsked()).toBe(before + 1);
    shiftable.shift(23 * 3_600_000);
    await wake();
    expect(timesAsked()).toBe(before + 1);
    shiftable.shift(2 * 3_600_000);
    await wake();
    expect(timesAsked()).toBe(before + 2);
  });

  it("is asked anew with another token, which the notes do not hold", async () => {
    await wake();
    const before = timesAsked();
    await wake({ botToken: "xoxb-of-another-bot" });
    expect(timesAsked()).toBe(before + 1);
  });

  it("may be away at a start: the next request signs in", async () => {
    shiftable.shift(25 * 3_600_000);
    await slack.proxy.goAway();
    const startedMs = Date.now();
    const adapter = await wake();
    expect(Date.now() - startedMs).toBeLessThan(2_000);
    await slack.proxy.comeBack();
    const answer = await adapter.fetch?.(command("a fox that waited"));
    expect(answer?.status).toBe(200);
    expect(await answer?.text()).not.toContain("cannot be reached");
  });

  it("hears all that a person is told before the process sleeps again", async () => {
    const adapter = await wake({ clock: processClock });
    const told: number[] = [];
    const url = await serveOnDemand(adapter, async () => {
      told.push((await slack.ephemeral(ana, studio)).length);
    });
    slack.proxy.deliverTo(`${url}/slack/events`);
    await slack.mention(ana, studio, "imagin a heron");
    await slack.waitForEphemeral(ana, studio, "imagine");
    await slack.waitFor("the answer", () => told.at(-1));
    expect(told).toEqual([1]);
  });
});
