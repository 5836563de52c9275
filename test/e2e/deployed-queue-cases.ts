import { afterEach, expect, it } from "vitest";
import { until } from "../fixtures/until.ts";
import { parseJson, recordOf, recordsOf } from "../servers/json-record.ts";
import { recordFrom } from "../servers/sqs-event-source.ts";
import type { Chat } from "./chat-tables.ts";
import type { DeployedAtelier } from "./deployed-atelier.ts";
import { drawnOf } from "./deployed-chat-cases.ts";

export const JOBS = "atelier-jobs.fifo";
export const WORKER = "atelier-worker";

/** What SQS may do to messages, and what people may do to their jobs. */
export function deployedQueueCases(running: () => DeployedAtelier, chatOf: () => Chat): void {
  const paidFor = (prompt: string) =>
    running().model.calls.filter(({ body }) => body.prompt === prompt).length;
  const shown = async (prompt: string) =>
    (await chatOf().messages(chatOf().studio)).filter(drawnOf(prompt));
  const draw = (typed: string) =>
    chatOf().command(chatOf().ana, chatOf().studio, `/imagine ${typed}`);
  const source = () => running().source(JOBS);
  /** Ana's messages; others may be in the queue too. */
  const waiting = () =>
    running()
      .sqs.queue(JOBS)
      .messages()
      .filter(({ groupId = "" }) => groupId.includes(chatOf().ana));
  const isEmpty = () => waiting().length === 0;
  const work = async (...records: unknown[]) => {
    const { payload, isFailed } = await running().function(WORKER).invoke({ Records: records });
    expect([isFailed, payload]).toEqual([false, payload]);
    return recordsOf(recordOf(parseJson(payload)).batchItemFailures);
  };

  afterEach(() => {
    source().resume();
    running().model.setLatencyMs(0);
  });

  it("a message that comes twice, at once or later, is drawn and shown once", async () => {
    running().model.setLatencyMs(3_000);
    await draw("a heard echo --seed 3");
    await until(() => paidFor("a heard echo") === 1);
    const record = source().deliveries.findLast(({ attributes }) =>
      attributes.MessageGroupId?.includes(chatOf().ana),
    );
    // Beside the first one, which a living worker has: this one is to come again.
    expect(await work(record)).toHaveLength(1);
    await until(async () => (await shown("a heard echo")).length === 1);
    await until(isEmpty);
    expect(await work(record)).toEqual([]);
    expect(await shown("a heard echo")).toHaveLength(1);
    expect(paidFor("a heard echo")).toBe(1);
  });

  it("jobs that come in another order are each done once", async () => {
    const { sqs } = running();
    source().pause();
    await draw("the first verse --seed 3");
    await draw("the second verse --seed 3");
    await until(() => waiting().length === 2);
    const [first, second] = waiting().map(({ id, body, groupId = "" }) => {
      const message = { MessageId: id, Body: body, ReceiptHandle: "", MD5OfBody: "" };
      const Attributes = { ApproximateReceiveCount: "1", MessageGroupId: groupId };
      return recordFrom({ ...message, Attributes }, sqs.queueArn(JOBS));
    });
    for (const record of [second, first, second]) expect(await work(record)).toEqual([]);
    source().resume();
    await until(isEmpty);
    for (const prompt of ["the first verse", "the second verse"]) {
      expect(await shown(prompt)).toHaveLength(1);
      expect(paidFor(prompt)).toBe(1);
    }
  });

  it("a throttled model is waited for, as long as it says", async () => {
    const headers = { "retry-after": "1" };
    const throttled = { error: "ThrottlingException", status: 429, headers, times: 2 };
    const prompt = "a patient stone";
    // The killed worker's job may come back at this very moment.
    running().model.next({ ...throttled, prompt });
    await draw(`${prompt} --seed 3`);
    await until(async () => (await shown(prompt)).length === 1);
    expect(paidFor(prompt)).toBe(3);
  });

  it("/cancel stops what another process draws", async () => {
    running().model.setLatencyMs(60_000);
    await draw("a sleeping giant --seed 3");
    await until(() => paidFor("a sleeping giant") === 1);
    const { command, waitFor, waitForPrivate, find, ana, studio } = chatOf();
    const begun = await waitFor(studio, "a sleeping giant");
    await command(ana, studio, "/cancel");
    await waitForPrivate(ana, studio, "is being cancelled");
    await until(async () => (await find(begun)) === null);
    running().model.setLatencyMs(0);
    await until(isEmpty);
  });

  it("more than ten at once are refused, and those that were taken are drawn", async () => {
    source().pause();
    const { waitForPrivate, ana, studio } = chatOf();
    for (let n = 1; n <= 11; n++) await draw(`crowd member ${n} --seed 4`);
    await waitForPrivate(ana, studio, /10 .*waiting/u);
    source().resume();
    await until(async () => (await shown("crowd member 10")).length === 1, 30_000);
    expect(await shown("crowd member 11")).toEqual([]);
    expect(paidFor("crowd member 11")).toBe(0);
  });
}
