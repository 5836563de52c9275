import { defineRerollButton } from "#core";

/** The Vary button: four new pictures of the same recipe. */
export const vary = defineRerollButton({
  name: "vary",
  description: "Draw four variations of the same recipe.",
  count: 4,
});
