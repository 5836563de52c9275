import { z } from "zod";
import { AtelierError, aspectRatios, outputFormats, PROMPT_MAX, SEED_MAX } from "#core";

const prompt = "must be text of 1 to 10,000 characters";
const text = z.string({ error: prompt }).min(1, prompt).max(PROMPT_MAX, prompt);

const requestSchema = z.object({
  prompt: text,
  aspect_ratio: z
    .enum(aspectRatios, { error: `must be one of ${aspectRatios.join(", ")}` })
    .default("16:9"),
  seed: z
    .int({ error: `must be a whole number from 0 (random) to ${SEED_MAX}` })
    .min(0, `must be a whole number from 0 (random) to ${SEED_MAX}`)
    .max(SEED_MAX, `must be a whole number from 0 (random) to ${SEED_MAX}`)
    .default(0),
  model: z.string({ error: "must be a model's id" }).max(200, "must be a model's id").optional(),
  init_image_s3: z
    .string({ error: "must be s3://bucket/key" })
    .regex(/^s3:\/\/[^/\s]{1,63}\/\S{1,1024}$/u, "must be s3://bucket/key in the input bucket")
    .optional(),
  strength: z
    .number({ error: "must be a number from 0 to 1" })
    .min(0, "must be a number from 0 to 1")
    .max(1, "must be a number from 0 to 1")
    .default(0.7),
  negative_prompt: z
    .string({ error: "must be text of at most 10,000 characters" })
    .max(PROMPT_MAX, "must be text of at most 10,000 characters")
    .optional(),
  output_format: z
    .enum(outputFormats, { error: `must be one of ${outputFormats.join(", ")}` })
    .default("jpeg"),
});

/** The fields of docs/contracts.md section 1, checked and with their defaults. */
export type GenerateRequest = z.infer<typeof requestSchema>;

/** Reads a request's payload; rejects with `invalid_input` that names every bad field. */
export function readGenerateRequest(payload: unknown): GenerateRequest {
  const parsed = requestSchema.safeParse(dropNulls(payload));
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) =>
    path.length === 0
      ? 'Send a JSON object such as {"prompt": "a red fox"}'
      : `${path.join(".")} ${message}`,
  );
  throw new AtelierError("invalid_input", `${problems.join("; ")}.`, { cause: parsed.error });
}

/** The short form's query: numbers come as text there. */
export function readGenerateQuery(query: URLSearchParams): GenerateRequest {
  const payload: Record<string, unknown> = Object.fromEntries(query);
  for (const name of ["seed", "strength"]) {
    const value = payload[name];
    if (typeof value === "string" && value.trim() !== "") payload[name] = Number(value);
  }
  return readGenerateRequest(payload);
}

/** Many clients write null where they mean "not given". */
function dropNulls(payload: unknown): unknown {
  if (payload === null || typeof payload !== "object" || Array.isArray(payload)) return payload;
  return Object.fromEntries(Object.entries(payload).filter(([, value]) => value !== null));
}
