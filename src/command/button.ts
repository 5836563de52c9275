import { reroll } from "../verbs/reroll.ts";
import { answerWithPictures } from "./answer-with-pictures.ts";
import { type ArgsOf, type Command, defineCommand, type Options } from "./command.ts";

/** What a button carries: which job, and what of it (see `Action.index`). */
const buttonOptions = {
  job: {
    type: "string",
    description: "The job that the button belongs to.",
    required: true,
    maxLength: 40,
  },
  index: {
    type: "integer",
    description: "Which of its pictures or fields, or which page.",
    required: true,
    min: 0,
    max: 99,
  },
} as const satisfies Options;

type ButtonArgs = ArgsOf<typeof buttonOptions>;

/**
 * Declares what a card's button does: an answer at once, for whoever pressed it, or one that it
 * publishes; or, with `doing`, one that takes its turn, for everyone who saw the card.
 */
export function defineButton(
  button: Pick<Command<ButtonArgs>, "name" | "description" | "publishes" | "doing" | "run">,
): Command {
  return defineCommand({
    ...button,
    examples: [],
    pace: button.doing === undefined ? "quick" : "queued",
    audience: button.publishes || button.doing !== undefined ? "place" : "person",
    reach: "button",
    options: buttonOptions,
  });
}

/** Declares a button that draws a job's recipe again with new seeds; `count` pictures, or as many as before. */
export function defineRerollButton({
  name,
  description,
  count,
}: Pick<Command, "name" | "description"> & { count?: number }): Command {
  return defineCommand({
    name,
    description,
    examples: [],
    pace: "queued",
    audience: "place",
    reach: "button",
    options: buttonOptions,
    run: (context) =>
      answerWithPictures(context, (asker, watch) =>
        reroll(
          { ...asker, parentId: context.args.job, ...(count === undefined ? {} : { count }) },
          context.services,
          watch,
        ),
      ),
  });
}
