import type { RefObject } from "preact";
import { useEffect } from "preact/hooks";

/** Puts the focus into the input at the start, and whenever a slash is typed elsewhere on the page. */
export function useSlashKey(input: RefObject<HTMLTextAreaElement>): void {
  useEffect(() => {
    // On a touch screen the focus would open the keyboard over half of the page.
    if (matchMedia("(pointer: fine)").matches) input.current?.focus();
    const onKeyDown = (event: KeyboardEvent) => {
      const isElsewhere =
        event.target instanceof Element && !event.target.closest("input, textarea");
      const isPlain = !event.ctrlKey && !event.metaKey && !event.altKey;
      const isCovered = document.querySelector("dialog[open]") !== null;
      if (event.key === "/" && isPlain && isElsewhere && !isCovered) input.current?.focus();
    };
    document.addEventListener("keydown", onKeyDown);
    return () => document.removeEventListener("keydown", onKeyDown);
  }, [input]);
}
