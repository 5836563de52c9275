import type { APIInteractionResponse } from "discord-api-types/v10";
import {
  type Args,
  AtelierError,
  type Command,
  decodeAction,
  getCommand,
  getVisibleJob,
  type JsonValue,
  type MediaKind,
  type MessageEntry,
  type RawArgs,
  readArgs,
  type Services,
  splitCommandLine,
  withProposals,
} from "#core";
import { form } from "./answers.ts";
import { type ChosenPicture, planModal, readModal, renderModal } from "./components/modal.ts";
import { inOptionWords } from "./components/option-words.ts";
import type { DiscordFile } from "./inbound/files.ts";
import { fileNameIn } from "./inbound/message-pictures.ts";
import type { ModalMetadataStore } from "./inbound/modal-metadata.ts";
import type { SubmissionInbound } from "./inbound/submissions.ts";

/** Opens the forms of commands and reads what is sent with them. */
export function createForms({
  services,
  metadata,
}: {
  services: Services;
  metadata: ModalMetadataStore;
}) {
  const { commands, jobs } = services;

  async function open({
    command: declared,
    user,
    initial = {},
    pictures = [],
    kind = "image",
  }: {
    command: Command;
    /** The identity of whoever fills it in. */
    user: string;
    initial?: RawArgs;
    /** A single one is chosen; of several, the form asks which. */
    pictures?: readonly DiscordFile[];
    /** What those are. */
    kind?: MediaKind;
  }): Promise<APIInteractionResponse> {
    const command = await withProposals(declared, services, user);
    const picture = pictures.length === 0 ? undefined : chosen(pictures, kind);
    const { kept } = planModal({ command, initial, picture });
    const isPrivate = command.audience === "person" || String(kept.private) === "true";
    const attachments = pictures.map(({ attachment }) => attachment);
    const customId = await metadata.write(
      {
        command: command.name,
        ...(attachments.length === 0 ? {} : { attachments }),
        ...(Object.keys(kept).length === 0 ? {} : { fixedArgs: kept }),
      },
      { isPrivate },
    );
    return form(renderModal({ command, services, initial, picture, customId }));
  }

  return {
    open,

    /** The form that a button's `prefill` begins, or null when the button has none. */
    async openForButton(action: string, user: string): Promise<APIInteractionResponse | null> {
      const record = await getVisibleJob(jobs, decodeAction(action).jobId, user);
      const prefill = record.card?.buttons.find((each) => each.action === action)?.prefill;
      if (prefill === undefined) return null;
      const { command, raw } = splitCommandLine(prefill, commands);
      return open({ command, user, initial: raw });
    },

    /** The form for what a message shows. */
    async openForFiles(
      command: Command,
      { takes: kind }: MessageEntry,
      pictures: readonly DiscordFile[],
      user: string,
    ): Promise<APIInteractionResponse> {
      if (pictures.length > 0) return open({ command, user, pictures, kind });
      throw new AtelierError(
        "invalid_input",
        `There is no ${mediaWords[kind]} in that message. Choose this on a message that shows one.`,
      );
    },

    /**
     * Keeps what was filled in, and gives the `custom_id` of a button that opens the form with it
     * again: Discord closes a form before anyone can say what is wrong in it.
     */
    async keep({ customId, values, files }: SubmissionInbound): Promise<string> {
      const { command, attachments, fixedArgs } = await metadata.read(customId);
      const { raw } = readModal(getCommand(command, commands), values);
      const filled = Object.entries(raw).map(([name, value]) => [name, String(value)]);
      const given = Object.values(files).flatMap((each) => each.map((file) => file.attachment));
      return metadata.writeAgain({
        command,
        attachments: attachments ?? given,
        fixedArgs: { ...fixedArgs, ...Object.fromEntries(filled) },
      });
    },

    /** Opens a form as it was kept. */
    async openAgain(customId: string, user: string): Promise<APIInteractionResponse> {
      const { command: name, attachments = [], fixedArgs = {} } = await metadata.read(customId);
      const command = getCommand(name, commands);
      const takesVideo = Object.values(command.options).some(({ type }) => type === "video");
      return open({
        command,
        user,
        kind: takesVideo ? "video" : "image",
        initial: fixedArgs,
        pictures: attachments.map((url) => ({ attachment: url, name: fileNameIn(url) })),
      });
    },

    /** Does what is done with a message's job; throws `not_found` where the message shows none. */
    async ofShownJob<T>(jobId: JsonValue | null, act: (jobId: string) => Promise<T>): Promise<T> {
      if (typeof jobId === "string") return act(jobId);
      throw new AtelierError("not_found", "That message is not one of my results.");
    },

    /** What a form says. */
    async read(inbound: SubmissionInbound): Promise<{ command: Command; args: Args }> {
      const { command: name, attachments = [], fixedArgs } = await metadata.read(inbound.customId);
      const command = getCommand(name, commands);
      const { raw, picture } = readModal(command, inbound.values);
      const given = Object.values(inbound.files)
        .flat()
        .map(({ attachment, kind }) => ({ attachment, ...(kind === undefined ? {} : { kind }) }));
      const known = attachments[picture === undefined ? 0 : Number(picture)];
      const pictures = known === undefined ? given : [{ attachment: known }];
      return inOptionWords(command, async () => ({
        command,
        args: readArgs(command, { ...fixedArgs, ...raw }, pictures),
      }));
    },
  };
}

/** A form that could not be taken; `tryAgain` opens it again, as `keep` gives it. */
export class FormFailure extends Error {
  override readonly name = "FormFailure";
  readonly tryAgain: string | undefined;

  constructor(cause: unknown, tryAgain: string | undefined) {
    super("A form could not be taken.", { cause });
    this.tryAgain = tryAgain;
  }
}

export type Forms = ReturnType<typeof createForms>;

const mediaWords = { image: "picture", video: "video" } as const;

function chosen(pictures: readonly DiscordFile[], kind: MediaKind): ChosenPicture {
  const [first] = pictures;
  const word = mediaWords[kind];
  if (pictures.length === 1 && first !== undefined) return { word, name: first.name };
  return {
    word,
    name: `one of ${pictures.length}`,
    choices: pictures.map(({ name }, index) => ({
      name: `${index + 1}: ${name}`,
      value: String(index),
    })),
  };
}
