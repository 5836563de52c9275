import { Card, type CardActions } from "./card.tsx";
import type { Message } from "./channel-state.ts";
import { LockIcon } from "./icons.tsx";
import { JobStatus } from "./job-status.tsx";
import { Avatar } from "./person.tsx";
import { fullTime, relativeTime } from "./relative-time.ts";

/** Who asked for what, and what came of it. */
export function MessageItem({
  message,
  isOwn,
  nowMs,
  actions,
}: {
  message: Message;
  isOwn: boolean;
  nowMs: number;
  actions: CardActions;
}) {
  const { job } = message;
  const atMs = Date.parse(job.created_at);
  const asker = job.card?.asked_by;
  return (
    <article
      class="message"
      aria-label={job.text === "" ? job.user : `${job.user}: ${job.text}`}
      data-job-id={job.job_id}
      data-status={job.status}
      data-own={isOwn}
    >
      <Avatar name={job.user} />
      <header>
        <span class="message-user">{job.user}</span>
        <time dateTime={job.created_at} title={fullTime(atMs)}>
          {relativeTime(atMs, nowMs)}
        </time>
        {asker !== undefined && asker !== job.user && <span class="tag">Asked by {asker}</span>}
        {job.is_private && (
          <span class="tag">
            <LockIcon /> Only you see this
          </span>
        )}
      </header>
      <div class="message-body">
        {job.text !== "" && <p class="message-text">{job.text}</p>}
        <JobStatus job={job} cancel={isOwn ? actions.cancel : null} />
        {job.error !== null && job.card === null && (
          <div class="failure">
            <p>{job.error.message}</p>
            {isOwn && job.text.startsWith("/") && (
              <button type="button" class="button" onClick={() => actions.onPrefill(job.text)}>
                Edit and try again
              </button>
            )}
          </div>
        )}
        <Card message={message} actions={actions} />
      </div>
    </article>
  );
}
