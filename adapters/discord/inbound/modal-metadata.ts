import { z } from "zod";
import { type AdapterNotes, AtelierError, type JsonValue, type NewId } from "#core";
import { DISCORD_CUSTOM_ID_MAX } from "../components/limits.ts";

/** What a modal brings back when it is sent, beside what was filled in. */
export interface ModalMetadata {
  /** The command that it is the form of. */
  command: string;
  /** The pictures' addresses, when they were known before the modal opened. */
  attachments?: readonly string[];
  /** Arguments that the modal has no field for, such as `from`. */
  fixedArgs?: Readonly<Record<string, string>>;
}

const metadataSchema = z.object({
  command: z.string(),
  attachments: z.array(z.string()).optional(),
  fixedArgs: z.record(z.string(), z.string()).optional(),
});

/** Before the others: only the person sees what comes of it, which must be known before a note is read. */
const OWN = "own-";
/** Not a form, but a button that opens one. */
const AGAIN = "again-";
const WHOLE = "form:";
const NOTED = "note:";
const noteKey = (id: string) => `modal#${id}`;

/** A modal's `custom_id` has little room: what does not fit into it is kept in a note. */
export function createModalMetadata({ notes, newId }: { notes: AdapterNotes; newId: NewId }) {
  async function noted(kept: JsonValue): Promise<string> {
    const id = newId();
    await notes.put(noteKey(id), kept);
    return NOTED + id;
  }

  return {
    /** The metadata as a modal's `custom_id`. */
    async write(
      metadata: ModalMetadata,
      { isPrivate = false }: { isPrivate?: boolean } = {},
    ): Promise<string> {
      const own = isPrivate ? OWN : "";
      const kept = asJson(metadata);
      const whole = own + WHOLE + JSON.stringify(kept);
      return whole.length <= DISCORD_CUSTOM_ID_MAX ? whole : own + (await noted(kept));
    },

    /** The metadata as the `custom_id` of a button that opens the form with all of it. */
    async writeAgain(metadata: ModalMetadata): Promise<string> {
      return AGAIN + (await noted(asJson(metadata)));
    },

    /** What was written; throws `invalid_input` for anything else. */
    async read(customId: string): Promise<ModalMetadata> {
      const rest = [OWN, AGAIN].reduce(
        (id, prefix) => (id.startsWith(prefix) ? id.slice(prefix.length) : id),
        customId,
      );
      const found = rest.startsWith(NOTED)
        ? await notes.get(noteKey(rest.slice(NOTED.length)))
        : parsed(rest);
      const read = metadataSchema.safeParse(found);
      if (!read.success) {
        throw new AtelierError(
          "invalid_input",
          "This form is not one of mine. Close it and open it again.",
          { cause: read.error },
        );
      }
      const { command, attachments, fixedArgs } = read.data;
      return {
        command,
        ...(attachments === undefined ? {} : { attachments }),
        ...(fixedArgs === undefined ? {} : { fixedArgs }),
      };
    },
  };
}

export type ModalMetadataStore = ReturnType<typeof createModalMetadata>;

function asJson({ command, attachments, fixedArgs }: ModalMetadata) {
  return {
    command,
    ...(attachments === undefined ? {} : { attachments: [...attachments] }),
    ...(fixedArgs === undefined ? {} : { fixedArgs: { ...fixedArgs } }),
  };
}

/** Whether what comes of the form is private, whatever is filled in. */
export function isPrivateForm(customId: string): boolean {
  return customId.startsWith(OWN);
}

/** Whether it is of a button that opens a form again. */
export function isOpeningAgain(customId: string): boolean {
  return customId.startsWith(AGAIN);
}

function parsed(customId: string): unknown {
  try {
    return customId.startsWith(WHOLE) ? JSON.parse(customId.slice(WHOLE.length)) : null;
  } catch {
    return null;
  }
}
