import { InferenceSession, Tensor } from "onnxruntime-node";
import { AtelierError } from "../../errors.ts";
import type { PicturePreprocessing } from "./clip-preprocessing.ts";

/** A session on one thread. Rejects with `misconfigured`. */
export async function openSession(graph: string): Promise<InferenceSession> {
  try {
    return await InferenceSession.create(graph, {
      intraOpNumThreads: 1,
      interOpNumThreads: 1,
      executionMode: "sequential",
      graphOptimizationLevel: "all",
      // Warnings of the runtime's own optimiser are nothing that an operator could act on.
      logSeverityLevel: 3,
    });
  } catch (cause) {
    throw unusable(graph, "cannot be loaded", cause);
  }
}

/** One row of the output, brought to L2 norm 1. */
export async function embed(
  session: InferenceSession,
  feeds: Readonly<Record<string, Tensor>>,
  output: string,
): Promise<Float32Array> {
  const results = await session.run(feeds, [output]);
  const values = results[output]?.data;
  if (!(values instanceof Float32Array)) {
    throw new AtelierError("misconfigured", `The model's output ${output} is not float32.`);
  }
  return unitLength(values);
}

function unitLength(values: Float32Array): Float32Array {
  const norm = Math.sqrt(values.reduce((total, value) => total + value * value, 0));
  // Nothing to point at; a graph that gives this or NaN is not one to search with.
  if (!(norm > 0)) {
    throw new AtelierError(
      "misconfigured",
      "The model's output is not an embedding: it has no length.",
    );
  }
  return values.map((value) => value / norm);
}

/** The first of the names that the graph has; else its only output. */
export function outputOf(
  session: InferenceSession,
  graph: string,
  names: readonly string[],
): string {
  const { outputNames } = session;
  const known = names.find((name) => outputNames.includes(name));
  const [only] = outputNames.length === 1 ? outputNames : [];
  const found = known ?? only;
  if (found !== undefined) return found;
  const list = outputNames.join(", ");
  throw unusable(graph, `has none of the outputs ${names.join(", ")} (it has ${list})`);
}

/** Of the vision tower's input: batch, channels, height, width. */
export function pictureShape({ crop, resize }: PicturePreprocessing): [1, 3, number, number] {
  const cut = crop ?? resize;
  if ("widthPx" in cut) return [1, 3, cut.heightPx, cut.widthPx];
  return [1, 3, cut.shortestEdgePx, cut.shortestEdgePx];
}

/** The values as the graph's input of that name; nothing where it has no such input. */
export function integers(
  session: InferenceSession,
  name: string,
  values: readonly number[],
): Record<string, Tensor> {
  const input = session.inputMetadata.find((each) => each.name === name);
  if (input?.isTensor !== true) return {};
  const dims = [1, values.length];
  return {
    [name]:
      input.type === "int32"
        ? new Tensor("int32", Int32Array.from(values), dims)
        : new Tensor("int64", BigInt64Array.from(values, BigInt), dims),
  };
}

/** The input's shape; a word stands for a size that may differ. */
export function shapeOf(
  session: InferenceSession,
  name: string,
): readonly (string | number)[] | undefined {
  const input = session.inputMetadata.find((each) => each.name === name);
  return input?.isTensor === true ? input.shape : undefined;
}

export function unusable(file: string, what: string, cause?: unknown): AtelierError {
  return new AtelierError(
    "misconfigured",
    `The model's file ${file} ${what}. Check the model with "npm run model -- verify", or pull it again.`,
    { cause },
  );
}
