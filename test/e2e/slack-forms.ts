import { type JsonRecord, recordOf, recordsOf, textOf } from "../servers/json-record.ts";

/** What a person puts into a field: a text, an option's label, several labels, or files. */
export type FieldValue = string | number | readonly string[] | readonly JsonRecord[];

/** The state that Slack's client sends: each field as it was filled in, or as it stood. */
export function filledFields(
  view: JsonRecord,
  values: Readonly<Record<string, FieldValue>>,
): Record<string, JsonRecord> {
  const fields = recordsOf(view.blocks).filter(({ type }) => type === "input");
  const labels = fields.map(labelOf);
  for (const label of Object.keys(values)) {
    if (!labels.includes(label)) {
      throw new Error(`The dialog has no field "${label}": it has ${labels.join(", ")}.`);
    }
  }
  return Object.fromEntries(
    fields.map((field) => {
      const element = recordOf(field.element);
      const state = stateOf(element, values[labelOf(field)]);
      if (field.optional !== true && isEmpty(state)) {
        throw new Error(`Slack does not send the dialog: "${labelOf(field)}" is not filled in.`);
      }
      return [textOf(field.block_id), { [textOf(element.action_id)]: state }];
    }),
  );
}

/** The kind of each field, by its label. */
export function fieldsOf(view: JsonRecord): Record<string, string> {
  const fields = recordsOf(view.blocks).filter(({ type }) => type === "input");
  return Object.fromEntries(
    fields.map(({ label, element }) => [
      textOf(recordOf(label).text),
      textOf(recordOf(element).type),
    ]),
  );
}

/** What stands in a field of the open form. */
export function valueIn(view: JsonRecord, name: string): unknown {
  const state = recordOf(filledFields(view, {})[name]?.[name]);
  return state.value ?? recordOf(state.selected_option).value;
}

/** The file that the form shows beside the name of the picture to change. */
export function thumbnailIn(view: JsonRecord): unknown {
  const elements = recordsOf(view.blocks).flatMap((block) => recordsOf(block.elements));
  const files = elements.map(({ slack_file: file }) => recordOf(file).id);
  return files.find((id) => id !== undefined);
}

function labelOf(field: JsonRecord): string {
  return textOf(recordOf(field.label).text);
}

function stateOf(element: JsonRecord, value: FieldValue | undefined): JsonRecord {
  const { type } = element;
  switch (type) {
    case "static_select":
    case "radio_buttons": {
      const chosen =
        value === undefined ? element.initial_option : optionOf(element, String(value));
      return { type, selected_option: chosen ?? null };
    }
    case "checkboxes": {
      const chosen =
        value === undefined
          ? recordsOf(element.initial_options)
          : [value].flat().map((label) => optionOf(element, String(label)));
      return { type, selected_options: chosen };
    }
    case "file_input":
      return { type, files: recordsOf(value) };
    default: {
      const typed = value ?? element.initial_value;
      return { type, value: typed === undefined || typed === "" ? null : String(typed) };
    }
  }
}

function optionOf(element: JsonRecord, label: string): JsonRecord {
  const groups = recordsOf(element.option_groups).flatMap(({ options }) => recordsOf(options));
  const options = [...recordsOf(element.options), ...groups];
  const found = options.find(({ text }) => recordOf(text).text === label);
  if (found !== undefined) return found;
  const labels = options.map(({ text }) => textOf(recordOf(text).text));
  throw new Error(`There is no option "${label}": there are ${labels.join(", ")}.`);
}

function isEmpty({ value, selected_option, selected_options, files }: JsonRecord): boolean {
  const given = value ?? selected_option ?? selected_options ?? files ?? null;
  return given === null || (Array.isArray(given) && given.length === 0);
}
