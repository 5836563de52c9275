import { execFileSync, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bundleImage } from "../../infra/bundle/image-bundle.ts";
import { startServeProcess } from "../servers/serve-process.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const PYTHON = "/usr/bin/python3";
/** A few seconds of training: enough for every stage, far from enough to learn anything. */
const small = {
  scenes: "500",
  held_out_scenes: "100",
  steps: "16",
  batch_size: "64",
  workers: "2",
  floor_frames: "100",
  checkpoint_steps: "2",
};
const TRAINING_MS = 240_000;

function hasTorch(): boolean {
  try {
    execFileSync(
      PYTHON,
      ["-c", "import importlib.util as u; assert u.find_spec('torch') and u.find_spec('onnx')"],
      { stdio: "ignore" },
    );
    return true;
  } catch {
    return false;
  }
}

let folder: string;
let entry: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "atelier-train-"));
  const context = join(folder, "image");
  await bundleImage(context);
  await symlink(join(root, "node_modules"), join(context, "node_modules"));
  entry = join(context, "lambda-runtime.mjs");
});
afterAll(() => rm(folder, { recursive: true }));

async function job(name: string, hyperparameters: object): Promise<string> {
  const place = join(folder, name);
  await mkdir(join(place, "input/config"), { recursive: true });
  const file = join(place, "input/config/hyperparameters.json");
  await writeFile(file, JSON.stringify(hyperparameters));
  return place;
}

/** Runs a job as SageMaker does; with `stopAt`, SIGTERM once it writes such a line. */
async function train(place: string, { stopAt }: { stopAt?: RegExp } = {}) {
  const child = spawn(process.execPath, [entry, "train"], {
    cwd: folder,
    env: { PATH: process.env.PATH, SM_ROOT: place, HOME: folder },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const endWithUs = () => child.kill("SIGKILL");
  process.once("exit", endWithUs);
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on("line", (line) => {
      lines.push(line);
      if (stopAt?.test(line)) child.kill("SIGTERM");
    });
  }
  const [code] = await once(child, "close");
  process.off("exit", endWithUs);
  return { code, output: lines.join("\n") };
}

const failureOf = (place: string) => readFile(join(place, "output/failure"), "utf8");
const hashOf = async (file: string) =>
  createHash("sha256")
    .update(await readFile(file))
    .digest("hex");

describe("a training job that cannot be", () => {
  it.each([
    ["a bad hyperparameter", "bad", { steps: "many" }, "steps takes a whole number from 4"],
    ["a misspelt hyperparameter", "misspelt", { step: "9" }, "did you mean steps?"],
  ])("ends at once with %s, and says what to do", async (_what, name, given, sentence) => {
    const place = await job(name, { ...small, ...given });
    const { code } = await train(place);
    expect(code).toBe(1);
    expect((await failureOf(place)).slice(0, 1_024)).toContain(sentence);
    expect(existsSync(join(place, "model"))).toBe(false);
  });

  it.each([
    ["inputdataconfig.json", '{"training":{"TrainingInputMode":"Pipe"}}', "InputMode to File"],
    [
      "inputdataconfig.json",
      '{"train":{"TrainingInputMode":"File"}}',
      "There is no channel train.",
    ],
    [
      "resourceconfig.json",
      '{"current_host":"algo-1","hosts":["algo-1","algo-2"]}',
      "InstanceCount",
    ],
  ])("is refused for what %s says: %s", async (file, text, sentence) => {
    const place = await job(`config-${sentence.length}`, small);
    await writeFile(join(place, "input/config", file), text);
    expect((await train(place)).code).toBe(1);
    expect(await failureOf(place)).toContain(sentence);
  });

  it("is refused for scenes that other code has written", async () => {
    const place = await job("foreign", small);
    const channel = join(place, "input/data/training");
    await mkdir(channel, { recursive: true });
    await writeFile(join(channel, "shape.json"), '{"vocabulary":3,"facts":{"total":7}}');
    expect((await train(place)).code).toBe(1);
    expect(await failureOf(place)).toContain("Leave the channel out");
  });

  it("says what is missing where Python has no PyTorch", async () => {
    const place = await job("bare", small);
    const bare = spawn(process.execPath, [entry, "train"], {
      cwd: folder,
      env: { PATH: process.env.PATH, SM_ROOT: place, HOME: folder, PYTHON: "/no/such/python" },
      stdio: "ignore",
    });
    const [code] = await once(bare, "close");
    expect(code).toBe(1);
    expect((await failureOf(place)).slice(0, 200)).toContain("apt-get install python3-torch");
  });
});

describe.skipIf(!hasTorch())("a training job", () => {
  let whole: Awaited<ReturnType<typeof train>>;
  let place: string;

  beforeAll(async () => {
    place = await job("whole", small);
    whole = await train(place);
  }, TRAINING_MS);

  it("ends with 0 and leaves a whole model folder, and what it was made with", async () => {
    expect(whole.output).toContain("the model is in");
    expect(whole.code).toBe(0);
    expect((await readdir(join(place, "model"))).sort()).toEqual([
      "atelier.json",
      "config.json",
      "golden",
      "onnx",
      "preprocessor_config.json",
      "tokenizer.json",
      "tokenizer_config.json",
      "training.json",
    ]);
    const about = JSON.parse(await readFile(join(place, "model/training.json"), "utf8"));
    expect(about).toMatchObject({
      hyperparameters: { steps: 16, scenes: 500 },
      measured: { "train:step": 16, "train:loss": expect.any(Number) },
    });
    expect(about.measured["validation:full_r1"]).toBeGreaterThanOrEqual(0);
    expect(existsSync(join(place, "output/failure"))).toBe(false);
  });

  it("tells its metrics as the metric definitions find them", () => {
    const printed = execFileSync(process.execPath, [entry, "train", "metrics"], {
      encoding: "utf8",
    });
    const definitions: { Name: string; Regex: string }[] = JSON.parse(printed);
    expect(definitions.length).toBeLessThanOrEqual(40);
    for (const { Name, Regex } of definitions) {
      expect(new RegExp(Regex, "u").exec(whole.output)?.[1], Name).toMatch(/^\d+(\.\d+)?$/u);
    }
  });

  it("leaves what serve answers with", async () => {
    const served = await startServeProcess({ SM_ROOT: place }, { command: [entry, "serve"] });
    const response = await fetch(`${served.url}/invocations`, {
      method: "POST",
      body: '{"mode":"text","items":["a red car at night"]}',
    });
    const { space, embeddings } = JSON.parse(await response.text());
    expect(embeddings[0]).toHaveLength(512);
    // Not the one that is built in.
    expect(space).toMatch(/^demo-\w{8}-p\d$/u);
    const builtIn = await readFile(
      join(root, "infra/demo/videos/a77b594ef6039c3e/frames.json"),
      "utf8",
    );
    expect(builtIn).not.toContain(space);
    await served.stop();
  });

  it(
    "that is stopped at any time goes on from there, to the weights it would have had",
    async () => {
      const scenes = join(folder, "scenes");
      const write = join(folder, "image/training/demo/write-scenes.mjs");
      const sets = {
        training: [small.scenes, "1", "training"],
        validation: ["100", "90000001", "held-out"],
      };
      for (const [channel, args] of Object.entries(sets)) {
        execFileSync(process.execPath, [write, join(scenes, channel), ...args]);
      }
      const stopped = await job("stopped", small);
      await cp(scenes, join(stopped, "input/data"), { recursive: true });
      const first = await train(stopped, { stopAt: /^step=1 / });
      expect(first.code, first.output).toBe(143);
      expect(existsSync(join(stopped, "output/failure"))).toBe(false);
      // Where the job keeps no checkpoints, model.tar.gz has it.
      expect(await readdir(join(stopped, "model"))).toEqual(["checkpoint"]);

      const again = await job("again", small);
      await cp(scenes, join(again, "input/data"), { recursive: true });
      const channel = join(again, "input/data/checkpoint");
      await cp(join(stopped, "model/checkpoint"), channel, { recursive: true });
      const second = await train(again, { stopAt: /^stage: writing the graphs/ });
      expect(second.code, second.output).toBe(143);
      expect(second.output).not.toContain("stage: drawing");
      expect(second.output).toMatch(/^going on after step=([1-9]|1[0-5])$/mu);
      const kept = join(again, "model/checkpoint/weights.pt");
      expect(await hashOf(kept)).toBe(await hashOf(join(place, "checkpoints/weights.pt")));
    },
    TRAINING_MS,
  );

  it("does not go on with the checkpoint of another", async () => {
    const other = await job("other", { ...small, seed: "2" });
    await cp(join(place, "checkpoints"), join(other, "checkpoints"), { recursive: true });
    expect((await train(other)).code).toBe(1);
    expect(await failureOf(other)).toContain("seed was 1 and is now 2");
  });
});
