import { DeleteObjectCommand } from "@aws-sdk/client-s3";
import { ReceiveMessageCommand, SendMessageCommand } from "@aws-sdk/client-sqs";
import { DeleteCommand, ScanCommand } from "@aws-sdk/lib-dynamodb";
import { afterEach, expect, it } from "vitest";
import { until } from "../fixtures/until.ts";
import type { Chat, ChatMessage } from "./chat-tables.ts";
import type { DeployedAtelier } from "./deployed-atelier.ts";
import { drawnOf } from "./deployed-chat-cases.ts";
import { JOBS, WORKER } from "./deployed-queue-cases.ts";

const DEAD_LETTERS = "atelier-jobs-dead-letters.fifo";
const STATE = "atelier";
const RECEIVES_MAX = 5;

/** What becomes of messages that no worker brings to an end. */
export function deployedDeadLetterCases(running: () => DeployedAtelier, chatOf: () => Chat): void {
  const queueUrl = () => running().sqs.queueUrl(JOBS);
  const source = () => running().source(JOBS);
  const ask = (typed: string, user = chatOf().ana) =>
    chatOf().command(user, chatOf().studio, typed);
  const isOver = () =>
    [JOBS, DEAD_LETTERS].every((name) => running().sqs.queue(name).messages().length === 0);

  /** As if a worker had died of the message each time: it is received until it is given up. */
  async function wearOut(): Promise<void> {
    const { sqs, queues } = running();
    sqs.queue(JOBS).makeVisible();
    while (sqs.queue(JOBS).messages().length > 0) {
      await queues.send(new ReceiveMessageCommand({ QueueUrl: queueUrl(), VisibilityTimeout: 0 }));
    }
  }

  /** As 45 seconds after the last sign of life. */
  async function endHeartbeats(): Promise<void> {
    const { documents } = running();
    const { Items = [] } = await documents.send(new ScanCommand({ TableName: STATE }));
    const keys = Items.map(({ pk }) => String(pk)).filter((pk) => pk.startsWith("process#"));
    for (const pk of keys) {
      await documents.send(new DeleteCommand({ TableName: STATE, Key: { pk } }));
    }
  }

  /**
   * The worker dies when it has made its answer and begins to show it: when it reads an object for
   * the time of that number. That one is gone when somebody else comes to show the answer.
   */
  async function dieWhileShowing(
    typed: string,
    { objects, reads }: { objects: RegExp; reads: number },
  ): Promise<void> {
    const { recorder, s3 } = running();
    const read: string[] = [];
    const showing = recorder.holdNext(WORKER, ({ action, resource }) => {
      if (action !== "s3:GetObject" || !objects.test(resource)) return false;
      read.push(resource);
      return read.filter((each) => each === resource).length === reads;
    });
    await ask(typed);
    const [, Bucket = "", Key = ""] = /:::([^/]+)\/(.+)$/u.exec((await showing).resource) ?? [];
    await killWorker();
    await s3.send(new DeleteObjectCommand({ Bucket, Key }));
    await wearOut();
  }

  async function killWorker(): Promise<void> {
    source().pause();
    await running().function(WORKER).killBusy();
    await endHeartbeats();
  }

  afterEach(() => source().resume());

  it("one that nobody can read is given up and dropped", async () => {
    const { queues, source: sourceOf } = running();
    const poison = {
      MessageBody: "a cup of hemlock",
      MessageGroupId: "x",
      MessageDeduplicationId: "x",
    };
    await queues.send(new SendMessageCommand({ QueueUrl: queueUrl(), ...poison }));
    await until(() => sourceOf(DEAD_LETTERS).deliveries.length === 1, 20_000);
    await until(isOver);
    const received = source().deliveries.filter(({ body }) => body === poison.MessageBody);
    expect(received).toHaveLength(RECEIVES_MAX);
    for (const each of running().functions()) expect(each.output()).not.toContain("hemlock");
  });

  it("a job that came back too often is ended, and its person is told", async () => {
    source().pause();
    await ask("/imagine an unlucky number");
    await until(() => running().sqs.queue(JOBS).messages().length === 1);
    await wearOut();
    const { waitForPrivate, ana, studio } = chatOf();
    await waitForPrivate(ana, studio, /Something broke on our side.*reference \w+/su);
    await until(isOver);
    const prompts = running().model.calls.map(({ body }) => body.prompt);
    expect(prompts).not.toContain("an unlucky number");
  });

  it("a job that was begun and kills every worker is taken down, and its person is told", async () => {
    const { model } = running();
    const { waitFor, waitForPrivate, find, ben, studio } = chatOf();
    model.setLatencyMs(60_000);
    await ask("/imagine a deadly nightshade --seed 3", ben);
    const begun = await waitFor(studio, "a deadly nightshade");
    await killWorker();
    model.setLatencyMs(0);
    await wearOut();
    await until(async () => (await find(begun)) === null);
    await waitForPrivate(ben, studio, /Something broke on our side.*reference \w+/su);
    await until(isOver);
  });

  it("pictures that were made by then are shown after all, and not paid for again", async () => {
    const prompt = "a last will";
    await dieWhileShowing(`/imagine ${prompt} --seed 3 --count 2`, {
      objects: /\/outputs\//u,
      reads: 1,
    });
    const { pictureIds } = await chatOf().waitFor(chatOf().studio, drawnOf(prompt));
    expect(pictureIds).toHaveLength(1);
    await until(isOver);
    const paid = running().model.calls.filter(({ body }) => body.prompt === prompt);
    expect(paid).toHaveLength(2);
  });

  it("so are the moments that were found", async () => {
    const query = "a green bicycle in the forest by day";
    await dieWhileShowing(`/findframe ${query} --count 2`, {
      objects: /\/frames\/.*\.jpg$/u,
      reads: 2,
    });
    const isFound = (m: ChatMessage) =>
      m.literal.includes(query) && m.shown.includes("park, 0:") && m.links.length > 0;
    const { links } = await chatOf().waitFor(chatOf().studio, isFound);
    await until(isOver);
    // Signed by the function that tells of dead letters: a link may no more than it.
    const video = links.find((link) => link.includes("/videos/")) ?? "";
    expect((await fetch(video, { headers: { Range: "bytes=0-9" } })).status).toBe(206);
  });
}
