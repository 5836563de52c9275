import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { AtelierError } from "../../errors.ts";
import { createFrameScan } from "./frame-scan.ts";
import {
  type AskedCall,
  answerCall,
  type CallOutcome,
  type ScanAnswers,
  type ScanCall,
} from "./scan-call.ts";

/** Answers calls in their order; what goes wrong rejects with `internal`. */
export interface Scan {
  call<Call extends ScanCall>(call: Call): Promise<ScanAnswers[Call["kind"]]>;
  close(): Promise<void>;
}

interface Waiting {
  resolve(answer: ScanAnswers[ScanCall["kind"]]): void;
  reject(error: AtelierError): void;
}

/**
 * Holds and scans the rows in a thread of its own, so that a scan of a million frames (about
 * 30 ms) and the loading of segments hold nothing else up. `onEnd` is told when the thread ends by
 * itself; all it held is gone then.
 */
export function startScanThread(options: { threads: number; onEnd(): void }): Scan {
  const waiting = new Map<number, Waiting>();
  let calls = 0;
  let isClosing = false;
  let isEnded = false;
  let cause: unknown;
  const ended = () => new AtelierError("unavailable", "The search ended. Try again.", { cause });

  const worker = openWorker({ threads: options.threads });
  // The thread alone keeps no process alive; a call under way does.
  worker.unref();

  worker.on("message", (outcome: CallOutcome) => {
    const call = waiting.get(outcome.id);
    waiting.delete(outcome.id);
    if (waiting.size === 0) worker.unref();
    if ("failure" in outcome) call?.reject(new AtelierError("internal", outcome.failure));
    else call?.resolve(outcome.answer);
  });
  worker.on("error", (thrown) => {
    cause = thrown;
  });
  worker.on("exit", () => {
    isEnded = true;
    for (const { reject } of waiting.values()) reject(ended());
    waiting.clear();
    if (!isClosing) options.onEnd();
  });

  return {
    call<Call extends ScanCall>(call: Call) {
      if (isClosing || isEnded) return Promise.reject(ended());
      const id = calls++;
      worker.ref();
      return new Promise<ScanAnswers[Call["kind"]]>((resolve, reject) => {
        // A call is answered with the answer of its kind.
        const settle = (answer: ScanAnswers[ScanCall["kind"]]) =>
          resolve(answer as ScanAnswers[Call["kind"]]);
        waiting.set(id, { resolve: settle, reject });
        worker.postMessage({ id, call } satisfies AskedCall);
      });
    },
    async close() {
      isClosing = true;
      await worker.terminate();
    },
  };
}

/** The same in the caller's thread, for a process that does nothing beside searching. */
export function createScanHere(options: { threads: number }): Scan {
  const scan = createFrameScan(options);
  return {
    async call<Call extends ScanCall>(call: Call) {
      try {
        return answerCall(scan, call) as ScanAnswers[Call["kind"]];
      } catch (thrown) {
        const message = thrown instanceof Error ? thrown.message : String(thrown);
        throw new AtelierError("internal", message, { cause: thrown });
      }
    },
    async close() {},
  };
}

/**
 * The worker's entry stands beside this file. Bundled, it is a file of the bundle's kind; as
 * TypeScript it is run by tsx, which in Node 20 has to be registered in each thread.
 */
function openWorker(workerData: { threads: number }): Worker {
  const kind = extname(fileURLToPath(import.meta.url));
  const entry = new URL(`./scan-thread-entry${kind}`, import.meta.url);
  // Not the process's own flags: it may have some that workers refuse.
  const options = { workerData, execArgv: [] };
  if (kind !== ".ts") return new Worker(entry, options);
  const tsx = import.meta.resolve("tsx/esm/api");
  const start = `import(${JSON.stringify(tsx)}).then(({ register }) => {
    register();
    return import(${JSON.stringify(entry.href)});
  });`;
  return new Worker(start, { ...options, eval: true });
}
