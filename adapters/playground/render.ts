import {
  type CardLimits,
  type Command,
  fitCard,
  isThumbnail,
  type JobRecord,
  type JobStatus,
  type Option,
  type Progress,
  personOf,
  type Services,
  type SignedCard,
  type SignedField,
  withProposals,
} from "#core";
import type {
  CardView,
  CommandView,
  FieldView,
  JobView,
  OptionView,
  PreviewView,
} from "./job-view.ts";
import type { PreviewMessage } from "./preview.ts";

/** The page shows whatever a command may say; these only keep one card from filling the channel. */
export const PLAYGROUND_CARD_LIMITS: CardLimits = {
  textMax: 12_000,
  codeMax: 60_000,
  altMax: 2_000,
  imagesMax: 10,
  fieldsMax: 25,
  fieldLabelMax: 80,
  fieldValueMax: 2_000,
  buttonsMax: 12,
  buttonLabelMax: 40,
  noticesMax: 6,
  noticeMax: 600,
};

/** What is not in a job's record. */
export interface LiveState {
  /** Until when the links on its card work. */
  linksExpireAtMs: number;
  /** These only the process that works on it knows. */
  position: number | null;
  progress: Progress | null;
}

const viewStatus = {
  queued: "queued",
  running: "running",
  delivered: "done",
  refused: "failed",
  failed: "failed",
  cancelled: "cancelled",
  expired: "failed",
} as const satisfies Record<JobStatus, JobView["status"]>;

/** A job as the page gets it; `card` is its card with links signed just now. */
export function renderJob(
  record: JobRecord,
  card: SignedCard | null,
  text: string,
  live: LiveState,
): JobView {
  const status = viewStatus[record.status];
  return {
    job_id: record.id,
    status,
    ...(status === "queued" && live.position !== null ? { position: live.position } : {}),
    ...(status === "running" && live.progress !== null ? { progress: { ...live.progress } } : {}),
    card: card === null ? null : renderCard(card),
    error: record.failure,
    user: personOf(record.user),
    text,
    is_private: record.isPrivate,
    created_at: new Date(record.createdAtMs).toISOString(),
    ...(card === null || !hasLinks(card)
      ? {}
      : { links_expire_at: new Date(live.linksExpireAtMs).toISOString() }),
  };
}

function hasLinks({ images, fields }: SignedCard): boolean {
  return images.length > 0 || fields.some(({ momentUrl }) => momentUrl !== undefined);
}

/** What another platform would show of the job, as the page gets it. */
export function renderPreview(record: JobRecord, message: PreviewMessage): PreviewView {
  return {
    status: viewStatus[record.status],
    sent_at: new Date(record.finishedAtMs ?? record.createdAtMs).toISOString(),
    text: message.text,
    blocks: message.blocks,
    is_for_person_only: message.isForPersonOnly,
    names: message.names,
  };
}

/** The card as plain JSON in the wire format's names. */
function renderCard(signed: SignedCard): CardView {
  const card = fitCard(signed, PLAYGROUND_CARD_LIMITS);
  return {
    text: card.text,
    ...(card.code === undefined ? {} : { code: card.code }),
    ...(card.askedBy === undefined ? {} : { asked_by: personOf(card.askedBy) }),
    images: card.images.map(({ blob, url, alt, widthPx, heightPx, mediaType }) => ({
      url,
      alt,
      width_px: widthPx,
      height_px: heightPx,
      media_type: mediaType,
      ...(isThumbnail({ blob }) ? { is_thumbnail: true } : {}),
    })),
    fields: card.fields.map(renderField),
    buttons: card.buttons.map(({ label, action, prefill, style }) => ({
      label,
      action,
      ...(prefill === undefined ? {} : { prefill }),
      ...(style === undefined ? {} : { style }),
    })),
    notices: [...card.notices],
    ...(card.replaces === undefined ? {} : { replaces: card.replaces }),
  };
}

function renderField({ label, value, person, moment, momentUrl }: SignedField): FieldView {
  // Of a frame without a video there is nothing to play; the page shows its picture.
  if (moment?.timeMs === undefined || momentUrl === undefined) return { label, value };
  const by = person === undefined ? "" : ` · by ${personOf(person)}`;
  return { label, value: `${value}${by}`, moment_url: momentUrl };
}

/** A command as the page lists it. */
export async function renderCommand(
  declared: Command,
  services: Services,
  user: string,
): Promise<CommandView> {
  const command = await withProposals(declared, services, user);
  return {
    name: command.name,
    description: command.description,
    examples: [...command.examples],
    options: Object.entries(command.options).map(([name, option]) =>
      renderOption(name, option, services),
    ),
  };
}

function renderOption(name: string, option: Option, services: Services): OptionView {
  const common = {
    name,
    ...(option.alias === undefined ? {} : { alias: option.alias }),
    type: option.type,
    description: option.description,
    required: option.required === true,
    is_text: option.type === "string" && option.isText === true,
  };
  switch (option.type) {
    case "choice":
      return { ...common, choices: [...option.choices] };
    case "integer":
    case "number":
      return { ...common, min: option.min, max: option.max };
    case "string":
      return option.suggest === undefined
        ? common
        : { ...common, choices: [...option.suggest(services)] };
    case "flag":
    case "image":
    case "video":
      return common;
  }
}
