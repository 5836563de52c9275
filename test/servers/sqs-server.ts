import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { type JsonRecord, parseJson, recordOf, textOf } from "./json-record.ts";
import {
  assertDone,
  attributesOf,
  handleIn,
  md5,
  messageOut,
  missing,
  numberIn,
  readMessage,
  SqsError,
} from "./sqs-messages.ts";
import { createSqsQueue, type QueueOptions, type SqsQueue } from "./sqs-queue.ts";

export type SqsServer = Awaited<ReturnType<typeof startSqsServer>>;

/** What the next request (of that operation, where one is named) meets. */
export interface ScriptedSqsAnswer {
  operation?: string;
  times?: number;
  delayMs?: number;
  /** `after`: what was asked for is done, and its answer is lost. */
  dropConnection?: "before" | "after";
  error?: string;
  status?: number;
}

const VISIBILITY_MAX_SECONDS = 43_200;
const RECEIVE_MAX = 10;
const LONG_POLL_MAX_SECONDS = 20;
const POLL_MS = 10;
const ACCOUNT = "123456789012";
/**
 * SQS on loopback: the six operations that Atelier and Lambda's event source mappings use, over
 * AWS JSON 1.0, with the service's limits and the names of its errors. It checks that requests
 * are signed for it, not the signature. Source: Amazon SQS API Reference.
 */
export async function startSqsServer(
  queues: Readonly<Record<string, QueueOptions>> = {},
  { nowMs = Date.now, region = "us-west-2" }: { nowMs?: () => number; region?: string } = {},
) {
  const byName = new Map<string, SqsQueue>();
  const requests: { operation: string; input: JsonRecord; attempt: string }[] = [];
  const script: ScriptedSqsAnswer[] = [];
  const arnOf = (name: string) => `arn:aws:sqs:${region}:${ACCOUNT}:${name}`;

  function createQueue(name: string, options: QueueOptions = {}): void {
    const queue = createSqsQueue({
      arn: arnOf(name),
      isFifo: name.endsWith(".fifo"),
      options,
      nowMs,
      moveToDeadLetters: (message) =>
        byName.get(options.redrive?.deadLetterQueue ?? "")?.adopt(message),
    });
    byName.set(name, queue);
  }
  for (const [name, options] of Object.entries(queues)) createQueue(name, options);

  function queueAt(url: unknown): SqsQueue {
    if (url === undefined) throw missing("QueueUrl");
    const [, account, name = ""] = /\/(\d{12})\/([\w-]+(?:\.fifo)?)$/u.exec(textOf(url)) ?? [];
    return queueNamed(account === ACCOUNT ? name : "");
  }

  function queueNamed(name: string): SqsQueue {
    const queue = byName.get(name);
    if (queue !== undefined) return queue;
    throw new SqsError("QueueDoesNotExist", "The specified queue does not exist.", {
      queryCode: "AWS.SimpleQueueService.NonExistentQueue",
    });
  }

  async function receive(input: JsonRecord, isGone: () => boolean) {
    const queue = queueAt(input.QueueUrl);
    const max = numberIn(input, "MaxNumberOfMessages", 1, RECEIVE_MAX) ?? 1;
    const waitSeconds = numberIn(input, "WaitTimeSeconds", 0, LONG_POLL_MAX_SECONDS) ?? 0;
    const visibility = numberIn(input, "VisibilityTimeout", 0, VISIBILITY_MAX_SECONDS);
    const untilMs = Date.now() + waitSeconds * 1_000;
    for (;;) {
      if (isGone()) return {};
      const found = queue.receive(max, visibility);
      if (found.length > 0) {
        const names = [input.MessageSystemAttributeNames, input.AttributeNames].flat();
        return { Messages: found.map((message) => messageOut(message, names)) };
      }
      if (Date.now() >= untilMs) return {};
      await sleep(POLL_MS);
    }
  }

  async function perform(operation: string, input: JsonRecord, isGone: () => boolean) {
    switch (operation) {
      case "SendMessage": {
        const queue = queueAt(input.QueueUrl);
        const message = readMessage(input, queue);
        const { id, sequence } = queue.send(message);
        const order = queue.isFifo ? { SequenceNumber: sequence } : {};
        return { MD5OfMessageBody: md5(message.body), MessageId: id, ...order };
      }
      case "ReceiveMessage":
        return receive(input, isGone);
      case "DeleteMessage": {
        const handle = handleIn(input);
        return assertDone(queueAt(input.QueueUrl).delete(handle), handle);
      }
      case "ChangeMessageVisibility": {
        const handle = handleIn(input);
        const seconds = numberIn(input, "VisibilityTimeout", 0, VISIBILITY_MAX_SECONDS);
        if (seconds === undefined) throw missing("VisibilityTimeout");
        return assertDone(queueAt(input.QueueUrl).changeVisibility(handle, seconds), handle);
      }
      case "GetQueueAttributes":
        return { Attributes: attributesOf(queueAt(input.QueueUrl), arnOf) };
      case "GetQueueUrl": {
        const name = textOf(input.QueueName);
        queueNamed(name);
        return { QueueUrl: queueUrl(name) };
      }
      default:
        throw new SqsError("UnsupportedOperation", "Unsupported operation.");
    }
  }

  function takeScripted(operation: string): ScriptedSqsAnswer | undefined {
    const at = script.findIndex((each) => (each.operation ?? operation) === operation);
    const first = script[at];
    if (first === undefined) return undefined;
    const left = (first.times ?? 1) - 1;
    if (left > 0) script[at] = { ...first, times: left };
    else script.splice(at, 1);
    return first;
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const [, operation = ""] = /^AmazonSQS\.(\w+)$/u.exec(header(request, "x-amz-target")) ?? [];
    if (!/Credential=[^,]+\/sqs\/aws4_request/u.test(header(request, "authorization"))) {
      throw new SqsError("MissingAuthenticationToken", "Request is missing Authentication Token", {
        status: 403,
      });
    }
    const input = recordOf(parseJson(Buffer.concat(chunks).toString()));
    requests.push({ operation, input, attempt: header(request, "amz-sdk-request") });
    const scripted = takeScripted(operation);
    if (scripted?.delayMs !== undefined) await sleep(scripted.delayMs);
    if (scripted?.dropConnection === "before") return void request.socket.destroy();
    if (scripted?.error !== undefined) {
      const { error, status = 400 } = scripted;
      throw new SqsError(error, `Scripted ${error}.`, { status });
    }
    const result = await perform(operation, input, () => response.destroyed);
    if (scripted?.dropConnection === "after") return void request.socket.destroy();
    send(response, 200, result);
  }

  const server = createServer((request, response) => {
    answer(request, response).catch((thrown: unknown) => {
      if (!(thrown instanceof SqsError)) {
        return send(response, 500, { __type: "InternalFailure", message: String(thrown) });
      }
      const { code, queryCode, status, message } = thrown;
      const fault = status < 500 ? "Sender" : "Receiver";
      response.setHeader("x-amzn-query-error", `${queryCode};${fault}`);
      send(response, status, { __type: `com.amazonaws.sqs#${code}`, message });
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The server has no port.");
  const endpoint = `http://127.0.0.1:${address.port}`;
  const queueUrl = (name: string) => `${endpoint}/${ACCOUNT}/${name}`;

  return {
    endpoint,
    queueUrl,
    queueArn: arnOf,
    /** Every request, in order. */
    requests,
    createQueue,
    queue: queueNamed,
    /** Appends to the script; requests beyond its end are answered as they should be. */
    next: (...answers: ScriptedSqsAnswer[]): void => void script.push(...answers),
    /** From now on every request is answered as it should be. */
    endScript: (): void => void script.splice(0),
    clearScript(): void {
      script.length = 0;
    },
    async close(): Promise<void> {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

function header(request: IncomingMessage, name: string): string {
  return String(request.headers[name] ?? "");
}

function send(response: ServerResponse, status: number, body: object): void {
  if (response.destroyed) return;
  response.writeHead(status, {
    "content-type": "application/x-amz-json-1.0",
    "x-amzn-requestid": randomUUID(),
  });
  response.end(JSON.stringify(body));
}
