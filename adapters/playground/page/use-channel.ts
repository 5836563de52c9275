import { useCallback, useEffect, useReducer, useRef, useState } from "preact/hooks";
import type { JobView } from "../job-view.ts";
import { type Api, ApiError, sentenceOf } from "./api.ts";
import { emptyChannel, isFinished, reduceChannel, resultSentence } from "./channel-state.ts";
import { newDeliveryKey } from "./delivery-key.ts";

const RECONNECT_MS = 3_000;

/** The channel's conversation, kept in step with the server. */
export function useChannel(api: Api, user: string) {
  const [state, dispatch] = useReducer(reduceChannel, emptyChannel);
  const [isLost, setIsLost] = useState(false);
  const [loadProblem, setLoadProblem] = useState<string | null>(null);
  const [isLoadingOlder, setIsLoadingOlder] = useState(false);
  const [announcement, setAnnouncement] = useState("");
  const latest = useRef(state);
  latest.current = state;
  const current = useRef(api);
  current.current = api;

  const loadLatest = useCallback(async () => {
    try {
      const view = await api.jobs();
      if (current.current !== api) return;
      dispatch({ type: "loaded", part: "latest", view, nowMs: Date.now() });
      setLoadProblem(null);
    } catch (thrown) {
      if (current.current === api) setLoadProblem(sentenceOf(thrown));
    }
  }, [api]);

  useEffect(() => {
    dispatch({ type: "reset" });
    void loadLatest();
    const receive = (job: JobView) => {
      const known = latest.current.messages.find((message) => message.job.job_id === job.job_id);
      const isNews = isFinished(job) && !(known !== undefined && isFinished(known.job));
      if (isNews) setAnnouncement(resultSentence(job));
      dispatch({ type: "received", job, nowMs: Date.now() });
    };
    const close = listen(api.eventsUrl, {
      receive,
      opened() {
        setIsLost(false);
        // What changed before the stream was open is in the list only.
        void loadLatest();
      },
      lost: () => setIsLost(true),
    });
    const catchUp = () => document.visibilityState === "visible" && void loadLatest();
    document.addEventListener("visibilitychange", catchUp);
    addEventListener("online", catchUp);
    return () => {
      close();
      document.removeEventListener("visibilitychange", catchUp);
      removeEventListener("online", catchUp);
    };
  }, [api, loadLatest]);

  const loadOlder = useCallback(
    async (beforeChange: () => void) => {
      const { cursor } = latest.current;
      if (cursor === null) return;
      setIsLoadingOlder(true);
      try {
        const view = await api.jobs(cursor);
        if (current.current !== api) return;
        beforeChange();
        dispatch({ type: "loaded", part: "older", view, nowMs: Date.now() });
        setLoadProblem(null);
      } catch (thrown) {
        setLoadProblem(sentenceOf(thrown));
      } finally {
        setIsLoadingOlder(false);
      }
    },
    [api],
  );

  /** Sends a message that shows at once. Rejects with the server's sentence; it is then withdrawn when `withdraws` says so. */
  const send = useCallback(
    async (text: string, uploads: Promise<readonly string[]>, withdraws: () => boolean) => {
      const key = newDeliveryKey();
      dispatch({ type: "sent", key, text, user, nowMs: Date.now() });
      try {
        const jobId = await api.sendCommand(text, await uploads, key);
        dispatch({ type: "accepted", key, jobId });
      } catch (thrown) {
        const message = sentenceOf(thrown);
        const kind = thrown instanceof ApiError ? thrown.kind : "unknown";
        if (!withdraws()) return dispatch({ type: "rejected", key, kind, message });
        dispatch({ type: "withdrawn", key });
        throw thrown;
      }
    },
    [api, user],
  );

  /** Signs the links of a job again; false when it is gone. */
  const refresh = useCallback(
    async (jobId: string): Promise<boolean> => {
      try {
        const job = await api.job(jobId);
        if (current.current === api) dispatch({ type: "received", job, nowMs: Date.now() });
        return true;
      } catch {
        return false;
      }
    },
    [api],
  );

  return {
    state,
    isLost,
    loadProblem,
    isLoadingOlder,
    announcement,
    loadLatest,
    loadOlder,
    send,
    refresh,
  };
}

/** Follows the events; opens a new stream when the browser has given the old one up. */
function listen(
  url: string,
  on: { receive(job: JobView): void; opened(): void; lost(): void },
): () => void {
  let source: EventSource | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const open = () => {
    const stream = new EventSource(url);
    source = stream;
    stream.addEventListener("open", on.opened);
    stream.addEventListener("job", (event) => on.receive(JSON.parse(event.data) as JobView));
    stream.addEventListener("error", () => {
      on.lost();
      if (stream.readyState !== EventSource.CLOSED) return;
      clearTimeout(timer);
      timer = setTimeout(open, RECONNECT_MS);
    });
  };
  open();
  return () => {
    clearTimeout(timer);
    source?.close();
  };
}
