import { CloseIcon } from "./icons.tsx";
import type { Attached } from "./use-attachments.ts";

const statusText = { uploading: "Uploading…", ready: "", failed: "Not uploaded" } as const;

/** The pictures that go with the message being written. */
export function AttachmentChips({
  attached,
  onRemove,
}: {
  attached: readonly Attached[];
  onRemove: (key: string) => void;
}) {
  if (attached.length === 0) return null;
  return (
    <ul class="chips" aria-label="Attached pictures">
      {attached.map(({ key, name, previewUrl, status, problem }) => (
        <li key={key} class="chip" data-status={status} title={problem || name}>
          <img
            src={previewUrl}
            alt=""
            onError={({ currentTarget }) => {
              // What is no picture after all.
              currentTarget.style.visibility = "hidden";
            }}
          />
          <span class="chip-name">{name}</span>
          {status !== "ready" && (
            <span class="chip-status">{problem === "" ? statusText[status] : problem}</span>
          )}
          <button type="button" class="bare" onClick={() => onRemove(key)}>
            <CloseIcon />
            <span class="hidden">Remove {name}</span>
          </button>
        </li>
      ))}
    </ul>
  );
}
