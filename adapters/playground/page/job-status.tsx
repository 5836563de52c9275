import { useState } from "preact/hooks";
import type { JobView } from "../job-view.ts";
import { sentenceOf } from "./api.ts";

/** Where a job that is not finished stands, and the way to take it back. */
export function JobStatus({
  job,
  cancel,
}: {
  job: JobView;
  cancel: ((jobId: string) => Promise<unknown>) | null;
}) {
  if (job.status === "cancelled" && job.card === null) return <p class="status">Cancelled</p>;
  if (job.status !== "queued" && job.status !== "running") return null;
  return (
    <div class="status" data-busy="true">
      {job.status === "queued" ? <Waiting job={job} /> : <Working job={job} />}
      {cancel !== null && job.job_id !== "" && (
        <Cancel key={job.job_id} job={job} cancel={cancel} />
      )}
    </div>
  );
}

function Waiting({ job }: { job: JobView }) {
  const ahead = job.position ?? 0;
  return <span>Queued{ahead > 0 && <span class="status-more"> · {ahead} ahead</span>}</span>;
}

function Working({ job: { progress } }: { job: JobView }) {
  if (progress === undefined) return <span>Working…</span>;
  return (
    <>
      <span>{progress.text ?? `Working ${progress.done}/${progress.total}`}</span>
      <progress aria-label="Progress" value={progress.done} max={progress.total} />
    </>
  );
}

function Cancel({ job, cancel }: { job: JobView; cancel: (jobId: string) => Promise<unknown> }) {
  const [state, setState] = useState<"idle" | "busy" | { problem: string }>("idle");
  const press = async () => {
    setState("busy");
    try {
      await cancel(job.job_id);
    } catch (thrown) {
      setState({ problem: sentenceOf(thrown) });
    }
  };
  return (
    <>
      <button type="button" class="quiet" disabled={state === "busy"} onClick={() => void press()}>
        Cancel
      </button>
      {typeof state === "object" && <span class="problem">{state.problem}</span>}
    </>
  );
}
