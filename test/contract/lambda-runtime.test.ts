import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type LambdaEnvironment, startLambdaEnvironment } from "../servers/lambda-environment.ts";

const ENTRY = fileURLToPath(new URL("../../infra/container/lambda-runtime.ts", import.meta.url));
const TSX = createRequire(import.meta.url).resolve("tsx");
const ARN = "arn:aws:lambda:us-west-2:123456789012:function:team-echo";

const handlers = `
let calls = 0;
export const echo = async (event, context) => {
  const { getRemainingTimeInMillis, ...facts } = context;
  const leftMs = getRemainingTimeInMillis();
  return { event, facts, leftMs, trace: process.env._X_AMZN_TRACE_ID, pid: process.pid, calls: ++calls };
};
export const nothing = async () => {};
export const fails = async ({ isBad }) => {
  if (!isBad) return process.pid;
  throw new RangeError("The cat is out of range.");
};
export const circular = async () => { const it = {}; it.self = it; return it; };
export const large = async () => "a".repeat(7_000_000);
export const explodes = async ({ isBad }) => {
  if (isBad) { setTimeout(() => { throw new TypeError("Nobody caught this."); }); await new Promise(() => {}); }
  return "well";
};
export const rejects = () => { Promise.reject(new TypeError("Nobody awaited this.")); return new Promise(() => {}); };
export const number = 7;
`;

let folder: string;
let environment: LambdaEnvironment | null = null;
let output: string[] = [];
const problems: string[] = [];
let isEnded = false;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "atelier-runtime-"));
  await writeFile(join(folder, "handlers.mjs"), handlers);
  await writeFile(join(folder, "broken.mjs"), 'throw new Error("There is no cat to start with.");');
});
afterAll(() => rm(folder, { recursive: true }));
afterEach(async () => {
  await environment?.kill();
  environment = null;
});

async function start(handler: string): Promise<LambdaEnvironment> {
  [output, isEnded] = [[], false];
  environment = await startLambdaEnvironment(
    {
      functionName: "team-echo",
      functionArn: ARN,
      command: [process.execPath, "--no-warnings", "--import", TSX, ENTRY, handler],
      folder,
      environment: { AWS_LAMBDA_FUNCTION_MEMORY_SIZE: "512" },
      timeoutMs: 20_000,
    },
    {
      onLine: (line) => output.push(line),
      onProblem: (problem) => problems.push(problem),
      onEnd: () => {
        isEnded = true;
      },
    },
  );
  return environment;
}

/** Its answer, or the report of its failure. */
async function ask(lambda: LambdaEnvironment, event: object = {}) {
  const { payload, isFailed } = await lambda.invoke(JSON.stringify(event));
  return { isFailed, answer: JSON.parse(payload) };
}

describe("the image's Lambda runtime", () => {
  it("gives a handler its event and Lambda's facts, one event after the other", async () => {
    const lambda = await start("handlers.echo");
    const first = await ask(lambda, { who: "Ana" });
    const second = await ask(lambda, { who: "Ben" });
    expect([first.isFailed, second.isFailed]).toEqual([false, false]);
    expect(first.answer).toMatchObject({
      event: { who: "Ana" },
      calls: 1,
      facts: {
        functionName: "team-echo",
        functionVersion: "$LATEST",
        invokedFunctionArn: ARN,
        memoryLimitInMB: "512",
        logGroupName: "/aws/lambda/team-echo",
        awsRequestId: expect.stringMatching(/^[0-9a-f-]{36}$/u),
      },
      trace: expect.stringMatching(/^Root=1-.*;Sampled=0$/u),
    });
    expect(first.answer.leftMs).toBeGreaterThan(1_000);
    expect(first.answer.leftMs).toBeLessThanOrEqual(20_000);
    expect(second.answer).toMatchObject({ event: { who: "Ben" }, calls: 2, pid: first.answer.pid });
    expect(second.answer.trace).not.toBe(first.answer.trace);
  });

  it("answers null for a handler that returns nothing", async () => {
    expect(await ask(await start("handlers.nothing"))).toEqual({ isFailed: false, answer: null });
  });

  it("reports and logs what a handler throws, and goes on", async () => {
    const lambda = await start("handlers.fails");
    expect(await ask(lambda, { isBad: true })).toEqual({
      isFailed: true,
      answer: {
        errorType: "RangeError",
        errorMessage: "The cat is out of range.",
        stackTrace: expect.arrayContaining([expect.stringContaining("handlers.mjs")]),
      },
    });
    expect(await ask(lambda)).toEqual({ isFailed: false, answer: lambda.pid });
    const [line = ""] = output;
    expect(JSON.parse(line)).toMatchObject({
      level: "error",
      requestId: expect.any(String),
      err: { name: "RangeError", message: "The cat is out of range." },
    });
  });

  it.each([
    ["an answer that is no JSON", "circular", "TypeError"],
    ["an answer over 6 MB", "large", "Function.ResponseSizeTooLarge"],
  ])("reports %s", async (_what, handler, errorType) => {
    const { isFailed, answer } = await ask(await start(`handlers.${handler}`));
    expect([isFailed, answer.errorType]).toEqual([true, errorType]);
  });

  it.each([
    ["an error that nobody caught", "explodes", "Nobody caught this."],
    ["a rejection that nobody awaited", "rejects", "Nobody awaited this."],
  ])("reports %s to who waits, and ends the process", async (_what, handler, message) => {
    const lambda = await start(`handlers.${handler}`);
    const { isFailed, answer } = await ask(lambda, { isBad: true });
    expect([isFailed, answer.errorMessage]).toEqual([true, message]);
    await expect.poll(() => isEnded).toBe(true);
  });

  it.each([
    ["no file", "missing.handler", "Runtime.ImportModuleError", "There is no missing.mjs"],
    ["no export", "handlers.absent", "Runtime.HandlerNotFound", 'no function "absent"'],
    ["no function", "handlers.number", "Runtime.HandlerNotFound", 'no function "number"'],
    ["no name of an export", "handlers", "Runtime.MalformedHandlerName", "worker.handler"],
    ["a file that fails", "broken.handler", "Error", "There is no cat to start with."],
  ])("tells Lambda that it cannot start with %s", async (_what, handler, type, message) => {
    const { isFailed, answer } = await ask(await start(handler));
    expect([isFailed, answer.errorType]).toEqual([true, type]);
    expect(answer.errorMessage).toContain(message);
    await expect.poll(() => isEnded).toBe(true);
  });

  it("does nothing that the Runtime API refuses", () => {
    expect(problems).toEqual([]);
  });
});

describe("the image's entry", () => {
  async function run(args: readonly string[]) {
    const child = spawn(process.execPath, ["--no-warnings", "--import", TSX, ENTRY, ...args], {
      env: { PATH: process.env.PATH },
      cwd: folder,
    });
    const written: string[] = [];
    child.stderr.on("data", (chunk) => written.push(String(chunk)));
    const [code] = await once(child, "close");
    return { code, text: written.join("") };
  }

  it("says what to do where there is no Lambda", async () => {
    const { code, text } = await run(["worker.handler"]);
    expect(code).toBe(1);
    expect(text).toContain("Start the image with serve or train.");
  });
});
