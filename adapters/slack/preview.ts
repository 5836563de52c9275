import {
  askedText,
  type Card,
  type Command,
  type JobRecord,
  type Progress,
  personOf,
  type SignedCard,
} from "#core";
import { slackUserOf } from "./blocks/person.ts";
import {
  renderCard,
  renderFailure,
  renderProgress,
  renderQueued,
  type SlackMessage,
} from "./render.ts";
import { identityOf } from "./target.ts";

/** Stands for people of other platforms, who have no id in Slack. */
const STAND_IN_ID = "U0PREVIEW";

/** A message that is shown without Slack. */
export interface SlackPreview extends SlackMessage {
  /** Slack shows it to the person who asked alone. */
  isForPersonOnly: boolean;
  /** What Slack would show for the ids of people in the blocks. */
  names: Readonly<Record<string, string>>;
}

/**
 * The message that Slack would show now for the job, of whatever platform it is. Pictures stand
 * there by their links, since only uploaded files have an id in Slack. This file loads no SDK.
 */
export function previewMessage({
  record,
  card,
  position,
  progress,
  commands,
}: {
  record: JobRecord;
  /** The record's card with links signed just now. */
  card: SignedCard | null;
  /** How many jobs start before it; null for a job that does not wait. */
  position: number | null;
  progress: Progress | null;
  commands: readonly Command[];
}): SlackPreview {
  const askedBy = slackIdentity(card?.askedBy ?? record.user);
  const names = { [slackUserOf(askedBy) ?? STAND_IN_ID]: personOf(card?.askedBy ?? record.user) };
  const { id: jobId, failure, isPrivate } = record;

  // A cancelled job's message is taken down.
  if (record.status === "cancelled")
    return { text: "", blocks: [], isForPersonOnly: false, names: {} };
  if (failure !== null) {
    return { ...renderFailure(failure.message), isForPersonOnly: true, names: {} };
  }
  if (card !== null) {
    const shown = card.askedBy === undefined ? card : { ...card, askedBy };
    const message = renderCard(shown, ({ url }) => ({ image_url: url }));
    return { ...message, isForPersonOnly: isPrivate, names };
  }
  if (record.status === "running" && !isPrivate) {
    const text = askedText(record, commands);
    const doing = commands.find(({ name }) => name === record.command)?.doing;
    const message = renderProgress({ jobId, askedBy, text, doing, progress });
    return { ...message, isForPersonOnly: false, names };
  }
  return { ...renderQueued({ jobId, position }), isForPersonOnly: true, names: {} };
}

function slackIdentity(identity: NonNullable<Card["askedBy"]>): string {
  return slackUserOf(identity) === null
    ? identityOf({ team: "preview", user: STAND_IN_ID })
    : identity;
}
