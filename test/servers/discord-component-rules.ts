import type { BodyProblem } from "./discord-refusals.ts";
import { type JsonRecord, recordsOf, textOf } from "./json-record.ts";

/** https://docs.discord.com/developers/components/reference#component-object-component-types */
export const DISCORD_COMPONENT = {
  actionRow: 1,
  button: 2,
  stringSelect: 3,
  textInput: 4,
  section: 9,
  textDisplay: 10,
  mediaGallery: 12,
  container: 17,
  label: 18,
  fileUpload: 19,
  radioGroup: 21,
  checkboxGroup: 22,
  checkbox: 23,
} as const;

/** https://docs.discord.com/developers/resources/message#message-object-message-flags */
export const DISCORD_MESSAGE_FLAG = {
  ephemeral: 1 << 6,
  loading: 1 << 7,
  componentsV2: 1 << 15,
} as const;

const DISCORD_COMPONENTS_MAX = 40;
const DISCORD_TEXT_MAX = 4000;
const DISCORD_CONTENT_MAX = 2000;
const DISCORD_ROWS_MAX = 5;
const DISCORD_ROW_BUTTONS_MAX = 5;
const DISCORD_GALLERY_MAX = 10;
const DISCORD_ALT_MAX = 1024;
const DISCORD_OPTIONS_MAX = 25;
const DISCORD_CUSTOM_ID_MAX = 100;
const LINK_STYLE = 5;
const LEGACY_FIELDS = ["content", "embeds", "poll", "sticker_ids"];

export interface PlacedComponent {
  readonly component: JsonRecord;
  readonly path: readonly string[];
}

export const isV2 = (flags: unknown): boolean =>
  (Number(flags ?? 0) & DISCORD_MESSAGE_FLAG.componentsV2) !== 0;

/** The rules of messages' components that Discord's specification does not tell. */
export function componentProblems(body: JsonRecord): BodyProblem[] {
  const placed = componentsBelow(body);
  const each = placed.flatMap(ownProblems);
  return [...each, ...uniqueProblems(placed), ...(isV2(body.flags) ? v2(body) : legacy(body))];
}

/** All components of a message or a modal, those within others included. */
export function componentsBelow(
  value: JsonRecord,
  path: readonly string[] = [],
): PlacedComponent[] {
  const groups = Object.entries({
    components: recordsOf(value.components),
    component: recordsOf([value.component]),
    accessory: recordsOf([value.accessory]),
  });
  return groups.flatMap(([name, components]) =>
    components.flatMap((component, index) => {
      const at = [...path, name, ...(name === "components" ? [String(index)] : [])];
      return [{ component, path: at }, ...componentsBelow(component, at)];
    }),
  );
}

function v2(body: JsonRecord): BodyProblem[] {
  const placed = componentsBelow(body);
  const problems = LEGACY_FIELDS.filter((name) => isGiven(body[name])).map((name) =>
    problem(
      [name],
      "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2",
      `The '${name}' field cannot be used when using MessageFlags.IS_COMPONENTS_V2`,
    ),
  );
  if (placed.length > DISCORD_COMPONENTS_MAX) {
    const message = `There are ${placed.length} components, ${DISCORD_COMPONENTS_MAX} are allowed.`;
    problems.push(problem(["components"], "COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED", message));
  }
  const length = placed.reduce((sum, { component }) => sum + shownLength(component), 0);
  if (length > DISCORD_TEXT_MAX) {
    const message = `The total displayable text has ${length} characters, ${DISCORD_TEXT_MAX} are allowed.`;
    problems.push(problem(["components"], "COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED", message));
  }
  return problems;
}

function legacy(body: JsonRecord): BodyProblem[] {
  const rows = recordsOf(body.components);
  const problems = rows.flatMap(({ type }, index) =>
    type === DISCORD_COMPONENT.actionRow
      ? []
      : [
          problem(
            ["components", String(index)],
            "UNION_TYPE_CHOICES",
            "Only with IS_COMPONENTS_V2",
          ),
        ],
  );
  if (rows.length > DISCORD_ROWS_MAX) {
    const message = `There are ${rows.length} rows, ${DISCORD_ROWS_MAX} are allowed.`;
    problems.push(problem(["components"], "BASE_TYPE_MAX_LENGTH", message));
  }
  const { length } = textOf(body.content);
  if (length > DISCORD_CONTENT_MAX) {
    const message = `Must be ${DISCORD_CONTENT_MAX} or fewer in length.`;
    problems.push(problem(["content"], "BASE_TYPE_MAX_LENGTH", message));
  }
  return problems;
}

function ownProblems({ component, path }: PlacedComponent): BodyProblem[] {
  switch (component.type) {
    case DISCORD_COMPONENT.actionRow:
      return rowProblems(component, path);
    case DISCORD_COMPONENT.button:
      return buttonProblems(component, path);
    case DISCORD_COMPONENT.stringSelect:
      return selectProblems(component, path);
    case DISCORD_COMPONENT.mediaGallery:
      return galleryProblems(component, path);
    default:
      return [];
  }
}

function rowProblems(row: JsonRecord, path: readonly string[]): BodyProblem[] {
  const inside = recordsOf(row.components);
  const buttons = inside.filter(({ type }) => type === DISCORD_COMPONENT.button).length;
  if (buttons === inside.length) {
    if (buttons > 0 && buttons <= DISCORD_ROW_BUTTONS_MAX) return [];
    const message = `A row has 1 to ${DISCORD_ROW_BUTTONS_MAX} buttons, not ${buttons}.`;
    return [problem([...path, "components"], "BASE_TYPE_BAD_LENGTH", message)];
  }
  if (inside.length === 1) return [];
  const message = "A row has one select menu and nothing beside it.";
  return [problem([...path, "components"], "COMPONENT_LAYOUT_WIDTH_EXCEEDED", message)];
}

function buttonProblems(button: JsonRecord, path: readonly string[]): BodyProblem[] {
  const { style, url, custom_id, label, emoji } = button;
  const problems: BodyProblem[] = [];
  const isLink = style === LINK_STYLE;
  if (isLink === (url === undefined || url === null)) {
    problems.push(
      problem([...path, "url"], "BUTTON_COMPONENT_INVALID_URL", "Only links have one."),
    );
  }
  const isId = typeof custom_id === "string" && isBetween(custom_id, DISCORD_CUSTOM_ID_MAX);
  if (isLink ? isGiven(custom_id) : !isId) {
    const message = `A custom_id of 1 to ${DISCORD_CUSTOM_ID_MAX} characters, except for links.`;
    problems.push(problem([...path, "custom_id"], "BUTTON_COMPONENT_CUSTOM_ID", message));
  }
  if (!isGiven(label) && !isGiven(emoji)) {
    const message = "A button must have a label or an emoji.";
    problems.push(problem([...path, "label"], "BUTTON_COMPONENT_MISSING_LABEL", message));
  }
  return problems;
}

export function selectProblems(select: JsonRecord, path: readonly string[]): BodyProblem[] {
  const options = recordsOf(select.options);
  const values = options.map(({ value }) => value);
  const problems: BodyProblem[] = [];
  if (options.length < 1 || options.length > DISCORD_OPTIONS_MAX) {
    const message = `A select has 1 to ${DISCORD_OPTIONS_MAX} options, not ${options.length}.`;
    problems.push(problem([...path, "options"], "BASE_TYPE_BAD_LENGTH", message));
  }
  if (new Set(values).size !== values.length) {
    const message = "The specified option value is already used.";
    problems.push(
      problem([...path, "options"], "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED", message),
    );
  }
  return problems;
}

function galleryProblems(gallery: JsonRecord, path: readonly string[]): BodyProblem[] {
  const items = recordsOf(gallery.items);
  const at = [...path, "items"];
  const tooLong = items.flatMap(({ description }, index) =>
    textOf(description).length > DISCORD_ALT_MAX
      ? [problem([...at, String(index), "description"], "BASE_TYPE_MAX_LENGTH", "1024 at most.")]
      : [],
  );
  if (items.length >= 1 && items.length <= DISCORD_GALLERY_MAX) return tooLong;
  const message = `A gallery has 1 to ${DISCORD_GALLERY_MAX} items, not ${items.length}.`;
  return [...tooLong, problem(at, "BASE_TYPE_BAD_LENGTH", message)];
}

/** `custom_id` and `id` name one component of a message each. */
export function uniqueProblems(placed: readonly PlacedComponent[]): BodyProblem[] {
  const seen = new Set<string>();
  return placed.flatMap(({ component, path }) =>
    (["custom_id", "id"] as const).flatMap((name) => {
      const value = component[name];
      if (value === undefined || value === null || value === 0) return [];
      const key = `${name} ${String(value)}`;
      if (!seen.has(key)) {
        seen.add(key);
        return [];
      }
      const message = `Component ${name} cannot be duplicated`;
      return [problem([...path, name], "COMPONENT_CUSTOM_ID_DUPLICATED", message)];
    }),
  );
}

function shownLength({ type, content }: JsonRecord): number {
  return type === DISCORD_COMPONENT.textDisplay ? textOf(content).length : 0;
}

function isGiven(value: unknown): boolean {
  if (value === undefined || value === null || value === "") return false;
  return !Array.isArray(value) || value.length > 0;
}

function isBetween(text: string, max: number): boolean {
  return text.length >= 1 && text.length <= max;
}

export function problem(path: readonly string[], code: string, message: string): BodyProblem {
  return { path, code, message };
}
