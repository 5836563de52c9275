import {
  accessory,
  actionElement,
  anyText,
  image,
  inputElement,
  plainText,
} from "./block-kit-elements.ts";
import { richText } from "./block-kit-rich-text.ts";
import {
  all,
  array,
  boolean,
  byType,
  type Check,
  isObject,
  itemsOf,
  object,
  objectsIn,
  oneOf,
  type Report,
  string,
} from "./block-kit-shape.ts";

export type Surface = "message" | "modal" | "home";

/** What an app sends: a message's text and blocks, or a view. As objects, or as the JSON text that form bodies carry. */
export interface BlockKitPayload {
  text?: unknown;
  blocks?: unknown;
  view?: unknown;
}

/**
 * `chat.update` answers `msg_too_long` above this; `chat.postMessage` advises it:
 * https://docs.slack.dev/reference/methods/chat.postMessage#truncating
 */
const MESSAGE_TEXT_MAX = 4000;
/**
 * All text of a message's blocks together; more is `msg_blocks_too_long`. Not on any page:
 * a maintainer names the number in https://github.com/slackapi/bolt-js/issues/2509.
 */
const MESSAGE_BLOCKS_TEXT_MAX = 12_000;

/**
 * What Slack would find wrong with a payload, by the rules of its Block Kit reference, in the
 * form of its `response_metadata.messages`; empty when it would be taken. Blocks and elements
 * that Atelier does not send are refused as unsupported.
 */
export function blockKitProblems(payload: BlockKitPayload, surface: Surface): string[] {
  const problems: string[] = [];
  const report: Report = (at, problem) => {
    problems.push(`[ERROR] ${problem} [json-pointer:${at}]`);
  };
  if (surface === "message") checkMessage(payload, report);
  else checkView(parsed(payload.view), surface, report);
  return problems;
}

function parsed(value: unknown): unknown {
  if (typeof value !== "string") return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}

function checkMessage({ text, blocks: given }: BlockKitPayload, report: Report): void {
  const blocks = parsed(given);
  if (text === undefined && blocks === undefined) report("", "no_text");
  if (text !== undefined) string({ min: 0, max: MESSAGE_TEXT_MAX })(text, "/text", report);
  if (text === "" && blocks === undefined) report("/text", "no_text");
  if (blocks === undefined) return;
  blockList("message", 50)(blocks, "/blocks", report);
  if (textLength(blocks) > MESSAGE_BLOCKS_TEXT_MAX) report("/blocks", "msg_blocks_too_long");
}

/** https://docs.slack.dev/reference/views/modal-views and .../home-tab-views */
function checkView(view: unknown, surface: "modal" | "home", report: Report): void {
  const common = {
    private_metadata: string({ min: 0, max: 3000 }),
    callback_id: string({ max: 255 }),
    external_id: string({ max: 255 }),
  };
  const blocks = blockList(surface, 100);
  const shape =
    surface === "modal"
      ? object({
          required: { type: oneOf("modal"), title: plainText(24), blocks },
          optional: {
            ...common,
            submit: plainText(24),
            close: plainText(24),
            clear_on_close: boolean,
            notify_on_close: boolean,
          },
        })
      : object({ required: { type: oneOf("home"), blocks }, optional: common });
  shape(view, "/view", report);
  if (!isObject(view)) return;
  const hasInput = itemsOf(view.blocks).some((each) => isObject(each) && each.type === "input");
  if (surface === "modal" && hasInput && view.submit === undefined) {
    report("/view", "missing required field: submit");
  }
  if (objectsIn(view.blocks).filter((each) => each.focus_on_load === true).length > 1) {
    report("/view/blocks", "only one element may have focus_on_load");
  }
}

function blockList(surface: Surface, max: number): Check {
  return all(array(blockOn(surface), { max }), uniqueBlockIds);
}

const blockId = { block_id: string({ max: 255 }) };

/** https://docs.slack.dev/reference/block-kit/blocks, one page for each. */
function blockOn(surface: Surface): Check {
  return byType({
    divider: object({ required: { type: oneOf("divider") }, optional: blockId }),
    header: object({
      required: { type: oneOf("header"), text: plainText(150) },
      optional: blockId,
    }),
    section: all(
      object({
        required: { type: oneOf("section") },
        optional: {
          ...blockId,
          text: anyText(3000),
          fields: array(anyText(2000), { max: 10 }),
          accessory,
          expand: boolean,
        },
      }),
      (value, at, report) => {
        if (isObject(value) && value.text === undefined && value.fields === undefined) {
          report(at, "must have text or fields");
        }
      },
    ),
    context: object({
      required: {
        type: oneOf("context"),
        elements: array(contextElement, { max: 10 }),
      },
      optional: blockId,
    }),
    actions: all(
      object({
        required: { type: oneOf("actions"), elements: array(actionElement, { max: 25 }) },
        optional: blockId,
      }),
      uniqueActionIds,
    ),
    image: image({ title: plainText(2000), ...blockId }),
    rich_text: richText,
    input: object({
      required: {
        type: oneOf("input"),
        label: plainText(2000),
        element: inputElement(surface),
      },
      optional: {
        ...blockId,
        hint: plainText(2000),
        optional: boolean,
        dispatch_action: boolean,
      },
    }),
  });
}

const contextElement: Check = (value, at, report) => {
  const isImage = isObject(value) && value.type === "image";
  const check = isImage ? image({}) : anyText(3000);
  check(value, at, report);
};

const uniqueActionIds: Check = (value, at, report) => {
  if (!isObject(value)) return;
  const ids = itemsOf(value.elements).flatMap((each) =>
    isObject(each) && each.action_id !== undefined ? [each.action_id] : [],
  );
  for (const id of repeated(ids)) report(at, `action_id "${String(id)}" already exists`);
};

const uniqueBlockIds: Check = (value, at, report) => {
  const ids = itemsOf(value).flatMap((each) =>
    isObject(each) && each.block_id !== undefined ? [each.block_id] : [],
  );
  for (const id of repeated(ids)) report(at, `block_id "${String(id)}" already exists`);
};

function repeated(values: readonly unknown[]): unknown[] {
  return values.filter((value, index) => values.indexOf(value) !== index);
}

/** The length of everything below the value that is read or followed. */
function textLength(value: unknown): number {
  const texts = objectsIn(value).flatMap(({ text, alt_text: alt, url, image_url: image }) => [
    text,
    alt,
    url,
    image,
  ]);
  return texts.reduce<number>((sum, each) => sum + (typeof each === "string" ? each.length : 0), 0);
}
