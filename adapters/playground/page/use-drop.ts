import { useEffect, useRef, useState } from "preact/hooks";

/** Takes files that are dropped anywhere on the page; true while some are held over it. */
export function useDrop(onFiles: (files: readonly File[]) => void): boolean {
  const [isOver, setIsOver] = useState(false);
  const handle = useRef(onFiles);
  handle.current = onFiles;

  useEffect(() => {
    // Entering a child fires `dragleave` on its parent: only the balance tells.
    let depth = 0;
    const over = (event: DragEvent) => {
      if (hasFiles(event)) event.preventDefault();
    };
    const enter = (event: DragEvent) => {
      if (hasFiles(event)) setIsOver(++depth > 0);
    };
    const leave = (event: DragEvent) => {
      if (hasFiles(event)) setIsOver(--depth > 0);
    };
    const drop = (event: DragEvent) => {
      depth = 0;
      setIsOver(false);
      const files = [...(event.dataTransfer?.files ?? [])];
      if (files.length === 0) return;
      event.preventDefault();
      handle.current(files);
    };
    document.addEventListener("dragover", over);
    document.addEventListener("dragenter", enter);
    document.addEventListener("dragleave", leave);
    document.addEventListener("drop", drop);
    return () => {
      document.removeEventListener("dragover", over);
      document.removeEventListener("dragenter", enter);
      document.removeEventListener("dragleave", leave);
      document.removeEventListener("drop", drop);
    };
  }, []);

  return isOver;
}

function hasFiles(event: DragEvent): boolean {
  return event.dataTransfer?.types.includes("Files") === true;
}
