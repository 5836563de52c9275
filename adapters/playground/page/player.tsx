import { useEffect, useRef, useState } from "preact/hooks";
import { areLinksOld, type Message } from "./channel-state.ts";
import { CloseIcon, NextIcon, OpenIcon, PreviousIcon } from "./icons.tsx";

/** The video of one of a card's moments, playing from there. */
export function Player({
  message,
  index,
  refresh,
  onMove,
  onClose,
}: {
  message: Message;
  /** Which of the card's fields. */
  index: number;
  refresh: (jobId: string) => Promise<boolean>;
  onMove: (index: number) => void;
  onClose: () => void;
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  const { job } = message;
  const fields = job.card?.fields ?? [];
  const field = fields[index];
  const url = field?.moment_url;
  const isOld = areLinksOld(message, Date.now());

  useEffect(() => {
    dialog.current?.showModal();
    // Not the button to close it: the keys of the video work at once.
    dialog.current?.querySelector("video")?.focus();
  }, []);
  useEffect(() => {
    if (isOld) void refresh(job.job_id);
  }, [isOld, refresh, job.job_id]);
  useEffect(() => {
    // The card was replaced while it was open.
    if (url === undefined) onClose();
  }, [url, onClose]);
  if (field === undefined || url === undefined) return null;

  const playable = [...fields.keys()].filter((each) => fields[each]?.moment_url !== undefined);
  const count = playable.length;
  const move = (step: number) =>
    onMove(playable[(playable.indexOf(index) + step + count) % count] ?? index);
  return (
    <dialog
      ref={dialog}
      class="lightbox player"
      aria-label={`Video: ${field.label}`}
      onClose={onClose}
    >
      <div class="lightbox-top">
        <span>{field.label}</span>
        <button type="button" class="round" onClick={() => dialog.current?.close()}>
          <CloseIcon />
          <span class="hidden">Close</span>
        </button>
      </div>
      <Film key={index} url={url} refresh={() => refresh(job.job_id)} />
      <div class="lightbox-actions">
        {count > 1 && (
          <button type="button" class="button" onClick={() => move(-1)}>
            <PreviousIcon /> Previous
          </button>
        )}
        {count > 1 && (
          <button type="button" class="button" onClick={() => move(1)}>
            Next <NextIcon />
          </button>
        )}
        <a class="full-resolution" href={url} target="_blank" rel="noopener">
          Open the file
          <OpenIcon />
        </a>
      </div>
    </dialog>
  );
}

const UNPLAYABLE = "This browser cannot play the video, or it was removed. Open the file instead.";

/** Keeps the link that it began with: a newly signed one would begin again. */
function Film({ url, refresh }: { url: string; refresh: () => Promise<boolean> }) {
  const [source, setSource] = useState(url);
  const [state, setState] = useState<"playing" | "again" | "failed">("playing");
  const video = useRef<HTMLVideoElement>(null);
  const latest = useRef(url);
  latest.current = url;

  useEffect(() => {
    video.current?.focus();
  }, []);

  const onError = async () => {
    // A link that has run out is signed again once.
    if (state === "playing" && (await refresh())) {
      setState("again");
      setSource(latest.current);
    } else setState("failed");
  };
  if (state === "failed") return <p class="player-problem">{UNPLAYABLE}</p>;
  return (
    // biome-ignore lint/a11y/useMediaCaption: people's videos come without captions.
    <video
      ref={video}
      key={state}
      src={source}
      controls
      autoplay
      playsInline
      onLoadedMetadata={({ currentTarget }) => {
        // The fragment of the link says so too, but not every browser listens to it.
        currentTarget.currentTime = startOf(source);
      }}
      onError={() => void onError()}
    />
  );
}

/** The time of a media fragment, in seconds. */
function startOf(url: string): number {
  const start = Number(/#t=([\d.]+)/u.exec(url)?.[1] ?? 0);
  return Number.isFinite(start) ? start : 0;
}
