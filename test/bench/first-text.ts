import { spawn } from "node:child_process";
import { join } from "node:path";
import { median } from "./measure.ts";
import { ms, type Row } from "./table.ts";

const ROUNDS = 5;
const entry = join(import.meta.dirname, "first-text-process.ts");
const demo = join(import.meta.dirname, "../../infra/demo/model");

/** From the start of a process to its first text's embedding, with the demo model and with ViT-B/32. */
export async function measureFirstText(folder: string): Promise<Row[]> {
  const rows: Row[] = [];
  for (const [name, path] of [
    ["demo", demo],
    ["ViT-B/32 int8", folder],
  ] as const) {
    const times: number[] = [];
    for (let round = 0; round < ROUNDS; round++) times.push(await startOnce(path));
    rows.push({ what: `process start to first text, ${name}`, value: ms(median(times)) });
  }
  return rows;
}

async function startOnce(folder: string): Promise<number> {
  const startMs = performance.now();
  const child = spawn(process.execPath, ["--no-warnings", "--import", "tsx", entry, folder], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = new Promise((resolve) => child.once("close", resolve));
  const firstMs = await new Promise<number>((resolve, reject) => {
    child.stdout.once("data", () => resolve(performance.now() - startMs));
    child.once("close", () => reject(new Error(`No embedding came from ${folder}.`)));
  });
  await ended;
  return firstMs;
}
