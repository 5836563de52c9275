import { z } from "zod";
import { AtelierError } from "#core";
import { type SlackTarget, targetOf } from "../target.ts";

/** `private_metadata` of a view (docs.slack.dev/reference/views/modal-views). */
const SLACK_PRIVATE_METADATA_MAX = 3_000;

/** What a modal brings back when it is submitted, beside what was filled in. */
export interface ModalMetadata {
  /** Where the modal was opened, and where its answer goes. */
  origin: SlackTarget;
  /** The Slack file to change, when it was chosen before the modal opened. */
  fileId?: string;
  /** Arguments that the modal has no field for, such as `from`. */
  fixedArgs?: Readonly<Record<string, string>>;
}

const metadataSchema = z.object({
  origin: z.unknown().transform((origin) => targetOf({ target: origin })),
  fileId: z.string().optional(),
  fixedArgs: z.record(z.string(), z.string()).optional(),
});

/** As `private_metadata`; the `response_url` is left out when it does not fit. Throws `internal` when the rest does not. */
export function writeModalMetadata(metadata: ModalMetadata): string {
  const whole = JSON.stringify(metadata);
  if (whole.length <= SLACK_PRIVATE_METADATA_MAX) return whole;
  const { responseUrl: _url, responseUrlUntilMs: _until, ...origin } = metadata.origin;
  const rest = JSON.stringify({ ...metadata, origin });
  if (rest.length <= SLACK_PRIVATE_METADATA_MAX) return rest;
  throw new AtelierError(
    "internal",
    `A modal keeps ${SLACK_PRIVATE_METADATA_MAX} characters, and this one was to keep ${rest.length}. Keep less in it.`,
  );
}

/** What `writeModalMetadata` wrote; throws `invalid_input` for anything else. */
export function readModalMetadata(text: string): ModalMetadata {
  try {
    const { origin, fileId, fixedArgs } = metadataSchema.parse(JSON.parse(text));
    return { origin, ...(fileId !== undefined && { fileId }), ...(fixedArgs && { fixedArgs }) };
  } catch (cause) {
    throw new AtelierError(
      "invalid_input",
      "This form is not one of mine. Close it and open it again.",
      { cause },
    );
  }
}
