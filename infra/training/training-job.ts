import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { AtelierError } from "#core";
import { facts } from "./demo/scene-grammar.ts";
import { createVocabulary } from "./demo/vocabulary.ts";
import { type Hyperparameters, readHyperparameters } from "./hyperparameters.ts";
import type { TrainingFolders } from "./training-folders.ts";

const channelNames = ["training", "validation", "checkpoint"] as const;
type ChannelName = (typeof channelNames)[number];

/** What SageMaker was asked for. Folders of channels that are not there are null. */
export interface TrainingJob {
  hyperparameters: Hyperparameters;
  /** `training` and `validation`: scenes that write-scenes.ts wrote. `checkpoint`: to go on from. */
  channels: Readonly<Record<ChannelName, string | null>>;
}

const resourcesSchema = z.object({ hosts: z.array(z.string()).default([]) });
const channelConfigSchema = z.record(
  z.string(),
  z.object({ TrainingInputMode: z.string().default("File") }),
);
const shapeSchema = z.object({ vocabulary: z.number(), facts: z.object({ total: z.number() }) });

/** Reads and checks all of it before anything is paid for; rejects with `invalid_input`. */
export async function readTrainingJob(folders: TrainingFolders): Promise<TrainingJob> {
  const hyperparameters = readHyperparameters(await readText(folders.hyperparameters));
  const { hosts } = await readConfig(folders.resources, resourcesSchema, {});
  if (hosts.length > 1) {
    throw invalid(
      `This trains on one instance and was given ${hosts.length}. Set InstanceCount to 1.`,
    );
  }
  await requireKnownFiles(folders);
  const channels = {
    training: await findChannel(folders, "training", "shape.json"),
    validation: await findChannel(folders, "validation", "shape.json"),
    checkpoint: await findChannel(folders, "checkpoint", "plan.json"),
  };
  for (const folder of [channels.training, channels.validation]) {
    if (folder !== null) await requireOurScenes(folder);
  }
  return { hyperparameters, channels };
}

async function requireKnownFiles({ channels, channelConfig }: TrainingFolders): Promise<void> {
  const config = await readConfig(channelConfig, channelConfigSchema, {});
  const piped = Object.entries(config).find(([, each]) => each.TrainingInputMode === "Pipe");
  if (piped !== undefined) {
    throw invalid(`The channel ${piped[0]} comes as a pipe. Set its InputMode to File.`);
  }
  const names: readonly string[] = channelNames;
  const given = [...Object.keys(config), ...(await foldersOf(channels))];
  const unknown = given.find((name) => !names.includes(name));
  if (unknown === undefined) return;
  const which = names.join(", ");
  throw invalid(`There is no channel ${unknown}. There are ${which}, each of them optional.`);
}

async function findChannel(
  { channels }: TrainingFolders,
  name: ChannelName,
  file: string,
): Promise<string | null> {
  if (!(await foldersOf(channels)).includes(name)) return null;
  const folder = join(channels, name);
  if ((await readdir(folder)).includes(file)) return folder;
  throw invalid(`The channel ${name} has no ${file}. See infra/training/README.md for its files.`);
}

/** Scenes are numbers of our words and facts: those of another version would mean other things. */
async function requireOurScenes(folder: string): Promise<void> {
  const shape = await readConfig(join(folder, "shape.json"), shapeSchema, null);
  if (shape.vocabulary === createVocabulary().size && shape.facts.total === facts.total) return;
  throw invalid(
    `The scenes in ${folder} were written by another version: their words are not these. Leave the channel out, and they are drawn here.`,
  );
}

async function readConfig<S extends z.ZodType>(
  file: string,
  schema: S,
  absent: unknown,
): Promise<z.output<S>> {
  const text = await readText(file);
  try {
    return schema.parse(text === null ? absent : JSON.parse(text));
  } catch (cause) {
    throw invalid(`${file} is not as SageMaker or write-scenes.ts writes it.`, cause);
  }
}

async function readText(file: string): Promise<string | null> {
  return readFile(file, "utf8").catch((thrown: unknown) => absentAs(null, thrown));
}

async function foldersOf(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((thrown: unknown) =>
    absentAs([], thrown),
  );
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
}

function absentAs<T>(value: T, thrown: unknown): T {
  if (thrown instanceof Error && "code" in thrown && thrown.code === "ENOENT") return value;
  throw thrown;
}

function invalid(message: string, cause?: unknown): AtelierError {
  return new AtelierError("invalid_input", message, { cause });
}
