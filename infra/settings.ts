import { existsSync } from "node:fs";
import { join } from "node:path";
import type { z } from "zod";
import { findMisspeltSettings } from "./misspelt-settings.ts";
import { settingsSchema } from "./settings-schema.ts";

export type Settings = z.infer<typeof settingsSchema>;

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
  loadEnvFile();
  return readSettings(process.env);
}

function loadEnvFile(): void {
  try {
    process.loadEnvFile();
  } catch {
    // No .env here: the environment says it all.
  }
}

/**
 * The settings of the container's server (`npm run serve`): port 8080 on every address, as
 * SageMaker calls it, and the model that SageMaker unpacked to `/opt/ml/model` where there is one.
 */
export function loadServeSettings(): LoadedSettings {
  loadEnvFile();
  const { HOST = "0.0.0.0", PORT = "8080", SM_ROOT = "/opt/ml", ...others } = process.env;
  const unpacked = join(SM_ROOT, "model");
  const CLIP_MODEL_DIR =
    others.CLIP_MODEL_DIR ?? (existsSync(join(unpacked, "config.json")) ? unpacked : undefined);
  const loaded = readSettings({ ...others, PORT, CLIP_MODEL_DIR });
  // Put in afterwards: keys and links of the page are no matter of a container behind SageMaker.
  return { ...loaded, settings: { ...loaded.settings, HOST } };
}

/** Checks all settings at once; throws SettingsError that names each bad one. */
export function readSettings(
  environment: Readonly<Record<string, string | undefined>>,
): LoadedSettings {
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
