import type { CardLimits } from "#core";

// Slack's limits, in characters or items; each stands on the page named beside it, below
// https://docs.slack.dev/reference/.

/** block-kit/composition-objects/text-object: of any text object, and of a section's. */
export const SLACK_TEXT_OBJECT_MAX = 3000;
/** block-kit/blocks/context-block */
export const SLACK_CONTEXT_ELEMENTS_MAX = 10;
/** block-kit/blocks/actions-block */
const SLACK_ACTIONS_MAX = 25;
/** block-kit/block-elements/button-element: its text. */
export const SLACK_BUTTON_TEXT_MAX = 75;
/** block-kit/block-elements/button-element: an `action_id`; its `value` may be longer, but is the same here. */
export const SLACK_ACTION_ID_MAX = 255;
/** block-kit/composition-objects/confirmation-dialog-object: its two buttons; its title may be longer. */
export const SLACK_CONFIRM_BUTTON_MAX = 30;
/** block-kit/blocks/image-block: `alt_text`. */
export const SLACK_ALT_TEXT_MAX = 2000;
/** block-kit/blocks/image-block: `image_url`; the same for every `url`. */
export const SLACK_URL_MAX = 3000;
/** block-kit/blocks/header-block */
export const SLACK_HEADER_MAX = 150;
/** views/modal-views: the title and the two buttons. */
export const SLACK_MODAL_TITLE_MAX = 24;
/** block-kit/blocks/input-block: `label`, and `hint`. */
export const SLACK_LABEL_MAX = 2000;
/** block-kit/block-elements/select-menu-element#static_select */
export const SLACK_OPTIONS_MAX = 100;
/** block-kit/composition-objects/option-object: its text. */
export const SLACK_OPTION_TEXT_MAX = 75;
/** block-kit/composition-objects/option-object: its value. */
export const SLACK_OPTION_VALUE_MAX = 150;
/** block-kit/block-elements/plain-text-input-element: the highest `max_length`; without one, more can be typed. */
export const SLACK_INPUT_LENGTH_MAX = 3000;

/**
 * All text of a message's blocks together. No page has it: Slack answers `msg_blocks_too_long`
 * somewhere from 11,300 to 13,300 (https://github.com/slackapi/bolt-js/issues/2509 and 2867).
 */
export const SLACK_BLOCKS_TEXT_MAX = 10_000;

/** Of the top-level text, which notifications show; Slack asks for at most 4,000 (methods/chat.postMessage). */
export const FALLBACK_TEXT_MAX = 600;

/** Where Slack has no limit of its own, what keeps one card from filling the channel. */
export const SLACK_CARD_LIMITS: CardLimits = {
  textMax: SLACK_TEXT_OBJECT_MAX,
  // Left whole here: the renderer leaves out lines, not ends of lines.
  codeMax: 60_000,
  altMax: SLACK_ALT_TEXT_MAX,
  // With the few blocks beside them far below the 50 of a message (block-kit/blocks).
  imagesMax: 10,
  fieldsMax: 25,
  fieldLabelMax: 80,
  fieldValueMax: 300,
  buttonsMax: SLACK_ACTIONS_MAX,
  buttonLabelMax: SLACK_BUTTON_TEXT_MAX,
  noticesMax: 6,
  noticeMax: 600,
};
