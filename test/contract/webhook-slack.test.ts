import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { describeOnSlack, type SlackWorld, slackWorlds } from "../e2e/slack-world.ts";
import { type JsonRecord, recordOf, textOf } from "../servers/json-record.ts";
import { slackHttpBody } from "../servers/slack-http-transport.ts";
import { slackSignature } from "../servers/slack-signature.ts";
import { SLACK_APP, SLACK_CHANNELS, SLACK_TEAM, SLACK_USERS } from "../servers/slack-workspace.ts";
import { startWebhookDesk, type WebhookDesk } from "./webhook-desk.ts";

const { ana, ben } = SLACK_USERS;
const { studio } = SLACK_CHANNELS;
const START_TIMEOUT_MS = 90_000;
const SLACK_WAITS_MS = 3_000;
const worlds = slackWorlds();

describeOnSlack("The webhook function and Slack", { timeout: 30_000 }, () => {
  let slack: SlackWorld;
  let desk: WebhookDesk;
  let signedInAtMs = 0;

  beforeAll(async () => {
    slack = await worlds.start({ transport: "http", retryDelaysMs: [] });
    desk = await startWebhookDesk(slack.environment);
    slack.proxy.deliverTo(desk.slackUrl);
    const signIn = async () => (await slack.command(ana, studio, "/help")).status === 200;
    await slack.waitFor("sign-in", async () => (await signIn()) || null);
    signedInAtMs = Date.now();
  }, START_TIMEOUT_MS);
  afterAll(() => desk?.close());
  beforeEach(() => slack.proxy.calls.clear());
  afterEach(() => {
    desk.store.setDelayMs(0);
    desk.store.setBroken(false);
    slack.proxy.faults.clear();
    expect(slack.proxy.calls.refusals()).toEqual([]);
    const late = slack.proxy.deliveries.late();
    expect(late.filter(({ sentAtMs }) => sentAtMs >= signedInAtMs)).toEqual([]);
  });

  const jobOf = async (prompt: string) =>
    (await desk.jobs()).find(({ args }) => recordOf(args).prompt === prompt);

  it("keeps and queues what a command asks for before it answers, and calls nobody", async () => {
    const { status, answer } = await slack.command(ana, studio, "/imagine a red fox");
    expect(status).toBe(200);
    expect(JSON.stringify(answer)).toContain("ephemeral");
    const job = await jobOf("a red fox");
    const identity = `slack:${SLACK_TEAM.teamId}:${ana}`;
    expect(job).toMatchObject({ command: "imagine", status: "queued", user: identity });
    const message = { jobId: job?.id, groupId: identity, deduplicationId: job?.id };
    expect(desk.messages()).toContainEqual(message);
    expect(slack.proxy.calls.methods()).toEqual([]);
  });

  it("queues what answers at once past what the same person has drawn", async () => {
    await slack.command(ben, studio, "/history");
    const job = (await desk.jobs()).find(({ command }) => command === "history");
    const groupId = `slack:${SLACK_TEAM.teamId}:${ben}#quick`;
    expect(desk.messages()).toContainEqual({ jobId: job?.id, groupId, deduplicationId: job?.id });
  });

  it("takes a command that comes twice once", async () => {
    const first = await slack.command(ana, studio, "/imagine only one");
    const again = await slack.proxy.deliveries.again(first);
    expect(again.status).toBe(200);
    const jobs = (await desk.jobs()).filter(({ args }) => recordOf(args).prompt === "only one");
    expect(jobs).toHaveLength(1);
    expect(desk.messages().filter(({ jobId }) => jobId === jobs[0]?.id)).toHaveLength(1);
  });

  it("queues at its second delivery what the first one could only keep", async () => {
    const first = await slack.command(ana, studio, "/imagine kept and not queued");
    const id = textOf((await jobOf("kept and not queued"))?.id);
    const sent = () => desk.sqs.requests.filter(({ input }) => input.MessageGroupId !== undefined);
    const before = sent().length;
    await slack.proxy.deliveries.again(first);
    expect(
      sent()
        .slice(before)
        .map(({ input }) => input.MessageDeduplicationId),
    ).toEqual([id]);
  });

  it("opens a form for a command without words, before it answers", async () => {
    const before = (await desk.jobs()).length;
    const { status } = await slack.command(ana, studio, "/imagine");
    expect(status).toBe(200);
    expect(slack.proxy.calls.methods()).toEqual(["views.open"]);
    expect(JSON.stringify(slack.modal())).toContain("Stable Image Core");
    slack.closeModal(ana);
    expect(await desk.jobs()).toHaveLength(before);
  });

  it("says in the answer itself that the store is too slow, and queues nothing later", async () => {
    desk.store.setDelayMs(4_000);
    const { tookMs, answer } = await slack.command(ana, studio, "/imagine much too slow");
    expect(tookMs).toBeLessThan(2_500);
    expect(JSON.stringify(answer)).toContain("If nothing appears here within a minute, try again");
    desk.store.setDelayMs(0);
    await sleep(2_500);
    const ids = (await desk.jobs()).filter(({ args }) => recordOf(args).prompt === "much too slow");
    const queued = desk.messages().map(({ jobId }) => jobId);
    expect(ids.filter(({ id }) => queued.includes(textOf(id)))).toEqual([]);
    expect(slack.proxy.calls.methods()).toEqual([]);
  });

  it("says in the answer itself that the store does not answer", async () => {
    desk.store.setBroken(true);
    const { answer } = await slack.command(ana, studio, "/imagine into a broken store");
    expect(JSON.stringify(answer)).toContain("Try again");
    desk.store.setBroken(false);
    expect(await jobOf("into a broken store")).toBeUndefined();
  });

  it("forgets a job that it could not queue, and says so", async () => {
    // As often as the SDK tries.
    const failure = {
      operation: "SendMessage",
      error: "ServiceUnavailable",
      status: 503,
      times: 3,
    };
    desk.sqs.next(failure);
    const { answer } = await slack.command(ana, studio, "/imagine nowhere to wait");
    expect(JSON.stringify(answer)).toContain("Try again");
    expect(await jobOf("nowhere to wait")).toBeUndefined();
  });

  it("sends nothing to the queue again once it has answered", async () => {
    const sent = () => desk.sqs.requests.filter(({ input }) => input.MessageGroupId !== undefined);
    const before = sent().length;
    // Each attempt is given up after less than a second, and the SDK makes up to three.
    desk.store.setDelayMs(250);
    desk.sqs.next({ operation: "SendMessage", times: 3, delayMs: 4_000 });
    const { answer, tookMs } = await slack.command(ana, studio, "/imagine sent at a thaw");
    expect(JSON.stringify(answer)).toContain("I am slow just now");
    expect(tookMs).toBeLessThan(2_500);
    // What was begun by then may still arrive.
    await sleep(200);
    const attempts = sent().length - before;
    expect(attempts).toBeLessThan(3);
    await sleep(2_000);
    expect(sent().length - before).toBe(attempts);
    desk.sqs.endScript();
  });

  it("tells a person what was wrong with a mention before it answers Slack", async () => {
    const since = slack.proxy.deliveries.all.length;
    await slack.mention(ben, studio, "imagin a boat");
    const delivery = await slack.waitFor("the answer", () =>
      slack.proxy.deliveries.all.slice(since).find(({ status }) => status !== null),
    );
    expect(delivery.status).toBe(200);
    expect(delivery.tookMs).toBeLessThan(SLACK_WAITS_MS);
    const [told] = slack.proxy.calls.of("chat.postEphemeral");
    expect(JSON.stringify(told?.args)).toContain("Did you mean imagine?");
    // Answered already: whatever came later would not count.
    expect(told?.answer).not.toBeNull();
  });

  it("answers in time although Slack itself is too slow to tell a person anything", async () => {
    slack.proxy.faults.slow("chat.postEphemeral", 6_000);
    const since = slack.proxy.deliveries.all.length;
    await slack.mention(ben, studio, "imagin a slow boat");
    const delivery = await slack.waitFor("the answer", () =>
      slack.proxy.deliveries.all.slice(since).find(({ status }) => status !== null),
    );
    expect(delivery.status).toBe(200);
    expect(delivery.tookMs).toBeLessThan(SLACK_WAITS_MS);
  });

  it("refuses an eleventh job that would wait", async () => {
    for (let count = 1; count <= 10; count++) {
      await slack.command(SLACK_USERS.cleo, studio, `/imagine one of ten ${count}`);
    }
    const { answer } = await slack.command(SLACK_USERS.cleo, studio, "/imagine the eleventh");
    expect(JSON.stringify(answer)).toContain("You have 10 jobs waiting already");
    expect(await jobOf("the eleventh")).toBeUndefined();
  });

  it("refuses what Slack did not sign, whatever path it comes by", async () => {
    const { body, headers } = signed(await anyCommand(), {
      command: "/imagine",
      text: "a forged one",
    });
    const init = {
      method: "POST",
      body: `${textOf(body)}x`,
      headers: recordOf(headers) as Record<string, string>,
    };
    const forged = await fetch(desk.slackUrl, init);
    expect(forged.status).toBe(401);
    const elsewhere = await fetch(`${desk.url}/slack/event`, init);
    expect(elsewhere.status).toBe(404);
    expect(await jobOf("a forged one")).toBeUndefined();
  });

  it("takes a form as text, too, although API Gateway sends it in base64", async () => {
    const sent = await anyCommand();
    expect(sent.isBase64Encoded).toBe(true);
    const event = signed(sent, { command: "/imagine", text: "ein Füchslein 🦊" });
    expect((await desk.app.handle(event)).statusCode).toBe(200);
    expect(await jobOf("ein Füchslein 🦊")).toBeDefined();
  });

  it("refuses a body over 1 MB unread, and events that are none", async () => {
    const body = "x".repeat(1_048_577);
    const answer = await fetch(desk.slackUrl, { method: "POST", body });
    expect(answer.status).toBe(413);
    expect((await desk.app.handle({ Records: [] })).statusCode).toBe(400);
  });

  it("does not begin what can no longer be answered in time", async () => {
    const sent = await anyCommand();
    const event = signed(sent, { command: "/imagine", text: "after a long start" });
    const requestContext = { ...recordOf(sent.requestContext), timeEpoch: Date.now() - 2_000 };
    const { statusCode, body } = await desk.app.handle({ ...event, requestContext });
    expect(statusCode).toBe(200);
    expect(body).toContain("I am slow just now");
    expect(await jobOf("after a long start")).toBeUndefined();
  });

  it("writes nothing to its log that people said, nor what lets anyone in", () => {
    const log = desk.log();
    expect(log).toContain("Slack is on");
    for (const secret of ["fox", "slow boat", SLACK_APP.botToken, SLACK_APP.signingSecret]) {
      expect(log).not.toContain(secret);
    }
  });

  /** The event of a command. */
  async function anyCommand(): Promise<JsonRecord> {
    const since = desk.events.length;
    await slack.command(ana, studio, "/help");
    return recordOf(desk.events[since]);
  }

  /** The same person's next command. */
  function signed(sent: JsonRecord, command: { command: string; text: string }): JsonRecord {
    const fields = new URLSearchParams(Buffer.from(textOf(sent.body), "base64").toString());
    const payload = { ...Object.fromEntries(fields), ...command, trigger_id: `9.${Math.random()}` };
    const { body, contentType } = slackHttpBody({ kind: "slash_commands", payload });
    const { signingSecret } = SLACK_APP;
    const headers = { "content-type": contentType, ...slackSignature({ signingSecret, body }) };
    return { ...sent, body, isBase64Encoded: false, headers };
  }
});
