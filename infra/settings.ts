import type { z } from "zod";
import { findMisspeltSettings } from "./misspelt-settings.ts";
import { settingsSchema } from "./settings-schema.ts";

export type Settings = z.infer<typeof settingsSchema>;

export interface LoadedSettings {
  settings: Settings;
  /** Sentences about variables that look like misspelt settings. */
  warnings: string[];
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
  try {
    process.loadEnvFile();
  } catch {
    // No .env here: the environment says it all.
  }
  return readSettings(process.env);
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
  };
}
