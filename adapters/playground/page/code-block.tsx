import { useCopy } from "./use-copy.ts";

/** A command to copy, or links, which can be followed too. */
export function CodeBlock({ code }: { code: string }) {
  const { result, copy } = useCopy(code);
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
