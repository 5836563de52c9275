import { defineRerollButton } from "#core";

/** The Re-roll button: the same again, as many, with new seeds. */
export const reroll = defineRerollButton({
  name: "reroll",
  description: "Draw the same again, anew.",
});
