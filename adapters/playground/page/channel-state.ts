import type { ChannelView, JobView } from "../job-view.ts";

/** One line of the conversation: a job, or one that is just being sent. */
export interface Message {
  /** Stays the same for as long as the message is shown, also when its job gets an id. */
  key: string;
  /** `job_id` is empty until the server has accepted it. */
  job: JobView;
  isSending: boolean;
  /** When this view was fetched; its links were signed then. */
  receivedAtMs: number;
}

export interface ChannelState {
  /** Oldest first. */
  messages: readonly Message[];
  /** Where the page before these begins; null at the beginning of the channel. */
  cursor: string | null;
  isLoaded: boolean;
}

export type ChannelChange =
  | { type: "sent"; key: string; text: string; user: string; nowMs: number }
  | { type: "accepted"; key: string; jobId: string }
  /** The server did not take it and the text is back in the input. */
  | { type: "withdrawn"; key: string }
  /** The server did not take it; it stays in the list with the reason. */
  | { type: "rejected"; key: string; kind: string; message: string }
  | { type: "received"; job: JobView; nowMs: number }
  | { type: "loaded"; part: "latest" | "older"; view: ChannelView; nowMs: number }
  | { type: "reset" };

export const emptyChannel: ChannelState = { messages: [], cursor: null, isLoaded: false };

/** The part of a link's lifetime in which it is followed as it is. */
const LINKS_FRESH = 0.8;

export function isFinished(job: JobView): boolean {
  return job.status !== "queued" && job.status !== "running";
}

/**
 * Whether the links of the message's card have run out or soon will: past four fifths of the time
 * for which they were signed.
 */
export function areLinksOld(
  { job, receivedAtMs }: Pick<Message, "job" | "receivedAtMs">,
  nowMs: number,
): boolean {
  if (job.links_expire_at === undefined) return false;
  const lifetimeMs = Date.parse(job.links_expire_at) - receivedAtMs;
  return nowMs - receivedAtMs >= LINKS_FRESH * lifetimeMs;
}

/** What the conversation shows: a card in another job's place shows there, not by itself. */
export function visibleMessages(state: ChannelState): readonly Message[] {
  return state.messages.filter(({ job }) => {
    const replaces = job.card?.replaces;
    return replaces === undefined || replaces === job.job_id;
  });
}

export function reduceChannel(state: ChannelState, change: ChannelChange): ChannelState {
  const { messages } = state;
  switch (change.type) {
    case "sent":
      return { ...state, messages: [...messages, sendingMessage(change)] };
    case "accepted":
      return { ...state, messages: accept(messages, change.key, change.jobId) };
    case "withdrawn":
      return { ...state, messages: messages.filter(({ key }) => key !== change.key) };
    case "rejected":
      return {
        ...state,
        messages: replaceMessage(messages, change.key, (message) => ({
          ...message,
          isSending: false,
          job: {
            ...message.job,
            status: "failed",
            error: { kind: change.kind, message: change.message },
          },
        })),
      };
    case "received":
      return { ...state, messages: receive(messages, change.job, change.nowMs) };
    case "loaded":
      return load(state, change);
    case "reset":
      return emptyChannel;
  }
}

/** What a screen reader hears when a job has ended. */
export function resultSentence(job: JobView): string {
  const who = job.text === "" ? job.user : `${job.user}, ${job.text}`;
  if (job.status === "cancelled") return `${who}: cancelled.`;
  if (job.error !== null) return `${who}: ${job.error.message}`;
  const images = job.card?.images ?? [];
  if (images.length === 0) return `${who}: ${job.card?.text ?? ""}`;
  const count = images.length === 1 ? "1 picture" : `${images.length} pictures`;
  return `${who}: ${count}. ${images[0]?.alt ?? ""}`;
}

function sendingMessage({ key, text, user, nowMs }: ChannelChange & { type: "sent" }): Message {
  const job: JobView = {
    job_id: "",
    status: "queued",
    card: null,
    error: null,
    user,
    text,
    is_private: false,
    created_at: new Date(nowMs).toISOString(),
  };
  return { key, job, isSending: true, receivedAtMs: nowMs };
}

function replaceMessage(
  messages: readonly Message[],
  key: string,
  change: (message: Message) => Message,
): readonly Message[] {
  return messages.map((message) => (message.key === key ? change(message) : message));
}

/** The event of a job can be faster than the answer to the request that made it. */
function accept(messages: readonly Message[], key: string, jobId: string): readonly Message[] {
  const own = messages.find((message) => message.key === key);
  if (own === undefined) return messages;
  const held = messages.find((message) => message.job.job_id === jobId && message.key !== key);
  const isTaken = own.job.job_id !== "" && own.job.job_id !== jobId;
  const job = held?.job ?? { ...own.job, job_id: jobId };
  const settled = replaceMessage(messages, key, (message) => ({
    ...message,
    job,
    isSending: false,
  }));
  if (held !== undefined) {
    // Two equal messages were sent at once, and each took the other's job.
    return isTaken
      ? replaceMessage(settled, held.key, (message) => ({ ...message, job: own.job }))
      : settled.filter((message) => message.key !== held.key);
  }
  return isTaken ? receive(settled, own.job, own.receivedAtMs) : settled;
}

function receive(messages: readonly Message[], job: JobView, nowMs: number): readonly Message[] {
  const known =
    messages.find((message) => message.job.job_id === job.job_id) ??
    messages.find(
      ({ isSending, job: own }) =>
        isSending && own.job_id === "" && own.user === job.user && own.text === job.text,
    );
  if (known !== undefined) {
    // An answer that was under way while the job ended is older than what is shown.
    if (isFinished(known.job) && !isFinished(job)) return messages;
    return replaceMessage(messages, known.key, (message) => ({
      ...message,
      job,
      receivedAtMs: nowMs,
    }));
  }
  let at = messages.length;
  for (; at > 0; at--) {
    const before = messages[at - 1];
    if (before === undefined || before.isSending || before.job.created_at <= job.created_at) break;
  }
  return messages.toSpliced(at, 0, {
    key: job.job_id,
    job,
    isSending: false,
    receivedAtMs: nowMs,
  });
}

function load(state: ChannelState, change: ChannelChange & { type: "loaded" }): ChannelState {
  const { view, part, nowMs } = change;
  const isGap = part === "latest" && state.isLoaded && leavesGap(state.messages, view);
  const kept = isGap ? state.messages.filter((message) => message.isSending) : state.messages;
  const messages = view.jobs.reduce((sum, job) => receive(sum, job, nowMs), kept);
  const movesCursor = part === "older" || !state.isLoaded || isGap;
  return { messages, cursor: movesCursor ? view.cursor : state.cursor, isLoaded: true };
}

/** More happened while the page was away than fits on this page: what lies between is not known. */
function leavesGap(messages: readonly Message[], view: ChannelView): boolean {
  const [oldest] = view.jobs;
  if (oldest === undefined || view.cursor === null) return false;
  const settled = messages.filter((message) => !message.isSending);
  return (
    !settled.some(({ job }) => job.job_id === oldest.job_id) &&
    settled.some(({ job }) => job.created_at < oldest.created_at)
  );
}
