import { useEffect, useState } from "preact/hooks";
import type { PreviewView } from "../../job-view.ts";
import { loadPreview, sentenceOf } from "../api.ts";

export type PreviewState =
  | { kind: "loading" }
  | { kind: "shown"; view: PreviewView }
  | { kind: "problem"; message: string };

/** The job as Slack would show it, kept up to date until it is finished. */
export function usePreview(jobId: string, user: string | null): PreviewState {
  const [state, setState] = useState<PreviewState>({ kind: "loading" });

  useEffect(() => {
    let source: EventSource | undefined;
    let isGone = false;
    // One after the other, so that the last one shown is the newest.
    let loading = Promise.resolve();
    const load = async () => {
      try {
        const view = await loadPreview(jobId, "slack", user);
        if (isGone) return;
        setState({ kind: "shown", view });
        const isOpen = view.status === "queued" || view.status === "running";
        if (isOpen) follow();
        else source?.close();
      } catch (thrown) {
        if (isGone) return;
        source?.close();
        setState({ kind: "problem", message: sentenceOf(thrown) });
      }
    };
    const reload = () => {
      loading = loading.then(load);
    };
    const follow = () => {
      if (source !== undefined) return;
      source = new EventSource(`/api/jobs/${encodeURIComponent(jobId)}/events`);
      source.addEventListener("job", reload);
    };
    reload();
    return () => {
      isGone = true;
      source?.close();
    };
  }, [jobId, user]);

  return state;
}
