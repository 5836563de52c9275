import { useEffect } from "preact/hooks";
import type { CommandView } from "../job-view.ts";
import type { CardActions } from "./card.tsx";
import type { Message } from "./channel-state.ts";
import { EmptyState } from "./empty-state.tsx";
import { DownIcon } from "./icons.tsx";
import { MessageItem } from "./message.tsx";
import type { useChannel } from "./use-channel.ts";
import { useStickyScroll } from "./use-sticky-scroll.ts";

const NEAR_TOP_PX = 80;

/** The channel's messages, oldest first. */
export function Conversation({
  messages,
  commands,
  user,
  nowMs,
  sentCount,
  conversation,
  actions,
}: {
  messages: readonly Message[];
  commands: readonly CommandView[];
  user: string;
  nowMs: number;
  /** Grows with every message that is sent from here, which brings the end into view. */
  sentCount: number;
  conversation: ReturnType<typeof useChannel>;
  actions: CardActions;
}) {
  const { state, isLoadingOlder, loadOlder, loadProblem, loadLatest } = conversation;
  const { list, content, hasNews, toEnd, onScroll, holdPlace } = useStickyScroll(messages);
  const hasOlder = state.cursor !== null;
  const showOlder = () => {
    if (hasOlder && !isLoadingOlder) void loadOlder(holdPlace);
  };

  useEffect(() => {
    if (sentCount > 0) toEnd();
  }, [sentCount, toEnd]);

  return (
    <main class="conversation">
      {/* Progress changes all the time: what is worth hearing is said by the announcer instead. */}
      <div
        class="scroller"
        role="log"
        aria-label="Messages"
        aria-live="off"
        aria-busy={!state.isLoaded}
        ref={list}
        onScroll={() => {
          onScroll();
          if (list.current !== null && list.current.scrollTop < NEAR_TOP_PX) showOlder();
        }}
      >
        <div class="column" ref={content}>
          {hasOlder && (
            <button
              type="button"
              class="button older"
              disabled={isLoadingOlder}
              onClick={showOlder}
            >
              {isLoadingOlder ? "Loading…" : "Show older"}
            </button>
          )}
          {state.isLoaded && messages.length === 0 && (
            <EmptyState commands={commands} onPrefill={actions.onPrefill} />
          )}
          {!state.isLoaded && loadProblem === null && <p class="loading">Loading…</p>}
          <ol class="messages">
            {messages.map((message) => (
              <li key={message.key}>
                <MessageItem
                  message={message}
                  isOwn={message.job.user === user}
                  nowMs={nowMs}
                  actions={actions}
                />
              </li>
            ))}
          </ol>
          {loadProblem !== null && (
            <div class="failure" role="status">
              <p>{loadProblem}</p>
              <button type="button" class="button" onClick={() => void loadLatest()}>
                Try again
              </button>
            </div>
          )}
        </div>
      </div>
      {hasNews && (
        <button type="button" class="news" onClick={toEnd}>
          <DownIcon /> New messages
        </button>
      )}
    </main>
  );
}
