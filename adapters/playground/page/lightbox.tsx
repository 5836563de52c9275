import { useEffect, useRef } from "preact/hooks";
import { areLinksOld, type Message } from "./channel-state.ts";
import { FullResolutionLink } from "./full-resolution-link.tsx";
import { CloseIcon, NextIcon, PreviousIcon } from "./icons.tsx";
import { Picture } from "./picture.tsx";

/** One picture of a message, large, with the way to the others. */
export function Lightbox({
  message,
  index,
  refresh,
  onMove,
  onClose,
  onPlay,
  onPrefill,
}: {
  message: Message;
  index: number;
  refresh: (jobId: string) => Promise<boolean>;
  onMove: (index: number) => void;
  onClose: () => void;
  /** Of the frame of a video: plays the video from there. */
  onPlay: (index: number) => void;
  onPrefill: (text: string) => void;
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  const { job } = message;
  const images = job.card?.images ?? [];
  const image = images[index];
  const count = images.length;
  const isOld = areLinksOld(message, Date.now());

  useEffect(() => {
    dialog.current?.showModal();
  }, []);
  useEffect(() => {
    if (isOld) void refresh(job.job_id);
  }, [isOld, refresh, job.job_id]);
  useEffect(() => {
    // The card was replaced while it was open.
    if (image === undefined) onClose();
  }, [image, onClose]);
  if (image === undefined) return null;

  const move = (step: number) => onMove((index + step + count) % count);
  const restyle = restyleCommand(message, index);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "ArrowLeft" && count > 1) move(-1);
    else if (event.key === "ArrowRight" && count > 1) move(1);
  };

  return (
    <dialog
      ref={dialog}
      class="lightbox"
      aria-label={count > 1 ? `Picture ${index + 1} of ${count}` : "Picture"}
      onClose={onClose}
      onKeyDown={onKeyDown}
      onClick={(event) => {
        if (event.target === event.currentTarget) dialog.current?.close();
      }}
    >
      <div class="lightbox-top">
        <span aria-hidden="true">{count > 1 ? `${index + 1} / ${count}` : ""}</span>
        <button type="button" class="round" onClick={() => dialog.current?.close()}>
          <CloseIcon />
          <span class="hidden">Close</span>
        </button>
      </div>
      <figure>
        <Picture key={index} image={image} refresh={() => refresh(job.job_id)} />
        <figcaption>{image.alt}</figcaption>
      </figure>
      {count > 1 && (
        <>
          <button type="button" class="round lightbox-previous" onClick={() => move(-1)}>
            <PreviousIcon />
            <span class="hidden">Previous picture</span>
          </button>
          <button type="button" class="round lightbox-next" onClick={() => move(1)}>
            <NextIcon />
            <span class="hidden">Next picture</span>
          </button>
        </>
      )}
      <div class="lightbox-actions">
        {image.is_thumbnail ? (
          <button
            type="button"
            class="button"
            onClick={() => {
              dialog.current?.close();
              onPlay(index);
            }}
          >
            Play from here
          </button>
        ) : (
          <FullResolutionLink
            url={image.url}
            of=""
            message={message}
            refresh={() => refresh(job.job_id)}
          />
        )}
        {restyle !== null && (
          <button
            type="button"
            class="button"
            onClick={() => {
              dialog.current?.close();
              onPrefill(restyle);
            }}
          >
            Restyle this
          </button>
        )}
      </div>
    </dialog>
  );
}

/** Made from the card's own Restyle button: a card can show pictures that another job made. */
function restyleCommand({ job }: Message, index: number): string | null {
  for (const { prefill } of job.card?.buttons ?? []) {
    const [, from, rest] = /^(\/restyle --from \S+#)\d+( .*)$/u.exec(prefill ?? "") ?? [];
    if (from !== undefined && rest !== undefined) return `${from}${index + 1}${rest}`;
  }
  return null;
}
