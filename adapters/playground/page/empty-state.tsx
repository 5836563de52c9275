import type { CommandView } from "../job-view.ts";

const EXAMPLES = 3;
/** What works where there is no picture yet. */
const FIRST = "imagine";

/** What a channel shows before anything was asked in it. */
export function EmptyState({
  commands,
  onPrefill,
}: {
  commands: readonly CommandView[];
  onPrefill: (text: string) => void;
}) {
  return (
    <div class="empty">
      <h2>An empty wall</h2>
      <p>
        Write what you would like to see, and Atelier draws it here for everyone in this channel.
      </p>
      <ul aria-label="Examples">
        {examplesOf(commands).map((example) => (
          <li key={example}>
            <button type="button" class="example" onClick={() => onPrefill(example)}>
              <code>{example}</code>
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}

/** The examples of the command to begin with, then the others'. */
function examplesOf(commands: readonly CommandView[]): string[] {
  const [first, others] = [true, false].map((isFirst) =>
    commands.filter(({ name }) => (name === FIRST) === isFirst),
  );
  return [...(first ?? []), ...(others ?? [])]
    .flatMap(({ examples }) => examples)
    .slice(0, EXAMPLES);
}
