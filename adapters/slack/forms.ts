import type { KnownBlock, ModalView } from "@slack/web-api";
import {
  type AdapterNotes,
  type Args,
  AtelierError,
  type Command,
  decodeAction,
  getCommand,
  getVisibleJob,
  type JobRecord,
  type RawArgs,
  readArgs,
  type Services,
  splitCommandLine,
} from "#core";
import type { SlackApi } from "./api/slack-api.ts";
import type { SlackFiles } from "./api/slack-files.ts";
import { SLACK_OPTION_TEXT_MAX, SLACK_OPTIONS_MAX } from "./blocks/limits.ts";
import { plain } from "./blocks/literal-text.ts";
import { type ChosenPicture, readModal, renderModal } from "./blocks/modal.ts";
import type { ActionInbound } from "./inbound/actions.ts";
import type { MessagePicture, MessageShortcutInbound, SubmissionInbound } from "./inbound/forms.ts";
import { type ModalMetadata, writeModalMetadata } from "./inbound/modal-metadata.ts";
import { identityOf, type SlackTarget } from "./target.ts";

/** The field that asks which of a message's pictures is meant; no option has a name like it. */
const PICTURE_FIELD = "which-picture";
/** Options that name a picture: not asked for where one was chosen. */
const INSTEAD_OF_A_PICTURE = ["from"];
/** A trigger_id works for 3 s, so that a form that is late cannot open. */
const OPEN_WITHIN_MS = 2_500;

interface Opening {
  command: Command;
  deliveryId: string;
  triggerId: string;
  origin: SlackTarget;
  initial?: RawArgs;
  /** The pictures to choose from; a single one is chosen already. */
  pictures?: readonly MessagePicture[];
  /** The picture that `fixedArgs` name. */
  named?: ChosenPicture;
  fixedArgs?: Readonly<Record<string, string>>;
}

/** Opens the forms of commands and reads what is sent with them. */
export function createForms({
  api,
  files,
  services,
  notes,
}: {
  api: SlackApi;
  files: Pick<SlackFiles, "find">;
  services: Services;
  notes: AdapterNotes;
}) {
  const { commands, jobs, clock } = services;
  const openedKey = (deliveryId: string) => `form#${deliveryId}`;

  async function open({
    command,
    deliveryId,
    triggerId,
    origin,
    initial = {},
    pictures = [],
    named,
    fixedArgs,
  }: Opening): Promise<void> {
    // A delivery that comes twice opens one form.
    if (!(await notes.putNew(openedKey(deliveryId), clock.nowMs()))) return;
    const [only] = pictures.length === 1 ? pictures : [];
    const metadata: ModalMetadata = {
      origin,
      ...(only === undefined ? {} : { fileId: only.fileId }),
      ...(fixedArgs === undefined ? {} : { fixedArgs }),
    };
    const picture = pictures.length === 0 ? named : chosen(pictures);
    const view = renderModal({
      command,
      services,
      initial,
      metadata: writeModalMetadata(metadata),
      ...(picture === undefined ? {} : { picture, fixed: INSTEAD_OF_A_PICTURE }),
    });
    const whole = pictures.length > 1 ? withChoice(view, pictures) : view;
    await api.call("views.open", (web) => web.views.open({ trigger_id: triggerId, view: whole }), {
      waitMaxMs: OPEN_WITHIN_MS,
    });
  }

  /** The picture of the job that `from` means, with a thumbnail where it is in Slack already. */
  async function namedPicture(from: string, record: JobRecord): Promise<ChosenPicture> {
    const [jobId, number = "1"] = from.split("#");
    const image = jobId === record.id ? record.card?.images[Number(number) - 1] : undefined;
    const fileId = image === undefined ? null : await files.find(image.blob.key);
    return {
      name: image?.alt ?? from,
      source: fileId === null ? null : { slack_file: { id: fileId } },
    };
  }

  return {
    open,

    /** When that delivery opened a form; null when it did not. */
    async openedAtMs(deliveryId: string): Promise<number | null> {
      const note = await notes.get(openedKey(deliveryId));
      return typeof note === "number" ? note : null;
    },

    /** Opens the form that a button's `prefill` begins; says whether the button has one. */
    async openForButton(inbound: ActionInbound): Promise<boolean> {
      const { action, origin } = inbound;
      const { jobId } = decodeAction(action);
      const record = await getVisibleJob(jobs, jobId, identityOf(origin));
      const prefill = record.card?.buttons.find((each) => each.action === action)?.prefill;
      if (prefill === undefined) return false;
      const { command, raw } = splitCommandLine(prefill, commands);
      const { from, ...initial } = raw;
      if (from === undefined) await open({ ...inbound, command, initial });
      else {
        const named = await namedPicture(from, record);
        await open({ ...inbound, command, initial, named, fixedArgs: { from } });
      }
      return true;
    },

    /** Opens the form for a message's pictures. */
    async openForMessage(inbound: MessageShortcutInbound, commandName: string): Promise<void> {
      if (inbound.pictures.length === 0) {
        throw new AtelierError(
          "invalid_input",
          "There is no picture in that message. Choose this on a message that shows one.",
        );
      }
      await open({ ...inbound, command: getCommand(commandName, commands) });
    },

    /** What a form says; throws `invalid_input` with the option that is wrong, where one is. */
    read({ commandName, stateValues, metadata }: SubmissionInbound): {
      command: Command;
      args: Args;
    } {
      const command = getCommand(commandName, commands);
      const { raw, fileIds } = readModal(command, stateValues);
      const fileId = metadata.fileId ?? choiceIn(stateValues);
      const attachments = (fileId === undefined ? fileIds : [fileId]).map((attachment) => ({
        attachment,
      }));
      return { command, args: readArgs(command, { ...raw, ...metadata.fixedArgs }, attachments) };
    },

    /** Whether the form had no field for a picture. */
    isPictureChosen: ({ metadata, stateValues }: SubmissionInbound): boolean =>
      [metadata.fileId, metadata.fixedArgs, choiceIn(stateValues)].some(
        (each) => each !== undefined,
      ),
  };
}

export type Forms = ReturnType<typeof createForms>;

function chosen(pictures: readonly MessagePicture[]): ChosenPicture {
  const [first] = pictures;
  if (pictures.length > 1 || first === undefined) {
    return { name: `one of the ${pictures.length} above`, source: null };
  }
  return { name: first.title, source: { slack_file: { id: first.fileId } } };
}

function withChoice(view: ModalView, pictures: readonly MessagePicture[]): ModalView {
  const options = pictures.slice(0, SLACK_OPTIONS_MAX).map(({ fileId, title }, index) => ({
    text: plain(`${index + 1}: ${title}`, SLACK_OPTION_TEXT_MAX),
    value: fileId,
  }));
  const [first] = options;
  const choice: KnownBlock = {
    type: "input",
    block_id: PICTURE_FIELD,
    label: plain("Which picture", SLACK_OPTION_TEXT_MAX),
    element: {
      type: "static_select",
      action_id: PICTURE_FIELD,
      options,
      ...(first === undefined ? {} : { initial_option: first }),
    },
  };
  return { ...view, blocks: [choice, ...view.blocks] };
}

function choiceIn(stateValues: SubmissionInbound["stateValues"]): string | undefined {
  const state = stateValues[PICTURE_FIELD]?.[PICTURE_FIELD];
  const option =
    typeof state === "object" && state !== null && "selected_option" in state
      ? state.selected_option
      : null;
  return typeof option === "object" && option !== null && "value" in option
    ? String(option.value)
    : undefined;
}
