import {
  type AllowedMentionsTypes,
  type APIAllowedMentions,
  type APIMessageTopLevelComponent,
  MessageFlags,
} from "discord-api-types/v10";
import {
  createCard,
  encodeAction,
  fitCard,
  type Progress,
  placeInLine,
  type SignedCard,
  type SignedImage,
  stepText,
} from "#core";
import { buttonRows, present, textDisplay } from "./components/card-components.ts";
import { askedFor, codeText, fieldLines, noticeLines, smallLine } from "./components/card-texts.ts";
import { imageComponents } from "./components/image-components.ts";
import {
  DISCORD_CARD_LIMITS,
  DISCORD_TEXT_MAX,
  FIELDS_TEXT_MAX,
  MOMENTS_TEXT_MAX,
  NOTICES_TEXT_MAX,
} from "./components/limits.ts";
import { clean } from "./components/literal-text.ts";
import { momentLines } from "./components/moment-lines.ts";
import { createTextBudget } from "./components/text-budget.ts";

/** What a message, an edit, a follow-up and a callback's `data` take; attachments come beside it. */
export interface DiscordMessage {
  /** IS_COMPONENTS_V2; whoever sends it may add EPHEMERAL. */
  flags: number;
  components: APIMessageTopLevelComponent[];
  /** Nobody is notified, whatever is mentioned. */
  allowed_mentions: APIAllowedMentions & { parse: AllowedMentionsTypes[] };
}

function message(components: readonly (APIMessageTopLevelComponent | null)[]): DiscordMessage {
  return {
    flags: MessageFlags.IsComponentsV2,
    components: present(components),
    allowed_mentions: { parse: [] },
  };
}

/**
 * The card as a message that Discord takes, whatever the card. `attachmentName` is null for a
 * picture that could not be attached: a link to it stands in its place.
 */
export function renderCard(
  signed: SignedCard,
  attachmentName: (image: SignedImage) => string | null,
  { isSpoiler = false }: { isSpoiler?: boolean } = {},
): DiscordMessage {
  const card = fitCard(signed, DISCORD_CARD_LIMITS);
  const images = imageComponents(card.images, attachmentName, { isSpoiler });
  const rows = buttonRows(card.buttons, images.linkButton);
  const budget = createTextBudget(DISCORD_TEXT_MAX);
  // What is most needed takes its room first; one more character each for the line breaks.
  const notices = budget.spend(NOTICES_TEXT_MAX, (share) => noticeLines(card.notices, share));
  const lead = askedFor(card.askedBy, card.text, DISCORD_CARD_LIMITS.textMax, budget);
  const fields = card.fields.some(({ moment }) => moment !== undefined)
    ? budget.spend(MOMENTS_TEXT_MAX, (share) => momentLines(card.fields, share))
    : budget.spend(FIELDS_TEXT_MAX, (share) => fieldLines(card, share));
  budget.takeWhole("\n\n\n");
  const code = budget.spend(DISCORD_TEXT_MAX, (share) => codeText(card.code ?? "", share));
  const standIns = images.standIns(budget);
  const links = images.links(budget);
  const components = present([
    textDisplay(lead, code),
    images.gallery,
    standIns,
    textDisplay(fields, links, notices),
    ...rows,
  ]);
  return components.length > 0 ? message(components) : renderFailure("There is nothing to show.");
}

/** What stands there while a job waits for others; `position` counts from 0. */
export function renderQueued({
  jobId,
  position,
}: {
  jobId: string;
  position: number;
}): DiscordMessage {
  return message([textDisplay(`Queued, ${placeInLine(position)} in line.`), ...cancelRow(jobId)]);
}

/** What stands there while a job runs: who asked, what for, and how far it is. */
export function renderProgress({
  jobId,
  askedBy,
  text,
  doing,
  progress,
}: {
  jobId: string;
  askedBy: string;
  text: string;
  /** What its command does; `Drawing` unless told. */
  doing?: string | undefined;
  progress: Progress | null;
}): DiscordMessage {
  const budget = createTextBudget(DISCORD_TEXT_MAX);
  const state = smallLine(stepText(doing, progress), budget);
  const what = askedFor(askedBy, text, DISCORD_CARD_LIMITS.textMax, budget);
  return message([textDisplay(what, state), ...cancelRow(jobId)]);
}

function cancelRow(jobId: string) {
  const action = encodeAction({ command: "cancel", jobId, index: 0 });
  return buttonRows([{ label: "Cancel", action }]);
}

/**
 * A sentence that says what went wrong. `tryAgain` is the `custom_id` of a button that opens the
 * form again: Discord shows no error in a form.
 */
export function renderFailure(
  sentence: string,
  { tryAgain }: { tryAgain?: string | undefined } = {},
): DiscordMessage {
  const text = clean(sentence) || "Something went wrong.";
  const buttons = tryAgain === undefined ? [] : [{ label: "Try again", action: tryAgain }];
  return renderCard({ ...createCard({ text, buttons }), images: [] }, () => null);
}
