import { useState } from "preact/hooks";

/** A command to copy, or links, which can be followed too. */
export function CodeBlock({ code }: { code: string }) {
  const [result, setResult] = useState<"Copy" | "Copied" | "Select it and copy by hand">("Copy");
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(code);
      setResult("Copied");
    } catch {
      // No clipboard without HTTPS.
      setResult("Select it and copy by hand");
    }
    setTimeout(() => setResult("Copy"), 2_500);
  };
  return (
    <div class="code">
      <code>{code.split("\n").map(renderLine)}</code>
      <button type="button" class="button" onClick={() => void copy()}>
        <span aria-live="polite">{result}</span>
      </button>
    </div>
  );
}

function renderLine(line: string, index: number) {
  const content = /^https?:\/\/\S+$/u.test(line) ? (
    <a href={line} target="_blank" rel="noopener">
      {line}
    </a>
  ) : (
    line
  );
  return (
    <span key={line}>
      {index > 0 && "\n"}
      {content}
    </span>
  );
}
