import { randomBytes } from "node:crypto";
import { blockKitProblems, type Surface } from "./block-kit-rules.ts";
import { isRecord, type JsonRecord } from "./json-record.ts";
import type { SlackFiles } from "./slack-files.ts";

/** A message's text and blocks, or a view. */
interface Shown {
  readonly text?: unknown;
  readonly blocks?: unknown;
  readonly view?: unknown;
}

/** All that Slack would find wrong with what is to be shown; empty when nothing is. */
export async function blocksProblems(
  shown: Shown,
  surface: Surface,
  files: SlackFiles,
): Promise<string[]> {
  const problems = blockKitProblems(shown, surface);
  return [...problems, ...(await files.problems([shown.blocks, shown.view]))];
}

/** Slack names blocks and elements that the app did not name: presses and dialogs come with ids. */
export function withBlockIds(args: JsonRecord): JsonRecord {
  return {
    ...args,
    ...(Array.isArray(args.blocks) ? { blocks: args.blocks.map(named) } : {}),
    ...(isRecord(args.view) ? { view: withBlockIds(args.view) } : {}),
  };
}

function named(block: unknown): unknown {
  if (!isRecord(block)) return block;
  const elements = Array.isArray(block.elements) ? block.elements.map(withActionId) : undefined;
  return {
    block_id: newId(),
    ...block,
    ...(elements === undefined || block.type !== "actions" ? {} : { elements }),
    ...(block.accessory === undefined ? {} : { accessory: withActionId(block.accessory) }),
    ...(block.element === undefined ? {} : { element: withActionId(block.element) }),
  };
}

function withActionId(element: unknown): unknown {
  if (!isRecord(element) || element.type === "image") return element;
  return { action_id: newId(), ...element };
}

function newId(): string {
  return randomBytes(4).toString("base64url").slice(0, 5);
}
