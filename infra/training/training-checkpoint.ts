import { cp, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { AtelierError } from "#core";
import type { Hyperparameters } from "./hyperparameters.ts";
import type { TrainingFolders } from "./training-folders.ts";
import type { TrainingJob } from "./training-job.ts";

/** Names of what a checkpoint consists of. */
export const TRAINING_STATE = "training.pt";
export const WEIGHTS = "weights.pt";
const PLAN = "plan.json";

/** A stopped training's checkpoint below the model folder, where no `CheckpointConfig` keeps it. */
const KEPT_BELOW_MODEL = "checkpoint";

/** What has to be the same for a training to be gone on with. */
export interface TrainingPlan {
  hyperparameters: Hyperparameters;
  /** Each has its own order of scenes, so another number would be another training. */
  workers: number;
  /** Whether the scenes are the channel's or drawn here. */
  hasOwnScenes: boolean;
}

const planSchema = z.object({
  hyperparameters: z.record(z.string(), z.number()),
  workers: z.number(),
  hasOwnScenes: z.boolean(),
});

/**
 * The plan of this training: that of the checkpoint where there is one, from `checkpoints` or
 * else from the channel `checkpoint`. Rejects with `invalid_input` when the checkpoint is of a
 * training with other hyperparameters.
 */
export async function openCheckpoint(
  folders: TrainingFolders,
  { hyperparameters, channels }: TrainingJob,
  processors: number,
): Promise<TrainingPlan> {
  await mkdir(folders.checkpoints, { recursive: true });
  let earlier = await readPlan(folders.checkpoints);
  if (earlier === null && channels.checkpoint !== null) {
    await cp(channels.checkpoint, folders.checkpoints, { recursive: true });
    earlier = await readPlan(folders.checkpoints);
  }
  const most = Math.max(1, Math.floor(hyperparameters.batch_size / 32));
  const plan: TrainingPlan = {
    hyperparameters,
    workers: hyperparameters.workers ?? earlier?.workers ?? Math.min(processors, most),
    hasOwnScenes: channels.training === null,
  };
  if (earlier !== null) requireSame(plan, earlier, folders.checkpoints);
  await writeFile(join(folders.checkpoints, PLAN), `${JSON.stringify(plan, null, 1)}\n`);
  return plan;
}

/** Puts what a stopped training has so far where SageMaker keeps it in any case. */
export async function keepCheckpoint({ checkpoints, model }: TrainingFolders): Promise<void> {
  const names = await readdir(checkpoints);
  if (!names.includes(TRAINING_STATE) && !names.includes(WEIGHTS)) return;
  await cp(checkpoints, join(model, KEPT_BELOW_MODEL), { recursive: true });
}

async function readPlan(folder: string): Promise<z.infer<typeof planSchema> | null> {
  if (!(await readdir(folder)).includes(PLAN)) return null;
  const file = join(folder, PLAN);
  try {
    return planSchema.parse(JSON.parse(await readFile(file, "utf8")));
  } catch (cause) {
    const sentence = `${file} is damaged. Empty the checkpoint's S3 location to train from the start.`;
    throw new AtelierError("invalid_input", sentence, { cause });
  }
}

function requireSame(
  plan: TrainingPlan,
  earlier: z.infer<typeof planSchema>,
  folder: string,
): void {
  const now: Record<string, number | boolean | undefined> = {
    ...plan.hyperparameters,
    workers: plan.workers,
    "scenes of a channel": !plan.hasOwnScenes,
  };
  const before: Record<string, number | boolean | undefined> = {
    ...earlier.hyperparameters,
    workers: earlier.workers,
    "scenes of a channel": !earlier.hasOwnScenes,
  };
  const other = Object.keys(now).filter((name) => now[name] !== before[name]);
  if (other.length === 0) return;
  const list = other.map((name) => `${name} was ${before[name]} and is now ${now[name]}`);
  throw new AtelierError(
    "invalid_input",
    `The checkpoint in ${folder} is of another training: ${list.join(", ")}. Use the same hyperparameters, or an empty CheckpointConfig location.`,
  );
}
