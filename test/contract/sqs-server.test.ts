import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageCommand,
  type SendMessageCommandInput,
  type SQSClient,
} from "@aws-sdk/client-sqs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createStillClock, type StillClock } from "../fixtures/still-clock.ts";
import { type SqsServer, startSqsServer } from "../servers/sqs-server.ts";
import { sqsTestClient } from "../servers/sqs-test-client.ts";

const FIFO = "line.fifo";
const DEAD = "dead.fifo";
const PLAIN = "plain";

let clock: StillClock;
let server: SqsServer;
let client: SQSClient;

beforeEach(async () => {
  clock = createStillClock();
  server = await startSqsServer(
    {
      [FIFO]: { visibilityTimeout: 100, redrive: { deadLetterQueue: DEAD, maxReceiveCount: 2 } },
      [DEAD]: {},
      [PLAIN]: {},
    },
    { nowMs: clock.nowMs },
  );
  client = sqsTestClient(server, { maxAttempts: 1 });
});
afterEach(async () => {
  client.destroy();
  await server.close();
});

let sent = 0;
const send = (group: string, body: string, more: Partial<SendMessageCommandInput> = {}) =>
  client.send(
    new SendMessageCommand({
      QueueUrl: server.queueUrl(FIFO),
      MessageBody: body,
      MessageGroupId: group,
      MessageDeduplicationId: `d${sent++}`,
      ...more,
    }),
  );
async function receive(max = 10, name = FIFO): Promise<Message[]> {
  const command = new ReceiveMessageCommand({
    QueueUrl: server.queueUrl(name),
    MaxNumberOfMessages: max,
    MessageSystemAttributeNames: ["All"],
  });
  return (await client.send(command)).Messages ?? [];
}
const bodies = async (max?: number, name?: string) =>
  (await receive(max, name)).map(({ Body }) => Body);
const remove = ({ ReceiptHandle }: Message) =>
  client.send(new DeleteMessageCommand({ QueueUrl: server.queueUrl(FIFO), ReceiptHandle }));
const setVisibility = ({ ReceiptHandle }: Message, VisibilityTimeout: number) =>
  client.send(
    new ChangeMessageVisibilityCommand({
      QueueUrl: server.queueUrl(FIFO),
      ReceiptHandle,
      VisibilityTimeout,
    }),
  );

describe("a FIFO queue", () => {
  it("gives a group's messages in order, and none while one of them is out", async () => {
    for (const [group, body] of [
      ["a", "a1"],
      ["a", "a2"],
      ["b", "b1"],
    ] as const) {
      await send(group, body);
    }
    const [first] = await receive(1);
    expect(first?.Body).toBe("a1");
    expect(await bodies()).toEqual(["b1"]);
    expect(await bodies()).toEqual([]);
    if (first !== undefined) await remove(first);
    expect(await bodies()).toEqual(["a2"]);
  });

  it("gives a message again when its visibility timeout ends, with its count", async () => {
    await send("a", "a1");
    const [first] = await receive();
    expect(first?.Attributes).toMatchObject({
      ApproximateReceiveCount: "1",
      MessageGroupId: "a",
      SequenceNumber: expect.stringMatching(/^\d{20}$/u),
    });
    clock.move(99_000);
    expect(await bodies()).toEqual([]);
    clock.move(1_000);
    const [second] = await receive();
    expect(second?.MessageId).toBe(first?.MessageId);
    expect(second?.Attributes?.ApproximateReceiveCount).toBe("2");
    expect(second?.ReceiptHandle).not.toBe(first?.ReceiptHandle);
    if (first === undefined) return;
    await expect(remove(first)).rejects.toMatchObject({ name: "InvalidParameterValue" });
    await expect(setVisibility(first, 0)).rejects.toMatchObject({ name: "InvalidParameterValue" });
  });

  it("gives it earlier or later as its receiver says", async () => {
    await send("a", "a1");
    const [first] = await receive();
    if (first === undefined) throw new Error("Nothing came.");
    await setVisibility(first, 300);
    clock.move(299_000);
    expect(await bodies()).toEqual([]);
    await setVisibility(first, 0);
    expect(await bodies()).toEqual(["a1"]);
  });

  it("moves what came too often to its dead letters", async () => {
    await send("a", "a1");
    await send("a", "a2");
    for (const _receive of [1, 2]) {
      expect(await bodies(1)).toEqual(["a1"]);
      clock.move(100_000);
    }
    expect(await bodies()).toEqual(["a2"]);
    const [dead] = await receive(10, DEAD);
    expect(dead).toMatchObject({
      Body: "a1",
      Attributes: {
        MessageGroupId: "a",
        ApproximateReceiveCount: "1",
        DeadLetterQueueSourceArn: server.queueArn(FIFO),
      },
    });
  });

  it("takes a message of the same deduplication id once in five minutes", async () => {
    const same = { MessageDeduplicationId: "same" };
    const first = await send("a", "a1", same);
    const second = await send("a", "changed", same);
    expect(second.MessageId).toBe(first.MessageId);
    clock.move(5 * 60_000);
    await send("a", "a2", same);
    expect(await bodies()).toEqual(["a1", "a2"]);
  });

  it.each([
    [{ MessageGroupId: undefined }, "MissingParameter"],
    [{ MessageDeduplicationId: undefined }, "InvalidParameterValue"],
    [{ MessageGroupId: "two words" }, "InvalidParameterValue"],
    [{ MessageGroupId: "a".repeat(129) }, "InvalidParameterValue"],
    [{ DelaySeconds: 5 }, "InvalidParameterValue"],
    [{ MessageBody: "\u0001" }, "InvalidMessageContents"],
    [{ QueueUrl: "https://sqs.us-west-2.amazonaws.com/123456789012/none" }, "QueueDoesNotExist"],
  ])("refuses %o with %s", async (more, name) => {
    await expect(send("a", "a1", more)).rejects.toMatchObject({ name });
  });
});

describe("a queue", () => {
  it("refuses what is longer than 1 MiB", async () => {
    const failed = send("a", "x".repeat(1_048_577));
    await expect(failed).rejects.toMatchObject({ name: "InvalidParameterValue" });
  });

  it("waits for a message as long as it is asked to", async () => {
    const QueueUrl = server.queueUrl(PLAIN);
    const waiting = client.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 5 }));
    await client.send(new SendMessageCommand({ QueueUrl, MessageBody: "late" }));
    expect((await waiting).Messages?.[0]?.Body).toBe("late");
  });

  it("gives nothing to a receiver that has gone", async () => {
    const QueueUrl = server.queueUrl(PLAIN);
    const gone = new AbortController();
    const waiting = client.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 5 }), {
      abortSignal: gone.signal,
    });
    setTimeout(() => gone.abort(), 50);
    await expect(waiting).rejects.toThrow();
    await client.send(new SendMessageCommand({ QueueUrl, MessageBody: "kept" }));
    expect(await bodies(1, PLAIN)).toEqual(["kept"]);
  });

  it("tells its URL and its attributes", async () => {
    const { QueueUrl } = await client.send(new GetQueueUrlCommand({ QueueName: FIFO }));
    expect(QueueUrl).toBe(server.queueUrl(FIFO));
    await send("a", "a1");
    const command = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["All"] });
    expect((await client.send(command)).Attributes).toMatchObject({
      QueueArn: server.queueArn(FIFO),
      ApproximateNumberOfMessages: "1",
      ApproximateNumberOfMessagesNotVisible: "0",
      VisibilityTimeout: "100",
      FifoQueue: "true",
      RedrivePolicy: JSON.stringify({
        deadLetterTargetArn: server.queueArn(DEAD),
        maxReceiveCount: 2,
      }),
    });
  });
});
