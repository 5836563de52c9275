import type { OnnxGraph, OnnxNode, OnnxTensor, OnnxValue } from "../fixtures/onnx-writer.ts";
import { randomNumbers } from "../fixtures/tiny-model.ts";

export interface GraphBuilder {
  /** Adds an operator and returns the name of its output. */
  add(
    op: string,
    inputs: readonly string[],
    attributes?: OnnxNode["attributes"],
    output?: string,
  ): string;
  weight(dims: readonly number[], scale: number): string;
  shape(values: readonly number[]): string;
  index(value: number): string;
  scalar(value: number): string;
  causalMask(length: number): string;
  norm(input: string, width: number): string;
  /** `input × weights + bias`, in int8 where the graph is quantised. */
  linear(input: string, from: number, to: number): string;
  /** Rows of a table, in int8 where the graph is quantised. */
  lookUp(dims: readonly [number, number], ids: string): string;
  finish(inputs: readonly OnnxValue[], outputs: readonly OnnxValue[]): OnnxGraph;
}

const RANDOM_COUNT = 1 << 20;

/** Builds a graph with random weights; quantised as onnxruntime's `quantize_dynamic` does it. */
export function createGraphBuilder({ isQuantized }: { isQuantized: boolean }): GraphBuilder {
  const nodes: OnnxNode[] = [];
  const initializers: OnnxTensor[] = [];
  const random = Float32Array.from({ length: RANDOM_COUNT }, randomNumbers(7));
  let count = 0;
  let at = 0;
  const fresh = (what: string) => `${what}_${++count}`;
  const store = (type: OnnxTensor["type"], dims: readonly number[], data: ArrayBufferView) => {
    const name = fresh("constant");
    initializers.push({ name, type, dims, data });
    return name;
  };
  const floats = (dims: readonly number[], values: Float32Array) => store("float", dims, values);
  const draw = (length: number, scale: number) => {
    const values = new Float32Array(length);
    for (let index = 0; index < length; index++) {
      values[index] = (random[at++ % RANDOM_COUNT] ?? 0) * scale;
    }
    return values;
  };
  const bytes = (dims: readonly number[]) => {
    const size = dims.reduce((product, dim) => product * dim, 1);
    const values = new Int8Array(size);
    for (let index = 0; index < size; index++) {
      values[index] = (random[at++ % RANDOM_COUNT] ?? 0) * 127;
    }
    return store("int8", dims, values);
  };

  const add: GraphBuilder["add"] = (op, inputs, attributes = {}, output = fresh(op)) => {
    nodes.push({ op, inputs, outputs: [output], attributes });
    return output;
  };
  const scalar = (value: number) => floats([], Float32Array.of(value));
  const weight = (dims: readonly number[], scale: number) =>
    floats(
      dims,
      draw(
        dims.reduce((product, dim) => product * dim, 1),
        scale,
      ),
    );
  const shape = (values: readonly number[]) =>
    store("int64", [values.length], BigInt64Array.from(values, BigInt));
  const zero = () => store("int8", [], Int8Array.of(0));

  const product = (input: string, from: number, to: number) => {
    const scale = 1.7 / Math.sqrt(from);
    if (!isQuantized) return add("MatMul", [input, weight([from, to], scale)]);
    const [values, step, offset] = ["quantized", "step", "offset"].map(fresh);
    const outputs = [values ?? "", step ?? "", offset ?? ""];
    nodes.push({ op: "DynamicQuantizeLinear", inputs: [input], outputs });
    const whole = add("MatMulInteger", [
      outputs[0] ?? "",
      bytes([from, to]),
      outputs[2] ?? "",
      zero(),
    ]);
    const steps = add("Mul", [outputs[1] ?? "", scalar(scale / 127)]);
    return add("Mul", [add("Cast", [whole], { to: 1 }), steps]);
  };

  return {
    add,
    weight,
    shape,
    scalar,
    index: (value) => store("int64", [], BigInt64Array.of(BigInt(value))),
    causalMask: (length) =>
      floats(
        [length, length],
        Float32Array.from({ length: length * length }, (_, place) =>
          place % length > Math.floor(place / length) ? -10_000 : 0,
        ),
      ),
    norm: (input, width) =>
      add(
        "LayerNormalization",
        [
          input,
          floats([width], new Float32Array(width).fill(1)),
          floats([width], new Float32Array(width)),
        ],
        { axis: -1 },
      ),
    linear: (input, from, to) => add("Add", [product(input, from, to), weight([to], 0.02)]),
    lookUp(dims, ids) {
      if (!isQuantized) return add("Gather", [weight(dims, 0.02), ids]);
      const rows = add("Gather", [bytes(dims), ids]);
      return add("DequantizeLinear", [rows, scalar(0.02 / 127), zero()]);
    },
    finish: (inputs, outputs) => ({ nodes, initializers, inputs, outputs }),
  };
}
