import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { z } from "zod";
import { findMisspeltSettings } from "./misspelt-settings.ts";
import { settingsSchema } from "./settings-schema.ts";

export type Settings = z.infer<typeof settingsSchema>;

export type Environment = Readonly<Record<string, string | undefined>>;

export interface LoadedSettings {
  settings: Settings;
  /** Sentences about variables that look like misspelt settings. */
  warnings: string[];
  /** Deployed as a Lambda function, where nothing on the disk outlives the call. */
  isOnLambda: boolean;
}

/** Everything that is wrong with the settings, one sentence each. */
export class SettingsError extends Error {
  override readonly name = "SettingsError";
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`These settings need attention:\n${problems.map((each) => `  - ${each}`).join("\n")}`);
    this.problems = problems;
  }
}

/** Reads `.env` where there is one, then the environment, which wins. Throws SettingsError. */
export function loadSettings(): LoadedSettings {
  prepareEnvironment();
  return readSettings(process.env);
}

function prepareEnvironment(): void {
  try {
    process.loadEnvFile();
  } catch {
    // No .env here: the environment says it all.
  }
  // onnxruntime 1.30 otherwise collects usage data for Microsoft, in files below the home folder.
  process.env.ORT_DISABLE_TELEMETRY ??= "1";
}

/**
 * The settings of the container's server (`npm run serve`): port 8080 on every address, as
 * SageMaker calls it, and the model that SageMaker unpacked to `/opt/ml/model` where anything is
 * there: what is not a whole model must not be answered for by the built-in one.
 */
export function loadServeSettings(): LoadedSettings {
  prepareEnvironment();
  const { HOST = "0.0.0.0", PORT = "8080", SM_ROOT = "/opt/ml", ...others } = process.env;
  const unpacked = join(SM_ROOT, "model");
  const isUnpacked = existsSync(unpacked) && readdirSync(unpacked).length > 0;
  const CLIP_MODEL_DIR = others.CLIP_MODEL_DIR ?? (isUnpacked ? unpacked : undefined);
  const loaded = readSettings({ ...others, PORT, CLIP_MODEL_DIR });
  // Put in afterwards: keys and links of the page are no matter of a container behind SageMaker.
  return { ...loaded, settings: { ...loaded.settings, HOST } };
}

/** The environment as it is, for deployed code that adds its secrets before it is read. */
export function readEnvironment(): Environment {
  return process.env;
}

/** Checks all settings at once; throws SettingsError that names each bad one. */
export function readSettings(environment: Environment): LoadedSettings {
  const given = Object.fromEntries(
    Object.entries(environment).flatMap(([name, value]) =>
      value === undefined || value.trim() === "" ? [] : [[name, value.trim()]],
    ),
  );
  const parsed = settingsSchema.safeParse(given);
  if (!parsed.success) {
    throw new SettingsError([
      ...new Set(parsed.error.issues.map(({ path, message }) => `${String(path[0])}: ${message}`)),
    ]);
  }
  return {
    settings: parsed.data,
    warnings: findMisspeltSettings(Object.keys(given), Object.keys(settingsSchema.shape)),
    // Set by Lambda itself (Lambda Developer Guide, "Defined runtime environment variables").
    isOnLambda: given.AWS_LAMBDA_FUNCTION_NAME !== undefined,
  };
}
