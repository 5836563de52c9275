import type { CardLimits } from "#core";

// Discord's limits, in characters or items; each stands on the page named beside it, below
// https://docs.discord.com/developers/.

/** components/reference#component-object: components of one message, nested ones counted. */
const DISCORD_COMPONENTS_MAX = 40;
/** components/reference#text-display: over all text displays of one message, mark-up counted. */
export const DISCORD_TEXT_MAX = 4000;
/** components/reference#media-gallery */
const DISCORD_GALLERY_ITEMS_MAX = 10;
/** components/reference#media-gallery-media-gallery-item-structure: `description`. */
const DISCORD_ALT_MAX = 1024;
/** components/reference#action-row */
export const DISCORD_ROW_BUTTONS_MAX = 5;
/** components/reference#button-button-structure: `label`. */
export const DISCORD_BUTTON_LABEL_MAX = 80;
/** components/reference#anatomy-of-a-component: `custom_id`. */
export const DISCORD_CUSTOM_ID_MAX = 100;
/** interactions/application-commands#application-command-object: choices of an option, and proposals. */
export const DISCORD_CHOICES_MAX = 25;
/** interactions/application-commands#application-command-object-application-command-option-choice-structure */
export const DISCORD_CHOICE_MAX = 100;
/** reference#uploading-files: what may be attached anywhere, where Discord does not say more. */
export const DISCORD_FILE_MAX_BYTES = 10 * 1024 * 1024;

/** components/reference#button-button-structure: `url`. */
export const DISCORD_LINK_URL_MAX = 512;

/** interactions/receiving-and-responding#interaction-response-object-modal */
export const DISCORD_MODAL_TITLE_MAX = 45;
/** interactions/receiving-and-responding#interaction-response-object-modal */
export const DISCORD_MODAL_COMPONENTS_MAX = 5;
/** components/reference#label-label-structure: `label`. */
export const DISCORD_LABEL_MAX = 45;
/** components/reference#label-label-structure: `description`. */
export const DISCORD_LABEL_DESCRIPTION_MAX = 100;
/** components/reference#text-input-text-input-structure: `max_length`, and `value`. */
export const DISCORD_INPUT_MAX = 4000;
/** components/reference#text-input-text-input-structure; string selects have the 150 of their own. */
export const DISCORD_PLACEHOLDER_MAX = 100;
/** components/reference#string-select-string-select-structure */
export const DISCORD_SELECT_OPTIONS_MAX = 25;
/** components/reference#string-select-select-option-structure: `label`, and `value`. */
export const DISCORD_SELECT_OPTION_MAX = 100;

/** The parts of a card beside its rows of buttons: text, gallery, stand-ins, small print. */
const PARTS_MAX = 4;
/** A row counts as a component, as each of its buttons does. */
const BUTTONS_MAX = Math.floor(
  (DISCORD_COMPONENTS_MAX - PARTS_MAX) / (1 + 1 / DISCORD_ROW_BUTTONS_MAX),
);

/** Where Discord has no limit of its own, what keeps one card from filling the channel. */
export const DISCORD_CARD_LIMITS: CardLimits = {
  textMax: 1800,
  // Left whole here: the renderer leaves out lines, not ends of lines.
  codeMax: 60_000,
  altMax: DISCORD_ALT_MAX,
  imagesMax: DISCORD_GALLERY_ITEMS_MAX,
  fieldsMax: 25,
  fieldLabelMax: 80,
  fieldValueMax: 300,
  // One less: the link to a single picture is a button too.
  buttonsMax: BUTTONS_MAX - 1,
  buttonLabelMax: DISCORD_BUTTON_LABEL_MAX,
  noticesMax: 6,
  noticeMax: 300,
};

/** What the parts of a card may take of DISCORD_TEXT_MAX, so that none takes it all: with the text, 3700. */
export const NOTICES_TEXT_MAX = 700;
export const FIELDS_TEXT_MAX = 1200;
/** Of fields with links that open a video, which are long; a card with them has next to no other text. */
export const MOMENTS_TEXT_MAX = 3000;
