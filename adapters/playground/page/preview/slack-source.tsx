import { useCopy } from "../use-copy.ts";

const BUILDER_URL = "https://app.slack.com/block-kit-builder";

/** The blocks as Slack's Block Kit Builder takes them. */
export function SlackSource({ blocks }: { blocks: readonly unknown[] }) {
  const source = JSON.stringify({ blocks }, null, 2);
  const { result, copy } = useCopy(source);
  return (
    <>
      <p class="preview-note">
        This is what Slack is sent; paste it into the{" "}
        <a href={BUILDER_URL} target="_blank" rel="noopener">
          Block Kit Builder
        </a>
        . Only the pictures differ: in Slack they are uploaded files, here they are links, which the
        Builder can follow when they are public.
      </p>
      <div class="preview-source">
        <button type="button" class="button" onClick={() => void copy()}>
          <span aria-live="polite">{result}</span>
        </button>
        <pre>{source}</pre>
      </div>
    </>
  );
}
