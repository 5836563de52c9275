import { z } from "zod";
import { AtelierError } from "#core";
import { closestWord } from "../../src/command/closest-word.ts";
import { wholeNumber } from "../setting-kinds.ts";

const RATE_MIN = 0.00001;
const RATE_MAX = 0.1;
const rateSentence = `takes a number from ${RATE_MIN} to ${RATE_MAX}`;
/** Below this a process compares too few sentences with too few frames to learn anything. */
const FRAMES_PER_WORKER_MIN = 16;

/** What a training can be told, with what it is otherwise. All arrive as strings. */
const hyperparameterSchema = z
  .object({
    scenes: wholeNumber(500, 1_000_000).prefault("60000"),
    held_out_scenes: wholeNumber(100, 100_000).prefault("1500"),
    steps: wholeNumber(4, 1_000_000).prefault("1562"),
    batch_size: wholeNumber(32, 4096).prefault("384"),
    learning_rate: z
      .string()
      .regex(/^\d*\.?\d+(e-?\d+)?$/iu, rateSentence)
      .transform(Number)
      .refine((value) => value >= RATE_MIN && value <= RATE_MAX, rateSentence)
      .prefault("0.002"),
    /** Another one draws other scenes and begins with other weights. */
    seed: wholeNumber(1, 1_000_000).prefault("1"),
    /** Processes, one thread each; as many as the machine has processors. */
    workers: wholeNumber(1, 64).optional(),
    /** How many frames the floors of similarity are measured on. */
    floor_frames: wholeNumber(100, 100_000).prefault("10500"),
    checkpoint_steps: wholeNumber(1, 100_000).prefault("100"),
  })
  .superRefine(({ workers, batch_size }, context) => {
    if (workers === undefined || workers * FRAMES_PER_WORKER_MIN <= batch_size) return;
    const message = `must leave each worker ${FRAMES_PER_WORKER_MIN} frames of batch_size (${batch_size})`;
    context.addIssue({ code: "custom", path: ["workers"], message });
  });

export type Hyperparameters = z.infer<typeof hyperparameterSchema>;

/**
 * Reads `hyperparameters.json`; null stands for none. Rejects with `invalid_input` that names
 * every bad one, and every unknown one: a misspelt one would be found out when it is paid for.
 */
export function readHyperparameters(text: string | null): Hyperparameters {
  const given = text === null ? {} : parseStrings(text);
  const known = Object.keys(hyperparameterSchema.shape);
  const unknown = Object.keys(given)
    .filter((name) => !known.includes(name))
    .map((name) => {
      const meant = closestWord(name, known);
      return `there is no ${name}${meant === null ? "" : `, did you mean ${meant}?`}`;
    });
  const parsed = hyperparameterSchema.safeParse(given);
  const bad = (parsed.error?.issues ?? []).map(({ path, message }) => {
    const name = String(path[0]);
    return `${name} ${message}, not ${JSON.stringify(given[name] ?? "")}`;
  });
  const problems = [...new Set([...bad, ...unknown])];
  if (parsed.success && problems.length === 0) return parsed.data;
  throw new AtelierError(
    "invalid_input",
    `These hyperparameters need attention: ${problems.join("; ")}. There are ${known.join(", ")}.`,
  );
}

function parseStrings(text: string): Record<string, string> {
  const parsed = z.record(z.string(), z.union([z.string(), z.number()])).safeParse(parseJson(text));
  if (!parsed.success) {
    const example = '{"steps": "1562"}';
    const sentence = `hyperparameters.json must be an object of strings, such as ${example}.`;
    throw new AtelierError("invalid_input", sentence, { cause: parsed.error });
  }
  const entries = Object.entries(parsed.data)
    // SageMaker's SDK and its tuning jobs add names of their own.
    .filter(([name]) => !name.startsWith("sagemaker_") && !name.startsWith("_"))
    // The SDK writes a string as JSON, in quotes.
    .map(
      ([name, value]) =>
        [
          name,
          String(value)
            .trim()
            .replace(/^"(.*)"$/u, "$1"),
        ] as const,
    );
  return Object.fromEntries(entries);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new AtelierError("invalid_input", "hyperparameters.json is not valid JSON.", { cause });
  }
}
