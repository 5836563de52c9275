import { useEffect, useState } from "preact/hooks";
import { SlackMessage } from "./slack-message.tsx";
import { SlackSource } from "./slack-source.tsx";
import { usePreview } from "./use-preview.ts";

type Part = "Message" | "Blocks";
const PARTS: readonly Part[] = ["Message", "Blocks"];

/** `/preview/{job}`: the job as Slack would show it. */
export function Preview({ jobId, user }: { jobId: string; user: string | null }) {
  const state = usePreview(jobId, user);
  const [part, setPart] = useState<Part>("Message");

  useEffect(() => {
    document.title = "As in Slack · Atelier";
  }, []);

  return (
    <div class="preview" data-state={state.kind}>
      <header class="top">
        <h1>Atelier</h1>
        <span class="channel">As in Slack</span>
        <a class="preview-back" href="/">
          Playground
        </a>
      </header>
      <main class="preview-column">
        {state.kind === "loading" && <p class="loading">Loading…</p>}
        {state.kind === "problem" && (
          <div class="failure" role="status">
            <p>{state.message}</p>
          </div>
        )}
        {state.kind === "shown" && (
          <>
            <fieldset class="preview-parts" aria-label="What to show">
              {PARTS.map((each) => (
                <button
                  key={each}
                  type="button"
                  class="preview-part"
                  aria-pressed={part === each}
                  onClick={() => setPart(each)}
                >
                  {each}
                </button>
              ))}
            </fieldset>
            {part === "Message" ? (
              <SlackMessage view={state.view} />
            ) : (
              <SlackSource blocks={state.view.blocks} />
            )}
          </>
        )}
      </main>
    </div>
  );
}

const PATH = /^\/preview\/(?<jobId>[^/]+)$/u;

/** The job whose preview the address asks for, and for whom; null on every other page. */
export function readPreview({
  pathname,
  search,
}: Pick<Location, "pathname" | "search">): { jobId: string; user: string | null } | null {
  const jobId = PATH.exec(pathname)?.groups?.jobId;
  return jobId === undefined ? null : { jobId, user: new URLSearchParams(search).get("user") };
}

/** Where a job's preview is; a private job's names its person, who alone may see it. */
export function previewUrl(job: { job_id: string; user: string; is_private: boolean }): string {
  const path = `/preview/${encodeURIComponent(job.job_id)}`;
  return job.is_private ? `${path}?user=${encodeURIComponent(job.user)}` : path;
}
