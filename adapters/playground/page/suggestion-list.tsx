import { useEffect, useRef } from "preact/hooks";
import type { Suggestion, Suggestions } from "./suggestions.ts";

export const SUGGESTION_LIST_ID = "suggestions";

export function suggestionId(index: number): string {
  return `suggestion-${index}`;
}

/** The list above the input. The focus stays in the input, which names the active option. */
export function SuggestionList({
  suggestions,
  active,
  onPick,
}: {
  suggestions: Suggestions;
  active: number | null;
  onPick: (item: Suggestion) => void;
}) {
  const { title, items, example } = suggestions;
  const list = useRef<HTMLDivElement>(null);
  useEffect(() => {
    list.current?.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" });
  });
  return (
    <div class="suggestions">
      <p class="suggestions-title">{title}</p>
      <div role="listbox" id={SUGGESTION_LIST_ID} aria-label={title} ref={list}>
        {items.map((item, index) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the input handles the keys.
          // biome-ignore lint/a11y/useFocusableInteractive: aria-activedescendant of the input.
          <div
            key={item.label}
            role="option"
            id={suggestionId(index)}
            aria-selected={index === active}
            class="suggestion"
            onMouseDown={(event) => event.preventDefault()}
            onClick={() => onPick(item)}
          >
            <span class="suggestion-label">
              {item.label} {item.hint !== "" && <span class="suggestion-hint">{item.hint}</span>}
            </span>
            {item.isRequired && <span class="tag">required</span>}
            <span class="suggestion-description">{item.description}</span>
            {item.flags && <span class="suggestion-flags">{item.flags}</span>}
          </div>
        ))}
      </div>
      {example !== undefined && (
        <p class="suggestions-example">
          Example <code>{example}</code>
        </p>
      )}
    </div>
  );
}
