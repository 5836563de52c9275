import {
  type AdapterNotes,
  type Args,
  AtelierError,
  type Command,
  decodeAction,
  getCommand,
  getVisibleJob,
  type JobRecord,
  type MediaKind,
  type MessageEntry,
  type RawArgs,
  readArgs,
  type Services,
  splitCommandLine,
  withProposals,
} from "#core";
import type { SlackApi } from "./api/slack-api.ts";
import { slackErrorCode } from "./api/slack-errors.ts";
import type { SlackFiles } from "./api/slack-files.ts";
import { createThumbnails } from "./api/thumbnails.ts";
import { type ChosenPicture, readModal, renderModal } from "./blocks/modal.ts";
import { choiceIn, withChoice } from "./blocks/picture-choice.ts";
import type { ActionInbound } from "./inbound/actions.ts";
import type { MessageShortcutInbound, SubmissionInbound } from "./inbound/forms.ts";
import type { MessagePicture } from "./inbound/message-pictures.ts";
import { isPictureChosen, type ModalMetadata } from "./inbound/modal-metadata.ts";
import { identityOf, type SlackTarget } from "./target.ts";

/** A trigger_id works for 3 s, so that a form that is late cannot open. */
const OPEN_WITHIN_MS = 2_500;
/** What views.open answers when it does not take what the view shows. */
const VIEW_REFUSED_CODES = ["invalid_arguments", "invalid_blocks"];

const words = { image: "picture", video: "video" } as const;
const none = (kind: MediaKind) =>
  `There is no ${words[kind]} in that message. Choose this on a message that shows one.`;
const NOT_IN_SLACK =
  "That picture is not a file in Slack. Save it and upload it here, then try again.";

interface Opening {
  command: Command;
  deliveryId: string;
  triggerId: string;
  origin: SlackTarget;
  initial?: RawArgs;
  /** The picture to change, where it is chosen before the form opens. */
  picture?: OpeningPicture;
}

interface OpeningPicture {
  means: NonNullable<ModalMetadata["picture"]>;
  name: string;
  /** The file that shows it, where it is one in Slack. */
  fileId: string | null;
  /** What to choose from, where there are several. */
  choices?: readonly MessagePicture[];
  /** A picture unless told. */
  kind?: MediaKind;
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
  const thumbnails = createThumbnails({ api, clock });
  const openedKey = (deliveryId: string) => `form#${deliveryId}`;

  async function open({
    command: declared,
    deliveryId,
    triggerId,
    origin,
    initial = {},
    picture,
  }: Opening): Promise<void> {
    const endMs = clock.nowMs() + OPEN_WITHIN_MS;
    // A delivery that comes twice opens one form.
    if (!(await notes.putNew(openedKey(deliveryId), clock.nowMs()))) return;
    const command = await withProposals(declared, services, identityOf(origin));
    const metadata = { origin, ...(picture === undefined ? {} : { picture: picture.means }) };

    function show(shown?: ChosenPicture): Promise<unknown> {
      const view = renderModal({ command, services, initial, metadata, picture: shown });
      const whole = withChoice(view, picture?.choices ?? [], words[picture?.kind ?? "image"]);
      const waitMaxMs = Math.max(1, endMs - clock.nowMs());
      const request = { trigger_id: triggerId, view: whole };
      return api.call("views.open", (web) => web.views.open(request), { waitMaxMs });
    }

    if (picture === undefined) {
      await show();
      return;
    }
    const { name, fileId, kind = "image" } = picture;
    const word = words[kind];
    const source = fileId === null || kind === "video" ? null : await thumbnails.find(fileId);
    try {
      await show({ word, name, source });
    } catch (thrown) {
      const isRefused = VIEW_REFUSED_CODES.includes(slackErrorCode(thrown) ?? "");
      if (!isRefused || source === null) throw thrown;
      // Slack does not say whether a refused view uses the trigger_id up: that is why we looked first.
      await show({ word, name, source: null });
    }
  }

  /** The picture of the job that `from` means, with a thumbnail where it is in Slack already. */
  async function namedPicture(from: string, record: JobRecord): Promise<OpeningPicture> {
    const [jobId, number = "1"] = from.split("#");
    const image = jobId === record.id ? record.card?.images[Number(number) - 1] : undefined;
    const fileId = image === undefined ? null : await files.find(image.blob.key);
    return { means: { from }, name: image?.alt ?? from, fileId };
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
        const picture = await namedPicture(from, record);
        await open({ ...inbound, command, initial, picture });
      }
      return true;
    },

    /** Opens the form for a message's pictures or videos. */
    async openForMessage(
      inbound: MessageShortcutInbound,
      command: Command,
      { takes: kind }: MessageEntry,
    ): Promise<void> {
      const { videos, hasOtherPictures } = inbound;
      const pictures = kind === "video" ? videos : inbound.pictures;
      const [first] = pictures;
      if (first === undefined) {
        const isElsewhere = kind === "image" && hasOtherPictures;
        throw new AtelierError("invalid_input", isElsewhere ? NOT_IN_SLACK : none(kind));
      }
      const picture: OpeningPicture =
        pictures.length === 1
          ? { kind, means: { fileId: first.fileId }, name: first.title, fileId: first.fileId }
          : {
              kind,
              means: "of-message",
              name: `one of the ${pictures.length} above`,
              fileId: null,
              choices: pictures,
            };
      await open({ ...inbound, command, picture });
    },

    /** What a form says; throws `invalid_input` with the option that is wrong, where one is. */
    read({ commandName, stateValues, metadata }: SubmissionInbound): {
      command: Command;
      args: Args;
    } {
      const command = getCommand(commandName, commands);
      const { raw, fileIds } = readModal(command, stateValues);
      const picture =
        metadata.picture === "of-message"
          ? { fileId: choiceIn(stateValues) }
          : (metadata.picture ?? {});
      const fileId = "fileId" in picture ? picture.fileId : undefined;
      const attachments = (fileId === undefined ? fileIds : [fileId]).map((attachment) => ({
        attachment,
      }));
      const given = "from" in picture ? { ...raw, from: picture.from } : raw;
      return { command, args: readArgs(command, given, attachments) };
    },

    /** Whether the form had no field for a picture. */
    isPictureChosen: ({ metadata }: SubmissionInbound): boolean => isPictureChosen(metadata),
  };
}

export type Forms = ReturnType<typeof createForms>;
