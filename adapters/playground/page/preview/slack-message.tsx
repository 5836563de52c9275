import type { PreviewView } from "../../job-view.ts";
import { EyeIcon } from "../icons.tsx";
import { fullTime } from "../relative-time.ts";
import { SlackBlockView } from "./slack-block.tsx";
import type { SlackBlock } from "./slack-blocks.ts";
import { SlackText } from "./slack-text.tsx";

/** The message in its channel. */
export function SlackMessage({ view }: { view: PreviewView }) {
  // The server's renderer made them; what this page does not know of them is shown by its type.
  const blocks = view.blocks as readonly SlackBlock[];
  if (blocks.length === 0) {
    return (
      <p class="preview-note">Slack shows nothing: the message of a cancelled job is taken down.</p>
    );
  }
  const sentAtMs = Date.parse(view.sent_at);
  return (
    <>
      <div class="slack-channel">
        <article class="slack-message" aria-label="The message in Slack">
          {view.is_for_person_only && (
            <p class="slack-only">
              <EyeIcon /> Only visible to you
            </p>
          )}
          <img class="slack-avatar" src="/assets/icon.svg" alt="" />
          <header>
            <span class="slack-name">Atelier</span>
            <span class="slack-app">APP</span>
            <time dateTime={view.sent_at} title={fullTime(sentAtMs)}>
              {new Date(sentAtMs).toLocaleTimeString(undefined, { timeStyle: "short" })}
            </time>
          </header>
          <div class="slack-body">
            {blocks.map((block, index) => (
              <SlackBlockView key={index} block={block} names={view.names} />
            ))}
          </div>
        </article>
      </div>
      <p class="preview-note">
        In notifications:{" "}
        <span data-notification>
          <SlackText type="mrkdwn" text={view.text} names={view.names} />
        </span>
      </p>
    </>
  );
}
