import { settingsSchema } from "./settings-schema.ts";

/** Every setting with what it means and its default, as a `.env` file in which nothing is set. */
export function renderEnvExample(): string {
  const defaults: Record<string, unknown> = settingsSchema.safeParse({}).data ?? {};
  const entries = Object.entries(settingsSchema.shape).map(([name, schema]) => {
    const text = asText(defaults[name]);
    return `# ${schema.description ?? ""}\n# ${name}=${text}`;
  });
  return `${[
    "# Copy this to .env and take the # off what you set. Made by `npm run env-example`.",
    "# AWS credentials come from AWS's own variables, profiles or roles, as in every AWS tool.",
    ...entries,
  ].join("\n\n")}\n`;
}

function asText(value: unknown): string {
  if (value === undefined) return "";
  if (Array.isArray(value)) return value.join(",");
  if (value !== null && typeof value === "object" && "standard" in value) {
    return String(value.standard);
  }
  return String(value);
}
