import type { KnownBlock, ModalView } from "@slack/web-api";
import { z } from "zod";
import {
  AtelierError,
  type Command,
  inFormWords,
  isMedia,
  namesMedia,
  type Option,
  personMessage,
  type RawArgs,
  type Services,
} from "#core";
import {
  isPictureChosen,
  type ModalMetadata,
  writeModalMetadata,
} from "../inbound/modal-metadata.ts";
import { contextLine } from "./card-blocks.ts";
import type { SlackImageSource } from "./image-blocks.ts";
import { SLACK_ALT_TEXT_MAX, SLACK_MODAL_TITLE_MAX, SLACK_TEXT_OBJECT_MAX } from "./limits.ts";
import { clean, cut, plain } from "./literal-text.ts";
import { inputBlock } from "./modal-fields.ts";

/** A picture that was chosen before the form opened: it is shown instead of asked for. */
export interface ChosenPicture {
  /** What it is called; a picture unless told. */
  word?: "picture" | "video";
  /** Such as the file's name. */
  name: string;
  /** For the thumbnail; null when there is none to show. */
  source: SlackImageSource | null;
}

/** The form with every option of a command, filled in as far as values are known. */
export function renderModal({
  command,
  services,
  initial,
  metadata,
  picture,
}: {
  command: Command;
  services: Services;
  initial: RawArgs;
  metadata: ModalMetadata;
  /** What `metadata.picture` is shown as. */
  picture?: ChosenPicture | undefined;
}): ModalView {
  const fields = fieldsOf(command, isPictureChosen(metadata));
  const blocks: (KnownBlock | null)[] = [
    pictureLine(command, picture),
    ...fields.map(([name, option]) =>
      inputBlock({
        command,
        name,
        option,
        initial: initial[name],
        services,
        hasFocus: isText(option),
      }),
    ),
  ];
  return {
    type: "modal",
    callback_id: command.name,
    private_metadata: writeModalMetadata(metadata),
    title: plain(`/${command.name}`, SLACK_MODAL_TITLE_MAX),
    submit: plain("Send", SLACK_MODAL_TITLE_MAX),
    close: plain("Cancel", SLACK_MODAL_TITLE_MAX),
    blocks: blocks.filter((block) => block !== null),
  };
}

function pictureLine(
  { messageEntry }: Command,
  picture: ChosenPicture | undefined,
): KnownBlock | null {
  if (picture === undefined) return null;
  const name = clean(picture.name) || "the one you chose";
  const { word = "picture" } = picture;
  const isChanged = messageEntry?.opensForm === true && word === "picture";
  const text = `The ${word}${isChanged ? " to change" : ""}: ${name}`;
  if (picture.source === null) return contextLine([cut(text, SLACK_TEXT_OBJECT_MAX)]);
  const thumbnail = {
    type: "image",
    ...picture.source,
    alt_text: cut(name, SLACK_ALT_TEXT_MAX),
  } as const;
  return { type: "context", elements: [thumbnail, plain(text, SLACK_TEXT_OBJECT_MAX)] };
}

/** The options that the form asks for: the text first, then pictures, then the rest as declared. */
function fieldsOf(command: Command, hasPicture: boolean): [string, Option][] {
  const isForPicture = (option: Option) => isMedia(option) || namesMedia(option);
  const rank = (option: Option) => (isText(option) ? 0 : isMedia(option) ? 1 : 2);
  return Object.entries(command.options)
    .filter(([, option]) => !(hasPicture && isForPicture(option)))
    .sort(([, a], [, b]) => rank(a) - rank(b));
}

function isText(option: Option): boolean {
  return option.type === "string" && option.isText === true;
}

const stateSchema = z.record(
  z.string(),
  z.record(
    z.string(),
    z.object({
      value: z.string().nullish(),
      selected_option: z.object({ value: z.string() }).nullish(),
      selected_options: z.array(z.object({ value: z.string() })).nullish(),
      files: z.array(z.object({ id: z.string() })).nullish(),
    }),
  ),
);

/** What a submitted form says; `fileIds` are the files given for its pictures. */
export interface ModalAnswers {
  raw: RawArgs;
  fileIds: string[];
}

/** Reads `view.state.values`; what was left empty is absent. Rejects with `invalid_input`. */
export function readModal(command: Command, values: unknown): ModalAnswers {
  const parsed = stateSchema.safeParse(values);
  if (!parsed.success) {
    throw new AtelierError("invalid_input", "The form could not be read. Open it again.", {
      cause: parsed.error,
    });
  }
  const raw: Record<string, string | boolean> = {};
  const fileIds: string[] = [];
  for (const [name, option] of Object.entries(command.options)) {
    const state = parsed.data[name]?.[name];
    if (state === undefined) continue;
    if (isMedia(option)) fileIds.push(...(state.files ?? []).map(({ id }) => id));
    else if (option.type === "flag") {
      if ((state.selected_options ?? []).length > 0) raw[name] = true;
    } else {
      const value = (state.selected_option?.value ?? state.value ?? "").trim();
      if (value !== "") raw[name] = value;
    }
  }
  return { raw, fileIds };
}

/** More would push the fields apart; Slack names no limit. */
const FIELD_ERROR_MAX = 500;

/**
 * The `errors` of a `response_action`: the sentence at the option it is about, or at the first
 * field. `reference` is the id under which the operator finds the cause.
 */
export function fieldErrors({
  command,
  error,
  reference,
  isPictureChosen: hasPicture = false,
}: {
  command: Command;
  error: AtelierError;
  reference: string;
  /** As when the form was rendered: a field that is not on it cannot carry an error. */
  isPictureChosen?: boolean;
}): Record<string, string> {
  const names = fieldsOf(command, hasPicture).map(([name]) => name);
  const name = names.find((each) => each === error.option) ?? names[0];
  const said = inFormWords(personMessage(error, reference), command);
  const sentence = cut(clean(said), FIELD_ERROR_MAX);
  return name === undefined ? {} : { [name]: sentence };
}
