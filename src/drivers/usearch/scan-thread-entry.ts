import { parentPort, workerData } from "node:worker_threads";
import { createFrameScan } from "./frame-scan.ts";
import { type AskedCall, answerCall, type CallOutcome } from "./scan-call.ts";

const scan = createFrameScan({ threads: Number(workerData.threads) });

// Calls are answered one after the other, in their order.
parentPort?.on("message", ({ id, call }: AskedCall) => {
  parentPort?.postMessage(outcomeOf(id, call));
});

function outcomeOf(id: number, call: AskedCall["call"]): CallOutcome {
  try {
    return { id, answer: answerCall(scan, call) };
  } catch (thrown) {
    return { id, failure: thrown instanceof Error ? thrown.message : String(thrown) };
  }
}
