import { useEffect, useRef } from "preact/hooks";
import { areLinksOld, type Message } from "./channel-state.ts";
import { OpenIcon } from "./icons.tsx";

/** The presigned link. One that may have run out is signed again before it is followed. */
export function FullResolutionLink({
  url,
  of,
  message,
  refresh,
}: {
  url: string;
  /** Said to screen readers after the link's text. */
  of: string;
  message: Message;
  refresh: () => Promise<boolean>;
}) {
  const isPressed = useRef(false);

  const isOld = () => areLinksOld(message, Date.now());

  const open = () => {
    if (!isPressed.current) return;
    isPressed.current = false;
    window.open(url, "_blank", "noopener");
  };
  // Whatever comes after the press was signed after it, also where this clock says otherwise.
  useEffect(open, [url, message.receivedAtMs]);

  const freshen = () => {
    if (isOld()) void refresh();
  };
  const follow = async () => {
    isPressed.current = true;
    // The old link says best why it does not work.
    if (!(await refresh())) open();
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
        if (!isOld()) return;
        event.preventDefault();
        void follow();
      }}
    >
      Full resolution<span class="hidden">{of}</span>
      <OpenIcon />
    </a>
  );
}
