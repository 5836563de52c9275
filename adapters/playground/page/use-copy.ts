import { useState } from "preact/hooks";

const SHOWN_MS = 2_500;

/** Copies a text; `result` is the label of the button that does it. */
export function useCopy(text: string) {
  const [result, setResult] = useState<"Copy" | "Copied" | "Select it and copy by hand">("Copy");
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setResult("Copied");
    } catch {
      // No clipboard without HTTPS.
      setResult("Select it and copy by hand");
    }
    setTimeout(() => setResult("Copy"), SHOWN_MS);
  };
  return { result, copy };
}
