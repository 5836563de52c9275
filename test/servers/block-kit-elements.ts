import { isDeepStrictEqual } from "node:util";
import {
  all,
  array,
  boolean,
  byType,
  type Check,
  integer,
  isObject,
  itemsOf,
  object,
  oneOf,
  string,
  url,
} from "./block-kit-shape.ts";

// Each rule stands in the page of its name below https://docs.slack.dev/reference/block-kit/,
// composition-objects/ for the objects and block-elements/ for the elements.

/** composition-objects/text-object: 1 to 3,000 characters, often fewer where it is used. */
export function plainText(max = 3000): Check {
  return object({
    required: { type: oneOf("plain_text"), text: string({ max }) },
    optional: { emoji: boolean },
  });
}

export function anyText(max = 3000): Check {
  const mrkdwn = object({
    required: { type: oneOf("mrkdwn"), text: string({ max }) },
    optional: { verbatim: boolean },
  });
  return byType({ plain_text: plainText(max), mrkdwn });
}

/** composition-objects/confirmation-dialog-object */
const confirm = object({
  required: {
    title: plainText(100),
    text: plainText(300),
    confirm: plainText(30),
    deny: plainText(30),
  },
  optional: { style: oneOf("primary", "danger") },
});

/** composition-objects/option-object; only boxes and radio buttons take mrkdwn. */
function optionObject(text: Check): Check {
  return object({
    required: { text, value: string({ max: 150 }) },
    optional: { description: plainText(75) },
  });
}

const actionId = string({ max: 255 });
const action = { action_id: actionId };
const focus = { focus_on_load: boolean };
const placeholder = { placeholder: plainText(150) };

const uniqueValues: Check = (value, at, report) => {
  const values = itemsOf(value).map((each) => (isObject(each) ? each.value : undefined));
  if (new Set(values).size < values.length) report(at, "option values must be unique");
};

function isAmong(options: unknown, wanted: unknown): boolean {
  return itemsOf(options).some((each) => isDeepStrictEqual(each, wanted));
}

/** block-elements/image-element and composition-objects/slack-file-object; the block adds a title. */
export function image(optional: Readonly<Record<string, Check>>): Check {
  const file: Check = (value, at, report) => {
    const shape = object({ optional: { id: string({ max: 255 }), url } });
    shape(value, at, report);
    if (isObject(value) && (value.id === undefined) === (value.url === undefined)) {
      report(at, "must have exactly one of id and url");
    }
  };
  const shape = object({
    required: { type: oneOf("image"), alt_text: string({ max: 2000 }) },
    optional: { image_url: url, slack_file: file, ...optional },
  });
  return all(shape, (value, at, report) => {
    if (isObject(value) && (value.image_url === undefined) === (value.slack_file === undefined)) {
      report(at, "must have exactly one of image_url and slack_file");
    }
  });
}

/** block-elements/button-element */
const button = object({
  required: { type: oneOf("button"), text: plainText(75) },
  optional: {
    ...action,
    url,
    value: string({ max: 2000 }),
    style: oneOf("primary", "danger"),
    confirm,
    accessibility_label: string({ max: 75 }),
  },
});

/** block-elements/select-menu-element#static_select */
const staticSelect = all(
  object({
    required: {
      type: oneOf("static_select"),
      options: all(array(optionObject(plainText(75)), { max: 100 }), uniqueValues),
    },
    optional: {
      ...action,
      ...focus,
      ...placeholder,
      confirm,
      initial_option: optionObject(plainText(75)),
    },
  }),
  (value, at, report) => {
    if (!isObject(value) || value.initial_option === undefined) return;
    if (!isAmong(value.options, value.initial_option)) {
      report(`${at}/initial_option`, "must be one of the provided options");
    }
  },
);

/** block-elements/checkboxes-element */
const checkboxes = all(
  object({
    required: {
      type: oneOf("checkboxes"),
      options: all(array(optionObject(anyText(75)), { max: 10 }), uniqueValues),
    },
    optional: {
      ...action,
      ...focus,
      confirm,
      initial_options: array(optionObject(anyText(75)), { max: 10 }),
    },
  }),
  (value, at, report) => {
    if (!isObject(value)) return;
    for (const initial of itemsOf(value.initial_options)) {
      if (!isAmong(value.options, initial)) {
        report(`${at}/initial_options`, "must be one of the provided options");
      }
    }
  },
);

/** block-elements/plain-text-input-element */
const plainTextInput = all(
  object({
    required: { type: oneOf("plain_text_input") },
    optional: {
      ...action,
      ...focus,
      ...placeholder,
      initial_value: string(),
      multiline: boolean,
      min_length: integer(0, 3000),
      max_length: integer(1, 3000),
    },
  }),
  (value, at, report) => {
    if (!isObject(value) || typeof value.max_length !== "number") return;
    if (typeof value.initial_value === "string" && value.initial_value.length > value.max_length) {
      report(`${at}/initial_value`, "must not be longer than max_length");
    }
  },
);

const numeral = string({ pattern: /^-?\d+(\.\d+)?$/u });

/** block-elements/number-input-element: all three values are strings. */
const numberInput = all(
  object({
    required: { type: oneOf("number_input"), is_decimal_allowed: boolean },
    optional: {
      ...action,
      ...focus,
      ...placeholder,
      initial_value: numeral,
      min_value: numeral,
      max_value: numeral,
    },
  }),
  (value, at, report) => {
    if (!isObject(value)) return;
    const min = Number(value.min_value ?? Number.NEGATIVE_INFINITY);
    const max = Number(value.max_value ?? Number.POSITIVE_INFINITY);
    if (min > max) report(`${at}/min_value`, "must not be greater than max_value");
    const initial = value.initial_value;
    if (initial !== undefined && (Number(initial) < min || Number(initial) > max)) {
      report(`${at}/initial_value`, "must be from min_value to max_value");
    }
    for (const name of ["initial_value", "min_value", "max_value"]) {
      if (value.is_decimal_allowed === false && String(value[name] ?? "").includes(".")) {
        report(`${at}/${name}`, "decimals are not allowed");
      }
    }
  },
);

/** block-elements/file-input-element */
const fileInput = object({
  required: { type: oneOf("file_input") },
  optional: { ...action, filetypes: array(string({ max: 20 })), max_files: integer(1, 10) },
});

/** What an actions block takes, of the elements that are known here. */
export const actionElement = byType({ button, checkboxes, static_select: staticSelect });

/** What may stand beside a section's text. */
export const accessory = byType({
  button,
  checkboxes,
  static_select: staticSelect,
  image: image({}),
});

/** What an input block takes; `file_input` in modals only. */
export function inputElement(surface: "message" | "modal" | "home"): Check {
  const anywhere = {
    checkboxes,
    static_select: staticSelect,
    plain_text_input: plainTextInput,
    number_input: numberInput,
  };
  return byType(surface === "modal" ? { ...anywhere, file_input: fileInput } : anywhere);
}
