import { z } from "zod";
import { settingsSchema } from "./settings-schema.ts";

/** Every setting with what it means and its default, as a `.env` file in which nothing is set. */
export function renderEnvExample(): string {
  const entries = Object.entries(settingsSchema.shape).map(([name, schema]) => {
    // As it would be written, not as it is parsed.
    const text = schema instanceof z.ZodPrefault ? schema.def.defaultValue : "";
    return `# ${schema.description ?? ""}\n# ${name}=${text}`;
  });
  return `${[
    "# Copy this to .env and take the # off what you set. Made by `npm run env-example`.",
    "# AWS credentials come from AWS's own variables, profiles or roles, as in every AWS tool.",
    ...entries,
  ].join("\n\n")}\n`;
}
