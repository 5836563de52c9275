import type { ImageView } from "../job-view.ts";
import type { Message } from "./channel-state.ts";
import { FullResolutionLink } from "./full-resolution-link.tsx";
import { Picture } from "./picture.tsx";

/** One picture large, two side by side, more in two columns; each opens large. */
export function PictureGrid({
  images,
  message,
  refresh,
  onOpen,
}: {
  images: readonly ImageView[];
  message: Message;
  refresh: () => Promise<boolean>;
  onOpen: (index: number) => void;
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
            {count > 1 && <span class="frame-number">{index + 1}</span>}
            <FullResolutionLink
              url={image.url}
              of={count > 1 ? ` of picture ${index + 1}` : ""}
              message={message}
              refresh={refresh}
            />
          </figcaption>
        </figure>
      ))}
    </div>
  );
}

function ratioOf(image: ImageView | undefined): string {
  return String((image && image.width_px / image.height_px) || 1);
}
