import { z } from "zod";

const words = z.array(z.string().min(1));
const embedding = z.array(z.number()).min(1);

const similarityFloor = z.object({
  falsePositiveRate: z.number().min(0).max(1),
  floors: z.record(z.string(), z.record(z.string(), z.number())),
});

/**
 * `atelier.json` of a model folder: what the hub's own files do not say. Only `name` and `title`
 * are needed; pictures of `golden` are files of the folder.
 */
export const modelManifestSchema = z.object({
  /** In lower case, as settings name it. */
  name: z.string().regex(/^[a-z0-9][a-z0-9.-]*$/u, "is made of a-z, 0-9, . and -"),
  title: z.string().min(1),
  /** What people are told it knows, by group. Together with the two lists that follow. */
  knows: z.record(z.string(), words).optional(),
  contentWords: words.optional(),
  stopWords: words.optional(),
  calibration: z.object({ maybe: similarityFloor, strong: similarityFloor }).nullable().optional(),
  suggestions: words.optional(),
  /** What the model gave where the folder was made; see `src/clip/golden.ts`. */
  golden: z
    .object({
      texts: z.array(z.object({ text: z.string(), embedding })),
      pictures: z.array(z.object({ file: z.string().min(1), embedding })),
    })
    .optional(),
});

export type ModelManifest = z.infer<typeof modelManifestSchema>;
