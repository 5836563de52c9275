import type { FieldView, ImageView } from "../job-view.ts";
import type { Message } from "./channel-state.ts";
import { FullResolutionLink } from "./full-resolution-link.tsx";
import { Moment } from "./moments.tsx";
import { Picture } from "./picture.tsx";

/** One picture large, two side by side, more in two columns; each opens large. */
export function PictureGrid({
  images,
  message,
  refresh,
  onOpen,
  moments,
  onPlay,
}: {
  images: readonly ImageView[];
  message: Message;
  refresh: () => Promise<boolean>;
  onOpen: (index: number) => void;
  /** Where the pictures are frames of videos: the moment of each. */
  moments: readonly FieldView[];
  /** Plays a video from the frame at that place. */
  onPlay: (index: number) => void;
}) {
  const count = images.length;
  return (
    <div class="grid" data-count={Math.min(count, 3)} style={{ "--ratio": ratioOf(images[0]) }}>
      {images.map((image, index) => (
        <figure key={index} class="frame" style={{ "--ratio": ratioOf(image) }}>
          <button type="button" class="frame-open" onClick={() => onOpen(index)}>
            <span class="hidden">
              {count === 1 ? "Open large: " : `Open picture ${index + 1} of ${count} large: `}
            </span>
            <Picture image={image} refresh={refresh} />
          </button>
          <figcaption>
            <Caption
              image={image}
              number={count > 1 ? index + 1 : null}
              moment={moments[index]}
              message={message}
              refresh={refresh}
              onPlay={() => onPlay(index)}
            />
          </figcaption>
        </figure>
      ))}
    </div>
  );
}

function Caption({
  image,
  number,
  moment,
  message,
  refresh,
  onPlay,
}: {
  image: ImageView;
  number: number | null;
  moment: FieldView | undefined;
  message: Message;
  refresh: () => Promise<boolean>;
  onPlay: () => void;
}) {
  if (moment !== undefined) return <Moment field={moment} onPlay={onPlay} />;
  return (
    <>
      {number !== null && <span class="frame-number">{number}</span>}
      {!image.is_thumbnail && (
        <FullResolutionLink
          url={image.url}
          of={number === null ? "" : ` of picture ${number}`}
          message={message}
          refresh={refresh}
        />
      )}
    </>
  );
}

function ratioOf(image: ImageView | undefined): string {
  return String((image && image.width_px / image.height_px) || 1);
}
