import type { KnownBlock, ModalView } from "@slack/web-api";
import type { SubmissionInbound } from "../inbound/forms.ts";
import type { MessagePicture } from "../inbound/message-pictures.ts";
import { SLACK_OPTION_TEXT_MAX, SLACK_OPTIONS_MAX } from "./limits.ts";
import { plain } from "./literal-text.ts";

/** The field that asks which of a message's pictures is meant; no option has a name like it. */
const PICTURE_FIELD = "which-picture";

/** The form with a field for one of the pictures above its others; as it was where there are none. */
export function withChoice(
  view: ModalView,
  pictures: readonly MessagePicture[],
  word: "picture" | "video",
): ModalView {
  if (pictures.length === 0) return view;
  const options = pictures.slice(0, SLACK_OPTIONS_MAX).map(({ fileId, title }, index) => ({
    text: plain(`${index + 1}: ${title}`, SLACK_OPTION_TEXT_MAX),
    value: fileId,
  }));
  const [first] = options;
  const choice: KnownBlock = {
    type: "input",
    block_id: PICTURE_FIELD,
    label: plain(`Which ${word}`, SLACK_OPTION_TEXT_MAX),
    element: {
      type: "static_select",
      action_id: PICTURE_FIELD,
      options,
      ...(first === undefined ? {} : { initial_option: first }),
    },
  };
  return { ...view, blocks: [choice, ...view.blocks] };
}

/** The file that was chosen there, of `view.state.values`. */
export function choiceIn(stateValues: SubmissionInbound["stateValues"]): string | undefined {
  const state = stateValues[PICTURE_FIELD]?.[PICTURE_FIELD];
  const option =
    typeof state === "object" && state !== null && "selected_option" in state
      ? state.selected_option
      : null;
  return typeof option === "object" && option !== null && "value" in option
    ? String(option.value)
    : undefined;
}
