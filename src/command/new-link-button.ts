import type { CardButton } from "../card.ts";
import { encodeAction } from "./action.ts";

/** The button that gives new links to what a job's card shows: signed ones end. */
export function newLinkButton(jobId: string): CardButton {
  return { label: "New link", action: encodeAction({ command: "link", jobId, index: 0 }) };
}
