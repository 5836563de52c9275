import { useCallback, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Message } from "./channel-state.ts";

const BOTTOM_PX = 64;

/** Keeps the list at its end while the reader is there, and in its place otherwise. */
export function useStickyScroll(messages: readonly Message[]) {
  const list = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const isAtEnd = useRef(true);
  const anchor = useRef<{ element: Element; topPx: number } | null>(null);
  const lastKey = useRef<string | undefined>(undefined);
  const [hasNews, setHasNews] = useState(false);

  const toEnd = useCallback(() => {
    isAtEnd.current = true;
    setHasNews(false);
    const element = list.current;
    if (element !== null) element.scrollTop = element.scrollHeight;
  }, []);

  const onScroll = useCallback(() => {
    const element = list.current;
    if (element === null) return;
    const belowPx = element.scrollHeight - element.scrollTop - element.clientHeight;
    isAtEnd.current = belowPx < BOTTOM_PX;
    if (isAtEnd.current) setHasNews(false);
  }, []);

  /** To call right before older messages are put in front. */
  const holdPlace = useCallback(() => {
    const element = content.current?.querySelector("article");
    if (element == null) return;
    anchor.current = { element, topPx: element.getBoundingClientRect().top };
  }, []);

  const newestKey = messages.at(-1)?.key;
  useLayoutEffect(() => {
    const held = anchor.current;
    if (held !== null && list.current !== null) {
      list.current.scrollTop += held.element.getBoundingClientRect().top - held.topPx;
      anchor.current = null;
    } else if (isAtEnd.current) {
      toEnd();
    } else if (newestKey !== lastKey.current) {
      setHasNews(true);
    }
    lastKey.current = newestKey;
  }, [messages, newestKey, toEnd]);

  useLayoutEffect(() => {
    // Pictures, the input and the window change heights without a new message.
    const observer = new ResizeObserver(() => isAtEnd.current && toEnd());
    if (list.current !== null) observer.observe(list.current);
    if (content.current !== null) observer.observe(content.current);
    return () => observer.disconnect();
  }, [toEnd]);

  return { list, content, hasNews, toEnd, onScroll, holdPlace };
}
