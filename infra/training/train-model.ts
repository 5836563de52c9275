import { cp, mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { metricsIn } from "./metrics.ts";
import { runStage, type StageCommand } from "./run-stage.ts";
import {
  keepCheckpoint,
  openCheckpoint,
  TRAINING_STATE,
  type TrainingPlan,
  WEIGHTS,
} from "./training-checkpoint.ts";
import type { TrainingFolders } from "./training-folders.ts";
import { readTrainingJob, type TrainingJob } from "./training-job.ts";

/** Of the same seeds as train.sh, which made the built-in model. */
const HELD_OUT_SCENES_SEED = 90_000_001;
const TRAIN_SEED_OFFSET = 99;
/** SageMaker ends a training by force 120 s after SIGTERM; a step and its checkpoint take seconds. */
const STAGE_STOP_MS = 90_000;

/** How a stage's script is started: those of Node with this process's own, the others with Python. */
export interface StagePrograms {
  script(name: string, args: readonly string[]): Omit<StageCommand, "name">;
  python(name: string, args: readonly string[]): Omit<StageCommand, "name">;
}

/**
 * Trains the demo model's kind of dual encoder as SageMaker asks for it, and leaves a folder that
 * `npm run serve` and `CLIP_MODEL_DIR` take in `folders.model`. Rejects with the signal's reason
 * when it was stopped: the checkpoint is kept then, and the same call goes on from there.
 */
export async function trainModel({
  folders,
  programs,
  processors,
  signal,
  print,
}: {
  folders: TrainingFolders;
  programs: StagePrograms;
  processors: number;
  signal: AbortSignal;
  print: (line: string) => void;
}): Promise<void> {
  const job = await readTrainingJob(folders);
  const plan = await openCheckpoint(folders, job, processors);
  print(`training with ${JSON.stringify(plan)}`);
  const scratch = await mkdtemp(join(tmpdir(), "atelier-training-"));
  const measured: Record<string, number> = {};
  const startMs = performance.now();
  const run = (name: string, command: Omit<StageCommand, "name">) => {
    print(`stage: ${name}`);
    return runStage(
      { name, ...command },
      {
        signal,
        graceMs: STAGE_STOP_MS,
        print(line) {
          Object.assign(measured, metricsIn(line));
          print(line);
        },
      },
    );
  };
  try {
    const model = join(scratch, "model");
    await makeModel({ folders, programs, job, plan, scratch, model, run });
    const about = {
      ...plan,
      seconds: Math.round((performance.now() - startMs) / 1000),
      measured,
    };
    await writeFile(join(model, "training.json"), `${JSON.stringify(about, null, 1)}\n`);
    await mkdir(folders.model, { recursive: true });
    // Only now, and only what is complete: SageMaker packs whatever lies there.
    await cp(model, folders.model, { recursive: true });
    print(`the model is in ${folders.model}: ${(await readdir(folders.model)).join(", ")}`);
  } catch (thrown) {
    if (signal.aborted) await keepCheckpoint(folders);
    throw thrown;
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

async function makeModel({
  folders,
  programs: { script, python },
  job,
  plan,
  scratch,
  model,
  run,
}: {
  folders: TrainingFolders;
  programs: StagePrograms;
  job: TrainingJob;
  plan: TrainingPlan;
  scratch: string;
  model: string;
  run: (name: string, command: Omit<StageCommand, "name">) => Promise<void>;
}): Promise<void> {
  const { hyperparameters: given, workers } = plan;
  await run("looking for PyTorch", python("needs", []));
  const heldOut = job.channels.validation ?? join(scratch, "held-out");
  if (job.channels.validation === null) {
    const seed = HELD_OUT_SCENES_SEED;
    const args = [heldOut, given.held_out_scenes, seed, "held-out"].map(String);
    await run("drawing the held-out scenes", script("write-scenes", args));
  }
  const weights = join(folders.checkpoints, WEIGHTS);
  if (!(await readdir(folders.checkpoints)).includes(WEIGHTS)) {
    const scenes = job.channels.training ?? join(scratch, "training");
    if (job.channels.training === null) {
      const args = [scenes, given.scenes, given.seed, "training"].map(String);
      await run("drawing the scenes", script("write-scenes", args));
    }
    const options = {
      images: given.steps * given.batch_size,
      batch: given.batch_size,
      rate: given.learning_rate,
      seed: given.seed + TRAIN_SEED_OFFSET,
      workers,
      checkpoint: join(folders.checkpoints, TRAINING_STATE),
      every: given.checkpoint_steps,
    };
    const flags = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
    await run("training", python("train", [scenes, heldOut, weights, ...flags]));
    if (job.channels.training === null) await rm(scenes, { recursive: true });
  }
  await mkdir(model, { recursive: true });
  await run("writing the graphs", python("export", [weights, heldOut, model]));
  await run("writing the folder", script("write-folder", [model]));
  await run("measuring the floors", script("write-manifest", [model, String(given.floor_frames)]));
}
