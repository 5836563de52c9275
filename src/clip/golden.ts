import { AtelierError } from "../errors.ts";
import type { Embedder } from "../ports/index.ts";

/**
 * What a model gave for fixed texts and pictures where its folder was made. Every path that
 * embeds (this process, Lambda, SageMaker, a batch) has to come close to it before its embeddings
 * are mixed with others.
 */
export interface Golden {
  texts: readonly { text: string; embedding: readonly number[] }[];
  pictures: readonly { picture: Uint8Array; embedding: readonly number[] }[];
}

/** A missing antialias alone costs 0.06 (clip-as-service issue 904); rounding costs 0.001. */
export const GOLDEN_COSINE_MIN = 0.99;

/** The sentences that `npm run model -- verify` records for a model that brings none. */
export const goldenTexts: readonly string[] = [
  "a red car at night",
  "Two people shaking hands.",
  "a dog running on the beach, seen from far away",
];

/** The lowest cosine similarity between what the embedder gives and what it should give. */
export async function compareWithGolden(
  embedder: Embedder,
  { texts, pictures }: Golden,
  options: { signal: AbortSignal },
): Promise<number> {
  const [ofTexts, ofPictures] = await Promise.all([
    embedder.embedTexts(
      texts.map(({ text }) => text),
      options,
    ),
    embedder.embedPictures(
      pictures.map(({ picture }) => picture),
      options,
    ),
  ]);
  const given = [...ofTexts.map(({ embedding }) => embedding), ...ofPictures];
  const expected = [...texts, ...pictures].map(({ embedding }) => embedding);
  return Math.min(1, ...expected.map((each, index) => cosine(each, given[index])));
}

/**
 * Rejects with `misconfigured` when the embedder is not the model that the golden embeddings are
 * of: mixed into one index, its embeddings would find nothing and nobody would see why.
 * `path` names the way for the operator, e.g. "the Lambda function clip-inference".
 */
export async function requireGolden(
  embedder: Embedder,
  golden: Golden,
  { path, signal }: { path: string; signal: AbortSignal },
): Promise<void> {
  const lowest = await compareWithGolden(embedder, golden, { signal });
  if (lowest >= GOLDEN_COSINE_MIN) return;
  throw new AtelierError(
    "misconfigured",
    `The embeddings of ${path} are not those of the model ${embedder.model.title} here: cosine similarity ${lowest.toFixed(3)} on the golden texts and pictures, at least ${GOLDEN_COSINE_MIN} is needed. It refuses to mix them; give both sides the same model folder.`,
  );
}

/** What the embedder gives now, to hold others to. Rounded: five digits are 0.99999 of it. */
export async function recordGolden(
  embedder: Embedder,
  { texts, pictures }: { texts: readonly string[]; pictures: readonly Uint8Array[] },
  options: { signal: AbortSignal },
): Promise<Golden> {
  const rounded = (embedding: Float32Array) =>
    Array.from(embedding, (value) => Math.round(value * 1e5) / 1e5);
  const ofTexts = await embedder.embedTexts(texts, options);
  const ofPictures = await embedder.embedPictures(pictures, options);
  return {
    texts: ofTexts.map(({ embedding }, index) => ({
      text: texts[index] ?? "",
      embedding: rounded(embedding),
    })),
    pictures: ofPictures.map((embedding, index) => ({
      picture: pictures[index] ?? new Uint8Array(),
      embedding: rounded(embedding),
    })),
  };
}

/** −1 where there is nothing to compare: another length is another model. */
function cosine(a: readonly number[], b: Float32Array | undefined): number {
  if (b === undefined || b.length !== a.length) return -1;
  let product = 0;
  let ofA = 0;
  let ofB = 0;
  for (const [index, value] of a.entries()) {
    const other = b[index] ?? 0;
    product += value * other;
    ofA += value * value;
    ofB += other * other;
  }
  const length = Math.sqrt(ofA * ofB);
  return length > 0 ? product / length : -1;
}
