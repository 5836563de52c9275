import { DISCORD_COMPONENT } from "../servers/discord-component-rules.ts";
import { type JsonRecord, recordOf, recordsOf, textOf } from "../servers/json-record.ts";

/** What a person puts into a field: a text, an option's label, several labels, or files' ids. */
export type FieldValue = string | number | readonly string[];

interface Filled {
  readonly fields: Readonly<Record<string, FieldValue>>;
  /** Files that the person chose, by the field's label. */
  readonly fileIds: Readonly<Record<string, readonly string[]>>;
}

/** The components that Discord's client sends: each field as it was filled in, or as it stood. */
export function filledModal(modal: JsonRecord, { fields, fileIds }: Filled): JsonRecord[] {
  const components = recordsOf(modal.components);
  const labels = components.flatMap(labelsOf);
  for (const label of [...Object.keys(fields), ...Object.keys(fileIds)]) {
    if (labels.includes(label)) continue;
    throw new Error(`The dialog has no field "${label}": it has ${labels.join(", ")}.`);
  }
  let next = 0;
  const numbered = (component: JsonRecord) => {
    next += 1;
    return { type: component.type, id: component.id ?? next };
  };
  return components.map((component) => {
    if (component.type === DISCORD_COMPONENT.label) {
      const field = recordOf(component.component);
      const label = textOf(component.label);
      return {
        ...numbered(component),
        component: { ...numbered(field), ...stateOf(field, label) },
      };
    }
    const inside = recordsOf(component.components);
    if (inside.length === 0) return numbered(component);
    return {
      ...numbered(component),
      components: inside.map((field) => ({
        ...numbered(field),
        ...stateOf(field, textOf(field.label)),
      })),
    };
  });

  function stateOf(field: JsonRecord, label: string): JsonRecord {
    const state = {
      custom_id: field.custom_id,
      ...enteredIn(field, fields[label], fileIds[label]),
    };
    const { value, values } = state;
    const isEmpty = value === "" || value === null || values?.length === 0;
    // All fields are required unless they say otherwise.
    if (isEmpty && field.required !== false) {
      throw new Error(`Discord does not send the dialog: "${label}" is not filled in.`);
    }
    return state;
  }
}

function labelsOf(component: JsonRecord): string[] {
  if (component.type === DISCORD_COMPONENT.label) return [textOf(component.label)];
  return recordsOf(component.components).map(({ label }) => textOf(label));
}

function enteredIn(
  field: JsonRecord,
  given: FieldValue | undefined,
  files: readonly string[] | undefined,
): { value?: string | boolean | null; values?: readonly string[] } {
  switch (field.type) {
    case DISCORD_COMPONENT.fileUpload: {
      const max = typeof field.max_values === "number" ? field.max_values : 1;
      const chosen = files ?? [];
      if (chosen.length > max) throw new Error(`The field takes ${max} files at most.`);
      return { values: chosen };
    }
    case DISCORD_COMPONENT.checkbox:
      return { value: given === undefined ? field.default === true : given === "true" };
    case DISCORD_COMPONENT.radioGroup:
      return { value: chosenOptions(field, given)[0] ?? null };
    case DISCORD_COMPONENT.stringSelect:
    case DISCORD_COMPONENT.checkboxGroup:
      return { values: chosenOptions(field, given) };
    default: {
      const value = given === undefined ? textOf(field.value) : String(given);
      const max = typeof field.max_length === "number" ? field.max_length : 4000;
      if (value.length > max) throw new Error(`The field takes ${max} characters at most.`);
      return { value };
    }
  }
}

function chosenOptions(field: JsonRecord, given: FieldValue | undefined): readonly string[] {
  const options = recordsOf(field.options);
  if (given === undefined) {
    const set = options.filter((option) => option.default === true);
    return set.map(({ value }) => textOf(value));
  }
  return [given].flat().map((label) => {
    const found = options.find((option) => option.label === String(label));
    if (found !== undefined) return textOf(found.value);
    const labels = options.map((option) => textOf(option.label)).join(", ");
    throw new Error(`There is no option "${label}": there are ${labels}.`);
  });
}
