import { AtelierError } from "../../errors.ts";
import type { FrameHit } from "../../ports/index.ts";
import type { FrameScan, ScanRequest } from "./frame-scan.ts";
import type { SegmentFile } from "./loaded-segments.ts";

/** What is asked of the scan from another thread. */
export type ScanCall =
  | { kind: "load"; file: SegmentFile }
  | { kind: "drop"; videoId: string; space: string }
  | { kind: "search"; request: ScanRequest; embedding: Float32Array; topK: number }
  | { kind: "count"; request: ScanRequest }
  | { kind: "usage" };

export interface ScanAnswers {
  /** Why the file cannot be searched; null once it is taken in. */
  load: string | null;
  drop: undefined;
  search: FrameHit[];
  count: number;
  usage: { frames: number; bytes: number };
}

/** A call under way, and what became of it. */
export interface AskedCall {
  id: number;
  call: ScanCall;
}
export type CallOutcome =
  | { id: number; answer: ScanAnswers[ScanCall["kind"]] }
  | { id: number; failure: string };

export function answerCall(scan: FrameScan, call: ScanCall): ScanAnswers[ScanCall["kind"]] {
  switch (call.kind) {
    case "load":
      return refusalOf(() => scan.load(call.file));
    case "drop":
      scan.drop(call.videoId, call.space);
      return undefined;
    case "search":
      return scan.search(call.request, call.embedding, call.topK);
    case "count":
      return scan.count(call.request);
    case "usage":
      return scan.usage();
  }
}

/** What is wrong with the file itself. What else goes wrong says nothing about it, and is thrown. */
function refusalOf(load: () => void): string | null {
  try {
    load();
    return null;
  } catch (thrown) {
    if (thrown instanceof AtelierError) return thrown.message;
    throw thrown;
  }
}
