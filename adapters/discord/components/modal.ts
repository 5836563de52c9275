import {
  type APILabelComponent,
  type APIModalInteractionResponseCallbackData,
  ComponentType,
} from "discord-api-types/v10";
import {
  type Choice,
  type Command,
  isMedia,
  namesMedia,
  type Option,
  type RawArgs,
  type Services,
} from "#core";
import type { FieldValue, SubmissionInbound } from "../inbound/submissions.ts";
import { DISCORD_MODAL_COMPONENTS_MAX, DISCORD_MODAL_TITLE_MAX } from "./limits.ts";
import { plain } from "./literal-text.ts";
import { choiceField, fitsField, labelledField } from "./modal-fields.ts";

/** The field that asks which of several pictures is meant; no option has a name like it. */
const PICTURE_FIELD = "which-picture";

/** A picture that was chosen before the form opened: none is asked for. */
export interface ChosenPicture {
  /** What it is called; a picture unless told. */
  word?: "picture" | "video";
  /** Such as the file's name. */
  name: string;
  /** Where there are several, the form asks which; at most 25 are offered. */
  choices?: readonly Choice[];
}

/** What a form is made of. */
interface ModalParts {
  command: Command;
  /** What is known already. */
  initial: RawArgs;
  /** Values that are not to be changed. */
  fixed?: RawArgs | undefined;
  picture?: ChosenPicture | undefined;
}

/** How a command's options are divided between its form and the memory of whoever opens it. */
export interface ModalPlan {
  /** The options that the form asks for, from the top. */
  shown: readonly string[];
  /** The values of all others: what is sent means `{ ...kept, ...raw }`. */
  kept: Readonly<Record<string, string>>;
}

/**
 * What the form asks for, which is at most five things: the text, what is required, the picture,
 * then the rest as declared. An option with a value that no field can hold keeps it.
 */
export function planModal({ command, initial, fixed = {}, picture }: ModalParts): ModalPlan {
  const isNamed = Object.entries(command.options).some(
    ([name, option]) => namesMedia(option) && initial[name] !== undefined,
  );
  const isAsked = ([name, option]: [string, Option]) =>
    fixed[name] === undefined &&
    fitsField(option, initial[name]) &&
    !namesMedia(option) &&
    !(isMedia(option) && (picture !== undefined || isNamed));
  const shown = Object.entries(command.options)
    .filter(isAsked)
    .sort(([, a], [, b]) => rank(a) - rank(b))
    .slice(0, DISCORD_MODAL_COMPONENTS_MAX - (picture?.choices === undefined ? 0 : 1))
    .map(([name]) => name);
  const unasked = Object.entries({ ...initial, ...fixed }).flatMap(([name, value]) =>
    value === undefined || shown.includes(name) ? [] : [[name, String(value)] as const],
  );
  return { shown, kept: Object.fromEntries(unasked) };
}

function rank(option: Option): number {
  if (option.type === "string" && option.isText === true) return 0;
  if (option.required === true) return 1;
  return isMedia(option) ? 2 : 3;
}

/** The form that `planModal` says, as the `data` of an interaction's response. */
export function renderModal({
  services,
  customId,
  ...parts
}: ModalParts & {
  services: Services;
  customId: string;
}): APIModalInteractionResponseCallbackData {
  const { command, initial, picture } = parts;
  const labels = planModal(parts).shown.flatMap((name, index): APILabelComponent[] => {
    const option = command.options[name];
    const description =
      picture !== undefined && index === 0 ? chosenLine(command, picture) : undefined;
    return option === undefined
      ? []
      : [labelledField({ command, name, option, initial: initial[name], services, description })];
  });
  const which = `Which ${picture?.word ?? "picture"}`;
  const choice = choiceField(PICTURE_FIELD, which, picture?.choices ?? []);
  return {
    custom_id: customId,
    title: plain(`/${command.name}`, DISCORD_MODAL_TITLE_MAX),
    components: filled(choice === null ? labels : [choice, ...labels], command),
  };
}

function chosenLine({ messageEntry }: Command, { word = "picture", name }: ChosenPicture): string {
  const isChanged = messageEntry?.opensForm === true && word === "picture";
  return `The ${word}${isChanged ? " to change" : ""}: ${name}`;
}

/** Discord takes no form without anything in it. */
function filled(labels: APILabelComponent[], { description }: Command) {
  return labels.length > 0
    ? labels
    : [{ type: ComponentType.TextDisplay, content: plain(description, 1000) } as const];
}

/** What a submitted form says beside its files. */
export interface ModalAnswers {
  raw: RawArgs;
  /** The chosen one of `ChosenPicture.choices`. */
  picture?: string;
}

/** Reads a submission's values; what was left empty is absent. */
export function readModal(command: Command, values: SubmissionInbound["values"]): ModalAnswers {
  const raw: Record<string, string | boolean> = {};
  for (const [name, option] of Object.entries(command.options)) {
    const value = answerIn(values[name]);
    if (isMedia(option) || value === false || value === "") continue;
    raw[name] = value;
  }
  const picture = answerIn(values[PICTURE_FIELD]);
  return { raw, ...(typeof picture === "string" && picture !== "" ? { picture } : {}) };
}

/** One value; lists in these forms have one choice at most. */
function answerIn(value: FieldValue | undefined): string | boolean {
  if (typeof value === "boolean") return value;
  const text = typeof value === "string" ? value : (value?.[0] ?? "");
  return text.trim();
}
