import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { createSqsClient } from "../../src/drivers/aws/sqs-client.ts";
import { createSqsJobQueue } from "../../src/drivers/aws/sqs-job-queue.ts";
import { createSqsVisibility } from "../../src/drivers/aws/sqs-visibility.ts";
import { type SqsServer, startSqsServer } from "../servers/sqs-server.ts";

const NAME = "atelier-jobs.fifo";
const ticket = { jobId: "k3v9x2m4p7q1", user: "slack:T123:U456", quick: false };

let server: SqsServer;

beforeAll(async () => {
  server = await startSqsServer();
  vi.stubEnv("AWS_ENDPOINT_URL_SQS", server.endpoint);
  vi.stubEnv("AWS_ACCESS_KEY_ID", "test");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "test");
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await server.close();
});
beforeEach(() => {
  server.createQueue(NAME);
  server.requests.length = 0;
});
afterEach(() => server.clearScript());

const client = () => createSqsClient({ region: "us-west-2" });
/** As on AWS: the queue's URL names AWS's host, and the endpoint is the environment's. */
const urlOf = (name: string) => `https://sqs.us-west-2.amazonaws.com/123456789012/${name}`;
function queueAt(name = NAME, waiting: readonly string[] = []) {
  return createSqsJobQueue({
    client: client(),
    queueUrl: urlOf(name),
    waitingPerPerson: 10,
    listWaiting: async () => waiting,
    markCancelled: async () => {},
    cancelled: () => new Error("cancelled"),
  });
}

describe("a queued job", () => {
  it("is a message with its id alone, in its person's group, deduplicated by its id", async () => {
    await queueAt().enqueue(ticket);
    await queueAt().enqueue(ticket);
    expect(server.queue(NAME).messages()).toMatchObject([
      { body: '{"jobId":"k3v9x2m4p7q1"}', groupId: ticket.user, deduplicationId: ticket.jobId },
    ]);
    expect(server.requests).toHaveLength(2);
  });

  it("that answers at once is in another group", async () => {
    await queueAt().enqueue({ ...ticket, quick: true });
    expect(server.queue(NAME).messages()[0]?.groupId).toBe("slack:T123:U456#quick");
  });

  it.each(["page:local:Zoë Ünal", `page:local:${"a".repeat(200)}`, "page:local:two words"])(
    "of a person whose id SQS does not take has a group of its own: %s",
    async (user) => {
      await queueAt().enqueue({ ...ticket, user });
      await queueAt().enqueue({ ...ticket, jobId: "another", user: `${user}!` });
      const groups = server
        .queue(NAME)
        .messages()
        .map(({ groupId }) => groupId);
      expect(groups).toEqual([expect.stringMatching(/^[0-9a-f]{64}$/u), expect.anything()]);
      expect(groups[0]).not.toBe(groups[1]);
    },
  );

  it("is sent once although the answer was lost", async () => {
    server.next({ dropConnection: "after" });
    await queueAt().enqueue(ticket);
    expect(server.requests.map(({ attempt }) => attempt)).toEqual([
      expect.stringMatching(/attempt=1/u),
      expect.stringMatching(/attempt=2/u),
    ]);
    expect(server.queue(NAME).messages()).toHaveLength(1);
  });

  it("is not sent where ten others wait; itself does not count", async () => {
    const others = Array.from({ length: 9 }, (_, n) => `job${n}`);
    await queueAt(NAME, [...others, ticket.jobId]).enqueue(ticket);
    const full = queueAt(NAME, [...others, "job9"]);
    await expect(full.enqueue({ ...ticket, jobId: "more" })).rejects.toMatchObject({
      kind: "rate_limited",
      retryAfterMs: expect.any(Number),
    });
    await full.enqueue({ ...ticket, jobId: "quick", quick: true });
    expect(server.queue(NAME).messages()).toHaveLength(2);
  });
});

describe("a queue that cannot be used", () => {
  it("that is not there is the operator's matter", async () => {
    const failed = queueAt("other.fifo").enqueue(ticket);
    await expect(failed).rejects.toMatchObject({
      kind: "misconfigured",
      message: expect.stringContaining("JOB_QUEUE_URL"),
      cause: expect.objectContaining({ name: "QueueDoesNotExist" }),
    });
  });

  it.each([
    ["AccessDenied", 403, "misconfigured"],
    ["KmsAccessDenied", 400, "misconfigured"],
    ["UnrecognizedClientException", 400, "misconfigured"],
    ["RequestThrottled", 400, "rate_limited"],
    ["KmsThrottled", 400, "rate_limited"],
    ["InternalFailure", 500, "unavailable"],
    ["InvalidMessageContents", 400, "internal"],
  ])("with %s (%i) is %s", async (error, status, kind) => {
    server.next({ error, status, times: 3 });
    await expect(queueAt().enqueue(ticket)).rejects.toMatchObject({ kind });
  });

  it("that does not answer is unavailable within 3 seconds", async () => {
    server.next({ delayMs: 5_000, times: 3 });
    const startMs = Date.now();
    await expect(queueAt().enqueue(ticket)).rejects.toMatchObject({ kind: "unavailable" });
    expect(Date.now() - startMs).toBeLessThan(3_500);
  });
});

describe("a message's visibility", () => {
  const visibility = () => createSqsVisibility({ client: client() });
  async function receive() {
    await queueAt().enqueue(ticket);
    const [message] = server.queue(NAME).receive(1);
    return { queueArn: server.queueArn(NAME), receiptHandle: message?.handle ?? "" };
  }

  it("is set for the receipt that has it", async () => {
    const message = await receive();
    expect(await visibility().set(message, 60)).toBe(true);
    expect(server.queue(NAME).counts()).toEqual({ visible: 0, inFlight: 1 });
    expect(await visibility().set(message, 0)).toBe(true);
    expect(server.queue(NAME).counts()).toEqual({ visible: 1, inFlight: 0 });
  });

  it("is not changed by an older receipt, nor when the message is gone", async () => {
    const message = await receive();
    server.queue(NAME).makeVisible();
    server.queue(NAME).receive(1);
    expect(await visibility().set(message, 0)).toBe(false);
    expect(server.queue(NAME).counts()).toEqual({ visible: 0, inFlight: 1 });
    server.createQueue(NAME);
    expect(await visibility().set(message, 0)).toBe(false);
    expect(await visibility().set({ ...message, receiptHandle: "what?" }, 0)).toBe(false);
  });

  it("rejects where the queue cannot be used", async () => {
    const message = await receive();
    server.next({ error: "AccessDenied", status: 403, operation: "ChangeMessageVisibility" });
    await expect(visibility().set(message, 0)).rejects.toMatchObject({ kind: "misconfigured" });
  });
});
