import { cp, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { until } from "../fixtures/until.ts";
import { type AtelierProcess, atelierProcesses, START_TIMEOUT_MS } from "./atelier-process.ts";

const demoModel = fileURLToPath(new URL("../../infra/demo/model", import.meta.url));
const film = new URL("../../infra/demo/videos/home-for-the-winter.mp4", import.meta.url);
const processes = atelierProcesses();

/** The demo model under another name, with another file of weights: it gives the same, in another space. */
async function otherModel(dataDir: string, name: string): Promise<void> {
  const folder = join(dataDir, "models", name);
  await cp(demoModel, folder, { recursive: true });
  const weights = join(folder, "onnx", "vision_model.onnx");
  // A model's `doc_string`, protobuf field 6.
  const remark = Buffer.from([0x32, 1, 0x21]);
  await writeFile(weights, Buffer.concat([await readFile(weights), remark]));
}

/** The segments of each space, by the space's name. */
async function segments(dataDir: string): Promise<Map<string, string[]>> {
  const root = join(dataDir, "blobs", "index");
  const entries = await readdir(root, { withFileTypes: true });
  const lists = await Promise.all(
    entries
      .filter((entry) => entry.isDirectory())
      .map(async ({ name }) => [name, await readdir(join(root, name)).catch(() => [])] as const),
  );
  return new Map(lists.filter(([, files]) => files.length > 0));
}

async function firstMoment(atelier: AtelierProcess) {
  const text = "/findframe a red car in the city at night --in Winter";
  const { card, error } = await atelier.command(text, { user: "ana" });
  return [
    card?.images[0]?.alt ?? error?.message ?? JSON.stringify(card),
    card?.notices.join() ?? "",
  ] as const;
}

describe("another CLIP_MODEL", () => {
  it("indexes anew in the background while the old index answers, and leaves one index", {
    timeout: 3 * START_TIMEOUT_MS,
  }, async () => {
    const dataDir = await processes.newFolder();
    await otherModel(dataDir, "other");
    const before = await processes.start({ dataDir, environment: { CLIP_MODEL: "other" } });
    const { body } = await before.postAttachment(await readFile(film), "video/mp4", "w.mp4");
    const attachments = [String(body.id)];
    const added = await before.command("/addvideo --title Winter", { user: "ana", attachments });
    expect(added.card?.text).toMatch(/^Ready/u);
    const videoId = /videos\/(\w{16})/u.exec(added.card?.fields[0]?.moment_url ?? "")?.[1];
    const file = `${videoId}.seg`;
    const [old] = [...(await segments(dataDir))].find(([, files]) => files.includes(file)) ?? [];
    expect(old).toBeDefined();
    await before.stop();

    const after = await processes.start({ dataDir });
    await until(async () => {
      const [moment, notices] = await firstMoment(after);
      expect(moment).toMatch(/^Winter, 0:0[0-3] \(strong match\)$/u);
      expect(notices).not.toContain("not searched yet");
      const spaces = await segments(dataDir);
      const holds = [...spaces].filter(([, files]) => files.includes(file));
      return holds.length === 1 && holds[0]?.[0] !== old;
    }, 30_000);
    expect((await firstMoment(after))[0]).toMatch(/^Winter, 0:0[0-3] \(strong match\)$/u);
  });
});
