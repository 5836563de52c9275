import type { CommandView } from "../job-view.ts";

const EXAMPLES = 3;
/** What works where there is no picture yet. */
const FIRST = "imagine";
/** What works where there are videos. */
const SEARCH = "findframe";

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
        Write what you would like to see, and Atelier draws it here for everyone in this channel, or
        finds it in your videos.
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

/** The examples of the command to begin with, and one of the search where there are videos. */
function examplesOf(commands: readonly CommandView[]): string[] {
  const examplesBy = (test: (command: CommandView) => boolean) =>
    commands.filter(test).flatMap(({ examples }) => examples);
  const found = examplesBy(
    ({ name, options }) =>
      name === SEARCH && options.some(({ choices = [] }) => choices.length > 0),
  ).slice(0, 1);
  const first = examplesBy(({ name }) => name === FIRST).slice(0, EXAMPLES - found.length);
  const others = examplesBy(({ name }) => name !== FIRST && name !== SEARCH);
  return [...first, ...found, ...others].slice(0, EXAMPLES);
}
