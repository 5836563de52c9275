import { Worker } from "node:worker_threads";
import { afterEach, describe, expect, it } from "vitest";
import { createEmbeddingPool } from "../../src/drivers/onnx/embedding-pool.ts";

/** A worker thread that answers with the text's length, and can be told to die, now or at first. */
const MORTAL = `
const { parentPort, workerData } = require("node:worker_threads");
const deaths = new Int32Array(workerData.deaths);
const log = new Int32Array(workerData.log);
if (workerData.diesAtStart) process.exit(1);
parentPort.on("message", (order) => {
  if (order.end) return parentPort.close();
  if (order.text === "slow") Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 150);
  if (order.text === "deadly") process.exit(1);
  if (order.text === "deadly once" && Atomics.add(deaths, 0, 1) === 0) process.exit(1);
  if (order.text.startsWith("mark ")) Atomics.store(log, Number(order.text.slice(5)), 1 + Atomics.add(deaths, 1, 1));
  const result = { embedding: Float32Array.of(order.text.length), isTruncated: false };
  parentPort.postMessage({ kind: "done", id: order.id, result });
});
parentPort.postMessage({ kind: "ready", dim: 1 });
`;

describe("a pool of workers", () => {
  const pools: { close(): Promise<void> }[] = [];
  afterEach(() => Promise.all(pools.splice(0).map((pool) => pool.close())));

  function openPool({ size = 2, diesAtStart = false, idleMs = 3_600_000 } = {}) {
    const deaths = new SharedArrayBuffer(8);
    const log = new SharedArrayBuffer(4 * 32);
    const started: Worker[] = [];
    const pool = createEmbeddingPool({
      size,
      idleMs,
      startWorker() {
        const worker = new Worker(MORTAL, {
          eval: true,
          workerData: { deaths, log, diesAtStart },
        });
        started.push(worker);
        return worker;
      },
    });
    pools.push(pool);
    const run = async (...texts: string[]) => {
      const rows = await pool.run(
        texts.map((text) => ({ text })),
        AbortSignal.timeout(20_000),
      );
      return rows.map(({ embedding }) => embedding[0]);
    };
    return { pool, started, run, log: new Int32Array(log) };
  }

  it("starts workers when there is work for them, and no more than it may", async () => {
    const { pool, started, run } = openPool();
    expect(started).toHaveLength(0);
    expect(await pool.warmUp()).toBe(1);
    expect(started).toHaveLength(1);
    await run("one");
    expect(started).toHaveLength(1);
    await run(...Array<string>(50).fill("many"));
    expect(started).toHaveLength(2);
  });

  it("answers in the order of the questions", async () => {
    const { run } = openPool();
    expect(await run("slow", "a", "bb", "ccc", "", "slow", "dddd")).toEqual([4, 1, 2, 3, 0, 4, 4]);
  });

  it("replaces a worker that dies, and tries what it had once more", async () => {
    const { started, run } = openPool({ size: 1 });
    expect(await run("a", "deadly once", "bb", "ccc", "dddd", "a")).toEqual([1, 11, 2, 3, 4, 1]);
    expect(started).toHaveLength(2);
  });

  it("gives up what kills every worker, and nothing else", async () => {
    const { run } = openPool({ size: 1 });
    const deadly = run("deadly");
    const others = run("a", "bb", "ccc", "dddd");
    await expect(deadly).rejects.toMatchObject({ kind: "unavailable" });
    expect(await others).toEqual([1, 2, 3, 4]);
    expect(await run("still here")).toEqual([10]);
  });

  it("says so when no worker comes up, and tries again when asked again", async () => {
    const { pool, started, run } = openPool({ diesAtStart: true });
    await expect(pool.warmUp()).rejects.toMatchObject({ kind: "unavailable" });
    await expect(run("a", "b", "c")).rejects.toMatchObject({ kind: "unavailable" });
    expect(started.length).toBeLessThanOrEqual(8);
  });

  it("lets a single question pass an ingest's many", async () => {
    const { run, log } = openPool({ size: 1 });
    const many = run("slow", ...Array.from({ length: 20 }, (_, at) => `mark ${at}`));
    const single = run("mark 31");
    await Promise.all([many, single]);
    expect(log[31]).toBeGreaterThan(0);
    expect(log[31]).toBeLessThan(6);
    expect(log[19]).toBe(21);
  });

  it("does not begin what nobody waits for any more", async () => {
    const { pool, run, log } = openPool({ size: 1 });
    const stop = new AbortController();
    const questions = ["slow", ...Array.from({ length: 20 }, (_, at) => `mark ${at}`)];
    const under = pool.run(
      questions.map((text) => ({ text })),
      stop.signal,
    );
    stop.abort(new Error("enough"));
    await expect(under).rejects.toThrow("enough");
    await run("last");
    expect(log.filter((mark) => mark > 0).length).toBeLessThanOrEqual(3);
  });

  it("ends workers that have nothing to do, and starts others when there is work again", async () => {
    const { started, run } = openPool({ size: 1, idleMs: 20 });
    await run("a");
    const [first] = started;
    // -1 once the thread is gone.
    await expect.poll(() => first?.threadId).toBe(-1);
    expect(await run("slow", "slow", "bb")).toEqual([4, 4, 2]);
    expect(started).toHaveLength(2);
  });

  it("ends its workers and what waits when it is closed", async () => {
    const { pool, started, run } = openPool();
    const waiting = run(...Array<string>(20).fill("slow"));
    const ended = expect(waiting).rejects.toMatchObject({ kind: "unavailable" });
    await pool.close();
    await ended;
    expect(started.every((worker) => worker.threadId === -1)).toBe(true);
    await expect(run("a")).rejects.toMatchObject({ kind: "unavailable" });
  });
});
