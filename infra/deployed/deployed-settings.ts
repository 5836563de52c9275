import { tmpdir } from "node:os";
import { join } from "node:path";
import { AtelierError } from "#core";
import { createSsmClient } from "../../src/drivers/aws/ssm-client.ts";
import { readSsmParameters } from "../../src/drivers/aws/ssm-parameters.ts";
import {
  type Environment,
  type LoadedSettings,
  readEnvironment,
  readSettings,
  type Settings,
  SettingsError,
} from "../settings.ts";
import { isOnAws, settingsSchema } from "../settings-schema.ts";

/** The functions that read their settings here, each with the parts that it works with. */
export type DeployedFunction = "webhook" | "worker" | "dead-letter" | "generate";

const CONNECT_WITHIN_MS = 1_000;
const ANSWER_WITHIN_MS = 2_000;

/**
 * The settings of a deployed function: its environment, and the secrets that SECRET_PARAMETERS
 * names. Call it once per cold start. Rejects with SettingsError that names each bad setting,
 * embedded parts included, or as `readSsmParameters`.
 */
export async function loadDeployedSettings(
  name: DeployedFunction,
  environment: Environment = readEnvironment(),
): Promise<LoadedSettings> {
  const loaded = readSettings({ ...environment, ...(await readSecrets(environment)) });
  const problems = findUndeployable(name, loaded.settings);
  if (problems.length > 0) throw new SettingsError(problems);
  // Of a function's file system only the temporary folder can be written.
  const DATA_DIR = join(tmpdir(), "atelier");
  return { ...loaded, settings: { ...loaded.settings, DATA_DIR } };
}

async function readSecrets({
  SECRET_PARAMETERS = "",
  AWS_REGION,
}: Environment): Promise<Environment> {
  const list = settingsSchema.shape.SECRET_PARAMETERS.safeParse(SECRET_PARAMETERS);
  // With all the others, what is wrong with it is said later.
  if (!list.success || list.data.length === 0) return {};
  const settingOf = settingsByParameter(list.data);
  const client = createSsmClient({
    region: AWS_REGION,
    connectMs: CONNECT_WITHIN_MS,
    requestMs: ANSWER_WITHIN_MS,
  });
  try {
    const values = await readSsmParameters(client, [...settingOf.keys()]);
    return Object.fromEntries(
      [...values].map(([parameter, value]) => [settingOf.get(parameter) ?? parameter, value]),
    );
  } finally {
    client.destroy();
  }
}

/** The last part of a parameter's name is the setting that it holds; each holds another. */
function settingsByParameter(parameters: readonly string[]): ReadonlyMap<string, string> {
  const known = Object.keys(settingsSchema.shape);
  const settings = new Map<string, string>();
  for (const parameter of new Set(parameters)) {
    const setting = parameter.slice(parameter.lastIndexOf("/") + 1);
    const isDouble = [...settings.values()].includes(setting);
    if (!known.includes(setting) || isDouble) {
      throw new AtelierError(
        "misconfigured",
        isDouble
          ? `SECRET_PARAMETERS names ${setting} more than once. Leave one of them.`
          : `SECRET_PARAMETERS names ${parameter}, but there is no setting ${setting}; .env.example lists them.`,
      );
    }
    settings.set(parameter, setting);
  }
  return settings;
}

/** What is no part of a deployed function, as nothing on its disk or in its memory lasts. */
function findUndeployable(name: DeployedFunction, settings: Settings): string[] {
  const problems: string[] = [];
  const demand = (isMet: boolean, problem: string) => {
    if (!isMet) problems.push(problem);
  };
  const isIn = (...names: DeployedFunction[]) => names.includes(name);
  const { MEDIA_BUCKET, JOB_QUEUE_URL, IMAGE_MODEL, CLIP } = settings;
  demand(
    isOnAws(settings),
    "STORAGE: is aws in a deployed function, with OUTPUT_BUCKET and INPUT_BUCKET: it keeps nothing itself",
  );
  if (!isIn("generate")) {
    demand(
      JOB_QUEUE_URL !== undefined,
      "JOB_QUEUE_URL: is needed in a deployed function: the SQS queue that takes the jobs",
    );
  }
  if (isIn("worker", "generate")) {
    demand(
      IMAGE_MODEL !== "sketch",
      "IMAGE_MODEL: is bedrock or sagemaker in a deployed function; sketch shows the road on one machine",
    );
  }
  if (isIn("worker") && MEDIA_BUCKET !== undefined) {
    demand(
      CLIP !== "local",
      "CLIP: is lambda or sagemaker in the worker: the function clip-inference embeds for it",
    );
  }
  return isIn("webhook") ? [...problems, ...findClosedDoors(settings)] : problems;
}

/** A webhook takes commands over HTTP alone: no connection outlives its answer. */
function findClosedDoors(settings: Settings): string[] {
  const { SLACK_BOT_TOKEN, SLACK_APP_TOKEN, SLACK_SIGNING_SECRET } = settings;
  const { DISCORD_TOKEN, DISCORD_PUBLIC_KEY } = settings;
  const problems: string[] = [];
  if (SLACK_APP_TOKEN !== undefined) {
    problems.push(
      "SLACK_APP_TOKEN: is for one process that lasts; a function needs SLACK_SIGNING_SECRET",
    );
  }
  if (SLACK_BOT_TOKEN !== undefined && SLACK_SIGNING_SECRET === undefined) {
    problems.push("SLACK_SIGNING_SECRET: is needed beside SLACK_BOT_TOKEN: Slack comes over HTTP");
  }
  if (DISCORD_TOKEN !== undefined && DISCORD_PUBLIC_KEY === undefined) {
    problems.push("DISCORD_PUBLIC_KEY: is needed beside DISCORD_TOKEN: Discord comes over HTTP");
  }
  if ((SLACK_BOT_TOKEN ?? DISCORD_TOKEN) === undefined) {
    problems.push("SLACK_BOT_TOKEN: or DISCORD_TOKEN is needed: no chat platform is turned on");
  }
  return problems;
}
