import { ComponentType } from "discord-api-types/v10";
import { z } from "zod";
import type { InboundParts } from "../inbound.ts";
import type { DiscordTarget } from "../target.ts";
import { check, messageHead, pressedOf, readOrigin, snowflake } from "./body.ts";
import { type DiscordFile, fileOf, resolvedFilesSchema } from "./files.ts";
import { isPrivateForm } from "./modal-metadata.ts";

/** What stands in a modal's field: text, a tick, or what was chosen. */
export type FieldValue = string | boolean | readonly string[];

/** A modal that was filled in and sent. */
export interface SubmissionInbound {
  kind: "submission";
  deliveryId: string;
  /** Of the modal; `createModalMetadata` reads it. */
  customId: string;
  /** By the field's `custom_id`; what was left empty is "" or []. */
  values: Readonly<Record<string, FieldValue>>;
  /** The files of each upload field, by its `custom_id`. */
  files: Readonly<Record<string, readonly DiscordFile[]>>;
  /** `ephemeral` for what only the person sees; `pressed` is the message that the modal was opened from, if any. */
  origin: DiscordTarget;
}

const fieldSchema = z.object({
  type: z.number(),
  custom_id: z.string().min(1).max(100),
  value: z.union([z.string(), z.boolean()]).nullish(),
  values: z.array(z.string()).nullish(),
});

/** A label around a field; an action row around fields, as old modals had it; or a text between them. */
const rowSchema = z.union([
  z.object({ component: fieldSchema }).transform(({ component }) => [component]),
  z.object({ components: z.array(fieldSchema) }).transform(({ components }) => components),
  z.object({ type: z.number() }).transform(() => []),
]);

/** docs.discord.com/developers/interactions/receiving-and-responding#interaction-object-modal-submit-data-structure */
const submissionSchema = z.object({
  data: z.object({
    custom_id: z.string().min(1).max(100),
    components: z.array(rowSchema),
    resolved: resolvedFilesSchema,
  }),
  message: messageHead.nullish(),
});

const fileIds = z.array(snowflake);

export function readSubmission(interaction: unknown, parts: InboundParts): SubmissionInbound {
  const { data, message } = check(submissionSchema, interaction);
  const values: Record<string, FieldValue> = {};
  const files: Record<string, DiscordFile[]> = {};
  for (const field of data.components.flat()) {
    if (field.type === ComponentType.FileUpload) {
      files[field.custom_id] = check(fileIds, field.values ?? []).map((fileId) =>
        fileOf(fileId, data.resolved, parts.isFileUrl),
      );
    } else values[field.custom_id] = field.values ?? field.value ?? "";
  }
  const isPrivate = isPrivateForm(data.custom_id) || values.private === true;
  const { id, origin } = readOrigin(interaction, parts, isPrivate ? "ephemeral" : "public");
  return {
    kind: "submission",
    deliveryId: id,
    customId: data.custom_id,
    values,
    files,
    origin: { ...origin, ...(message ? { pressed: pressedOf(message) } : {}) },
  };
}
