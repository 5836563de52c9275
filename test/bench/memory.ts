import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expectDone, openChannel } from "./channel-client.ts";
import { median, timeMs } from "./measure.ts";
import { type ServerProcess, startServerProcess } from "./server-process.ts";
import { megabytes, ms, type Section } from "./table.ts";

const STARTS = 3;
const SETTLE_MS = 10_000;
const PICTURES = 100;
const SAMPLE_MS = 50;

/** The process of `npm start` with nothing set: how fast it is there and what it occupies. */
export async function measureProcess(): Promise<Section> {
  const folder = await mkdtemp(join(tmpdir(), "atelier-bench-"));
  const environment = { DATA_DIR: folder };
  try {
    const starts: number[] = [];
    for (let n = 1; n < STARTS; n++) {
      const server = await startServerProcess(environment);
      starts.push(server.firstAnswerMs);
      await server.stop();
    }
    const server = await startServerProcess(environment);
    starts.push(server.firstAnswerMs);
    try {
      await sleep(SETTLE_MS);
      const idle = await server.memoryBytes();
      const { peak, tookMs } = await drawMany(server);
      await sleep(SETTLE_MS);
      const after = await server.memoryBytes();
      return {
        heading: "The process of npm start (built-in sketch model)",
        rows: [
          {
            what: `from its start to the first answer, median of ${STARTS}`,
            value: ms(median(starts)),
            beside: "the first of them with an empty data folder",
          },
          {
            what: "memory when idle",
            value: megabytes(idle),
            beside: "resident, with child processes; target: at most 200 MB",
          },
          {
            what: `memory while ${PICTURES} sketches are asked for at once, peak`,
            value: megabytes(peak),
            beside: `they took ${(tookMs / 1_000).toFixed(1)} s`,
          },
          { what: "memory 10 s later", value: megabytes(after) },
        ],
      };
    } finally {
      await server.stop();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function drawMany(server: ServerProcess): Promise<{ peak: number; tookMs: number }> {
  const channel = await openChannel(server.url, "many");
  let peak = 0;
  const sampling = new AbortController();
  const samples = (async () => {
    while (!sampling.signal.aborted) {
      peak = Math.max(peak, await server.memoryBytes());
      await sleep(SAMPLE_MS);
    }
  })();
  const tookMs = await timeMs(() =>
    Promise.all(
      Array.from({ length: PICTURES }, (_, n) =>
        expectDone(channel.run(`/imagine a red fox and ${n} stars`, `person ${n}`)),
      ),
    ),
  );
  sampling.abort();
  await samples;
  channel.close();
  return { peak, tookMs };
}
