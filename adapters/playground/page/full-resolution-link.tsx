import { useEffect, useRef } from "preact/hooks";
import { OpenIcon } from "./icons.tsx";
import { areLinksOld } from "./use-channel.ts";

/** The presigned link. One that may have run out is signed again before it is followed. */
export function FullResolutionLink({
  url,
  of,
  receivedAtMs,
  refresh,
}: {
  url: string;
  /** Said to screen readers after the link's text. */
  of: string;
  receivedAtMs: number;
  refresh: () => Promise<boolean>;
}) {
  const isPressed = useRef(false);

  useEffect(() => {
    if (!isPressed.current || areLinksOld(receivedAtMs)) return;
    isPressed.current = false;
    window.open(url, "_blank", "noopener");
  }, [url, receivedAtMs]);

  const freshen = () => {
    if (areLinksOld(receivedAtMs)) void refresh();
  };
  return (
    <a
      class="full-resolution"
      href={url}
      target="_blank"
      rel="noopener"
      onPointerEnter={freshen}
      onFocus={freshen}
      onClick={(event) => {
        if (!areLinksOld(receivedAtMs)) return;
        event.preventDefault();
        isPressed.current = true;
        void refresh();
      }}
    >
      Full resolution<span class="hidden">{of}</span>
      <OpenIcon />
    </a>
  );
}
