import { useState } from "preact/hooks";
import type { ImageView } from "../job-view.ts";

const GONE = "This picture was deleted or its link has expired.";

/**
 * A picture that keeps its place while it loads. A link that has run out is signed again once;
 * a picture that still does not load is gone.
 */
export function Picture({ image, refresh }: { image: ImageView; refresh: () => Promise<boolean> }) {
  const [loadedUrl, setLoadedUrl] = useState<string | null>(null);
  const [goneUrl, setGoneUrl] = useState<string | null>(null);
  const [isRetried, setIsRetried] = useState(false);

  // The same picture under a newly signed link need not load again.
  const isLoaded = loadedUrl !== null && pathOf(loadedUrl) === pathOf(image.url);
  const isGone = goneUrl === image.url;

  const onError = async () => {
    if (!isRetried && (await refresh())) setIsRetried(true);
    else setGoneUrl(image.url);
  };

  return (
    <span
      class="picture"
      data-picture={isGone ? "gone" : isLoaded ? "shown" : "loading"}
      style={{ "--ratio": String(image.width_px / image.height_px || 1) }}
    >
      {isGone ? (
        <span class="picture-gone">{GONE}</span>
      ) : (
        <img
          key={String(isRetried)}
          src={isLoaded ? loadedUrl : image.url}
          alt={image.alt}
          width={image.width_px}
          height={image.height_px}
          decoding="async"
          onLoad={({ currentTarget }) => {
            setLoadedUrl(currentTarget.src);
            setIsRetried(false);
          }}
          onError={() => void onError()}
        />
      )}
    </span>
  );
}

function pathOf(url: string): string {
  return new URL(url, location.href).href.split("?")[0] ?? url;
}
