import { rerollCommand } from "#core";

/** The Re-roll button: the same again, as many, with new seeds. */
export const reroll = rerollCommand({ name: "reroll", description: "Draw the same again, anew." });
