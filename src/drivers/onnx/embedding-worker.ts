import { type MessagePort, parentPort, workerData } from "node:worker_threads";
import { AtelierError } from "../../errors.ts";
import {
  toFailure,
  type WorkerOrder,
  type WorkerReport,
  type WorkerTask,
} from "./embedding-work.ts";

/** How one tower answers: `prepare` may overlap with other work, `encode` holds the thread. */
interface Steps<Prepared> {
  dim: number;
  prepare(order: Extract<WorkerOrder, { id: number }>): Promise<Prepared>;
  encode(prepared: Prepared): Promise<{ embedding: Float32Array; isTruncated: boolean }>;
  close(): Promise<void>;
}

/** The entry of a worker thread: one tower's single-threaded session, answering until it is ended. */
async function start(port: MessagePort, { tower, folder }: WorkerTask): Promise<void> {
  if (tower === "text") {
    // Only what this tower needs is loaded: the first text waits for it.
    const { openTextEncoder } = await import("./text-encoder.ts");
    const encoder = await openTextEncoder(folder);
    serve(port, {
      ...encoder,
      prepare: async (order) => ("text" in order ? order.text : ""),
    });
    return;
  }
  const { openPictureEncoder } = await import("./picture-encoder.ts");
  const encoder = await openPictureEncoder(folder);
  serve(port, {
    ...encoder,
    prepare: (order) => encoder.prepare("picture" in order ? order.picture : new Uint8Array()),
    encode: async (pixels) => ({ embedding: await encoder.encode(pixels), isTruncated: false }),
  });
}

/**
 * Answers one after the other, in the order asked. Pictures that wait are meanwhile decoded and
 * scaled on sharp's own threads.
 */
function serve<Prepared>(port: MessagePort, steps: Steps<Prepared>): void {
  const report = (message: WorkerReport) => port.postMessage(message);
  let last = Promise.resolve();
  port.on("message", (order: WorkerOrder) => {
    if ("end" in order) {
      last = last.then(steps.close).then(() => port.close());
      return;
    }
    const prepared = steps.prepare(order);
    // It is looked at in its turn; until then its failure must not count as unhandled.
    prepared.catch(() => undefined);
    last = last.then(async () => {
      try {
        report({ kind: "done", id: order.id, result: await steps.encode(await prepared) });
      } catch (thrown) {
        report({ kind: "failed", id: order.id, failure: toFailure(thrown) });
      }
    });
  });
  report({ kind: "ready", dim: steps.dim });
}

/** A library that does not load on this system, or that a file of the model is too wrong for. */
function unusable(thrown: unknown): AtelierError {
  if (thrown instanceof AtelierError) return thrown;
  const { folder }: WorkerTask = workerData;
  const said = thrown instanceof Error ? thrown.message : String(thrown);
  return new AtelierError(
    "misconfigured",
    `The model in ${folder.path} cannot be used on this machine: ${said}. Pull it again; where onnxruntime itself cannot be loaded, as with musl, set CLIP=lambda or CLIP=sagemaker.`,
    { cause: thrown },
  );
}

if (parentPort !== null) {
  const port = parentPort;
  await start(port, workerData).catch((thrown: unknown) => {
    const report: WorkerReport = { kind: "unusable", failure: toFailure(unusable(thrown)) };
    port.postMessage(report);
    port.close();
  });
}
