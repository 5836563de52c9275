import { CloseIcon, FilmIcon } from "./icons.tsx";
import type { Attached } from "./use-attachments.ts";

const statusText = { uploading: "Uploading…", ready: "", failed: "Not uploaded" } as const;

/** The pictures and videos that go with the message being written. */
export function AttachmentChips({
  attached,
  onRemove,
}: {
  attached: readonly Attached[];
  onRemove: (key: string) => void;
}) {
  if (attached.length === 0) return null;
  return (
    <ul class="chips" aria-label="Attached files">
      {attached.map((each) => (
        <li key={each.key} class="chip" data-status={each.status} title={each.problem || each.name}>
          <Sign previewUrl={each.previewUrl} />
          <span class="chip-name">{each.name}</span>
          <Status attached={each} />
          <button type="button" class="bare" onClick={() => onRemove(each.key)}>
            <CloseIcon />
            <span class="hidden">Remove {each.name}</span>
          </button>
        </li>
      ))}
    </ul>
  );
}

function Sign({ previewUrl }: Pick<Attached, "previewUrl">) {
  if (previewUrl === null) {
    return (
      <span class="chip-film">
        <FilmIcon />
      </span>
    );
  }
  return (
    <img
      src={previewUrl}
      alt=""
      onError={({ currentTarget }) => {
        // What is no picture after all.
        currentTarget.style.visibility = "hidden";
      }}
    />
  );
}

/** How the upload goes; of a video, which may take long, how far it is, and then its size. */
function Status({ attached }: { attached: Attached }) {
  const { previewUrl, sizeBytes, share, status, problem } = attached;
  const isVideo = previewUrl === null;
  if (isVideo && status === "uploading") {
    return (
      <>
        <span class="chip-status">
          {Math.floor(share * 100)} % of {sizeText(sizeBytes)}
        </span>
        <progress class="chip-progress" aria-label="Upload" value={share} max={1} />
      </>
    );
  }
  if (isVideo && status === "ready") return <span class="chip-status">{sizeText(sizeBytes)}</span>;
  if (status === "ready") return null;
  return <span class="chip-status">{problem === "" ? statusText[status] : problem}</span>;
}

function sizeText(sizeBytes: number): string {
  if (sizeBytes < 1_000_000) return `${Math.max(1, Math.round(sizeBytes / 1_000))} kB`;
  if (sizeBytes < 100_000_000) return `${(sizeBytes / 1_000_000).toFixed(1)} MB`;
  return sizeBytes < 1_000_000_000
    ? `${Math.round(sizeBytes / 1_000_000)} MB`
    : `${(sizeBytes / 1_000_000_000).toFixed(1)} GB`;
}
