import { z } from "zod";
import { AtelierError } from "#core";
import { type SlackTarget, targetOf } from "../target.ts";

/** `private_metadata` of a view (docs.slack.dev/reference/views/modal-views). */
const SLACK_PRIVATE_METADATA_MAX = 3_000;

const metadataSchema = z.object({
  origin: z.unknown().transform((origin) => targetOf({ target: origin })),
  picture: z
    .union([
      z.object({ fileId: z.string() }),
      z.object({ from: z.string() }),
      z.literal("of-message"),
    ])
    .optional(),
});

/** What a modal brings back when it is submitted, beside what was filled in. */
export interface ModalMetadata {
  /** Where the modal was opened, and where its answer goes. */
  origin: SlackTarget;
  /**
   * The picture to change, where it was chosen before the modal opened: a Slack file, a job's, or
   * one of the message's, among which the modal lets one choose.
   */
  picture?: { fileId: string } | { from: string } | "of-message";
}

/** Whether the picture was chosen before the modal opened, so that no option for one is asked for. */
export function isPictureChosen({ picture }: ModalMetadata): boolean {
  return picture !== undefined;
}

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
    const { origin, picture } = metadataSchema.parse(JSON.parse(text));
    return { origin, ...(picture !== undefined && { picture }) };
  } catch (cause) {
    throw new AtelierError(
      "invalid_input",
      "This form is not one of mine. Close it and open it again.",
      { cause },
    );
  }
}
