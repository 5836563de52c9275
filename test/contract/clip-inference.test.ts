import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createServeApp } from "../../infra/clip-services/serve-app.ts";
import { handler } from "../../infra/lambda/clip-inference.lambda.ts";
import { clipServices } from "../../infra/lambda/clip-services.ts";
import { type ProvenModel, writeProvenModel } from "../fixtures/proven-model.ts";
import { quietLog } from "../fixtures/quiet.ts";
import { type LambdaServer, startLambdaServer } from "../servers/lambda-server.ts";
import {
  SERVE_START_TIMEOUT_MS,
  type ServeProcess,
  startServeProcess,
} from "../servers/serve-process.ts";

let model: ProvenModel;
let lambda: LambdaServer;
let client: LambdaClient;
let served: ServeProcess;
let picture: Buffer;

beforeAll(async () => {
  model = await writeProvenModel();
  const environment = { CLIP_MODEL_DIR: model.folder, MEDIA_BUCKET: "team-media" };
  // The handler's settings, read at its first call.
  Object.assign(process.env, environment, { LOG_LEVEL: "silent" });
  served = await startServeProcess(environment);
  lambda = await startLambdaServer({ "clip-inference": handler });
  client = new LambdaClient({
    region: "us-west-2",
    endpoint: lambda.endpoint,
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
  });
  const create = { width: 90, height: 60, channels: 3 as const, background: "#c03020" };
  picture = await sharp({ create }).jpeg().toBuffer();
}, SERVE_START_TIMEOUT_MS);
afterAll(async () => {
  client.destroy();
  await Promise.all([lambda.close(), served.stop(), clipServices.close()]);
  await model.remove();
});

interface Answer {
  statusCode: number;
  body: Record<string, unknown>;
}

/** The event exactly as these bytes. */
async function invoke(payload: string): Promise<Answer> {
  const command = new InvokeCommand({
    FunctionName: "clip-inference",
    Payload: Buffer.from(payload),
  });
  const { FunctionError, Payload } = await client.send(command);
  expect(FunctionError).toBeUndefined();
  const { statusCode, body } = JSON.parse(Buffer.from(Payload ?? []).toString());
  expect(typeof body).toBe("string");
  return { statusCode, body: JSON.parse(body) };
}

async function post(payload: string): Promise<Answer> {
  const response = await fetch(`${served.url}/invocations`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: payload,
  });
  expect(response.headers.get("Content-Type")).toBe("application/json");
  return { statusCode: response.status, body: JSON.parse(await response.text()) };
}

function rowsOf({ statusCode, body }: Answer): number[][] {
  expect(statusCode, JSON.stringify(body)).toBe(200);
  return body.embeddings as number[][];
}

const norm = (row: readonly number[]) => Math.hypot(...row);
const dot = (a: readonly number[] = [], b: readonly number[] = []) =>
  a.reduce((sum, value, index) => sum + value * (b[index] ?? 0), 0);

describe.each([
  ["the Lambda function clip-inference", invoke],
  ["npm run serve", post],
] as const)("%s", (_name, call) => {
  it("embeds texts: a row of norm 1 for each, in their order, and dim", async () => {
    const answer = await call('{"mode":"text","items":["a red car","a boat at sea","a red car"]}');
    const rows = rowsOf(answer);
    expect(answer.body.dim).toBe(512);
    expect(rows.map((row) => row.length)).toEqual([512, 512, 512]);
    for (const row of rows) expect(norm(row)).toBeCloseTo(1, 6);
    expect(dot(rows[0], rows[2])).toBeCloseTo(1, 6);
    expect(dot(rows[0], rows[1])).toBeLessThan(0.99);
    const reversed = rowsOf(await call('{"mode":"text","items":["a boat at sea","a red car"]}'));
    expect(dot(reversed[1], rows[0])).toBeCloseTo(1, 6);
  });

  it("embeds pictures as bare base64, as a data: URL and with line breaks alike", async () => {
    const bare = picture.toString("base64");
    const broken = bare.replace(/.{76}/gu, "$&\r\n");
    const items = [bare, `data:image/jpeg;base64,${bare}`, broken];
    const rows = rowsOf(await call(JSON.stringify({ mode: "image", items })));
    expect(rows).toHaveLength(3);
    expect(norm(rows[0] ?? [])).toBeCloseTo(1, 6);
    expect(rows[1]).toEqual(rows[0]);
    expect(rows[2]).toEqual(rows[0]);
  });

  it("answers no items with an empty list", async () => {
    const empty = { embeddings: [], dim: 512 };
    expect((await call('{"mode":"text","items":[]}')).body).toMatchObject(empty);
    expect((await call('{"mode":"image","items":[]}')).body).toMatchObject(empty);
  });

  it("says which model and which space the rows are of", async () => {
    const { body } = await call('{"mode":"text","items":["a car"]}');
    expect(body).toMatchObject({
      model: "tiny",
      space: expect.stringMatching(/^tiny-\w{8}-p\d$/u),
    });
  });

  it("says which texts are longer than the model reads, and embeds their beginning", async () => {
    const long = "a red car at night ".repeat(2_000);
    const answer = await call(JSON.stringify({ mode: "text", items: ["a car", long] }));
    expect(rowsOf(answer)).toHaveLength(2);
    expect(answer.body.truncated).toEqual([1]);
  });

  it.each([
    ["that is no picture", Buffer.from("hello").toString("base64"), "InvalidImage"],
    ["that is no base64", "???", "InvalidImage"],
    ["that is empty", "", "InvalidImage"],
    ["that is a truncated picture", "half", "InvalidImage"],
    ["that is elsewhere on the web", "https://example.com/cat.jpg", "InvalidImage"],
    ["that is a file of the machine", "file:///etc/passwd", "InvalidImage"],
    ["in a bucket that is not ours", "s3://other-bucket/cat.jpg", "InvalidRequest"],
    ["that is no whole s3:// address", "s3://team-media", "InvalidRequest"],
  ])("refuses an item %s with 400 and its place", async (_what, item, error) => {
    const bad = item === "half" ? picture.subarray(0, 300).toString("base64") : item;
    const items = [picture.toString("base64"), bad, picture.toString("base64")];
    const { statusCode, body } = await call(JSON.stringify({ mode: "image", items }));
    expect(statusCode).toBe(400);
    expect(body).toEqual({ error, message: expect.stringMatching(/^[A-Z].*\.$/u), index: 1 });
  });

  it("refuses an item that is no string with its place", async () => {
    const { statusCode, body } = await call('{"mode":"text","items":["a car",7]}');
    expect([statusCode, body.index]).toEqual([400, 1]);
  });

  it.each([
    ['{"mode":"video","items":[]}', "mode"],
    ['{"mode":"text"}', "items"],
    ['{"mode":"text","items":"a car"}', "items"],
    ["[]", "object"],
    ["null", "object"],
    [JSON.stringify({ mode: "text", items: Array(2_000).fill("a") }), "items may have at most"],
  ])("refuses %.40s and says what is wrong", async (payload, named) => {
    const { statusCode, body } = await call(payload);
    expect([statusCode, body.error]).toEqual([400, "InvalidRequest"]);
    expect(body.message).toContain(named);
  });
});

describe("the Lambda function clip-inference", () => {
  it("takes an event that is JSON as text", async () => {
    const event = JSON.stringify('{"mode":"text","items":["a red car"]}');
    expect(rowsOf(await invoke(event))).toHaveLength(1);
    const bad = await invoke(JSON.stringify("a red car"));
    expect([bad.statusCode, bad.body.message]).toEqual([400, "The event is not valid JSON."]);
  });

  it("answers within its time when the time is up", async () => {
    const left = { getRemainingTimeInMillis: () => 1_001, functionName: "clip-inference" };
    const items = Array(900).fill(picture.toString("base64"));
    const answer = await handler({ mode: "image", items }, left);
    expect(answer.statusCode).toBe(504);
    expect(JSON.parse(answer.body)).toMatchObject({ error: "Timeout" });
  });

  it("gives what npm run serve gives", async () => {
    const texts = '{"mode":"text","items":["a red car at night"]}';
    const [ofLambda, ofServe] = [rowsOf(await invoke(texts)), rowsOf(await post(texts))];
    expect(dot(ofLambda[0], ofServe[0])).toBeGreaterThan(0.99999);
  });
});

describe("npm run serve", () => {
  it("refuses what is not JSON, what is over 25 MB, and other paths", async () => {
    expect((await post("{")).statusCode).toBe(400);
    const huge = await fetch(`${served.url}/invocations`, {
      method: "POST",
      body: Buffer.alloc(26_300_000, "a"),
    });
    expect([huge.status, JSON.parse(await huge.text()).error]).toEqual([413, "InvalidRequest"]);
    expect((await fetch(`${served.url}/`)).status).toBe(404);
    expect((await fetch(`${served.url}/ping`)).status).toBe(200);
  });

  it("answers 503 to GET /ping while the model loads, and 200 from then on", async () => {
    const early = await startServeProcess({ CLIP_MODEL_DIR: model.folder }, { isReady: false });
    const first = await fetch(`${early.url}/ping`);
    expect([first.status, await first.json()]).toEqual([503, { status: "loading" }]);
    // A call that comes too early is answered once the model is there.
    const response = await fetch(`${early.url}/invocations`, {
      method: "POST",
      body: '{"mode":"text","items":["a car"]}',
    });
    expect(response.status).toBe(200);
    expect((await fetch(`${early.url}/ping`)).status).toBe(200);
    const { code, ms } = await early.stop();
    expect(code).toBe(0);
    expect(ms).toBeLessThan(10_000);
  });

  it("finds the model that SageMaker unpacked", async () => {
    const unpacked = await startServeProcess({ SM_ROOT: await model.asUnpacked() });
    const response = await fetch(`${unpacked.url}/ping`);
    expect(response.status).toBe(200);
    await unpacked.stop();
  });

  it("does not say that it is ready when its embeddings are not the golden ones", async () => {
    const wrong = await writeProvenModel({ seed: 2, goldenOf: model.folder });
    const failing = await startServeProcess({ CLIP_MODEL_DIR: wrong.folder }, { isReady: false });
    const response = await fetch(`${failing.url}/invocations`, {
      method: "POST",
      body: '{"mode":"text","items":["a car"]}',
    });
    expect(response.status).toBe(500);
    const ping = await fetch(`${failing.url}/ping`);
    expect([ping.status, await ping.json()]).toEqual([503, { status: "failed" }]);
    expect(failing.output()).toContain("cosine similarity");
    await Promise.all([failing.stop(), wrong.remove()]);
  });

  it("answers in a sentence when SageMaker's 60 s would not be enough", async () => {
    const app = createServeApp({
      openInference: clipServices.clipInference,
      log: quietLog,
      newId: () => "some-id",
      answerWithinMs: 5,
    });
    const items = Array(900).fill(picture.toString("base64"));
    const body = JSON.stringify({ mode: "image", items });
    const request = new Request("http://127.0.0.1/invocations", { method: "POST", body });
    const response = await app.fetch(request);
    expect([response.status, JSON.parse(await response.text()).error]).toEqual([504, "Timeout"]);
  });

  it("finishes at SIGTERM what it was asked before", async () => {
    const stopping = await startServeProcess({ CLIP_MODEL_DIR: model.folder });
    const items = Array(300).fill(picture.toString("base64"));
    const asked = fetch(`${stopping.url}/invocations`, {
      method: "POST",
      body: JSON.stringify({ mode: "image", items }),
    });
    await new Promise((resolve) => setTimeout(resolve, 100));
    const [response, ended] = await Promise.all([asked, stopping.stop()]);
    expect(response.status).toBe(200);
    expect(JSON.parse(await response.text()).embeddings).toHaveLength(300);
    expect(ended.code).toBe(0);
  });
});
