import type { InlineElement, RichTextElement } from "./slack-blocks.ts";
import { Mention, type Names, SlackLink } from "./slack-text.tsx";
import { UnknownPart } from "./unknown-part.tsx";

/** A part of a `rich_text` block. */
export function SlackRichText({ element, names }: { element: RichTextElement; names: Names }) {
  switch (element.type) {
    case "rich_text_section":
      return (
        <p class="slack-text">
          <Inline elements={element.elements} names={names} />
        </p>
      );
    case "rich_text_preformatted":
      return (
        <pre class="slack-preformatted">
          <Inline elements={element.elements} names={names} />
        </pre>
      );
    default:
      return <UnknownPart part={element} />;
  }
}

function Inline({ elements, names }: { elements: readonly InlineElement[]; names: Names }) {
  return (
    <>
      {elements.map((element) => {
        switch (element.type) {
          case "text":
            return <Styled element={element} />;
          case "user":
            return <Mention id={element.user_id} names={names} />;
          case "link":
            return <SlackLink url={element.url}>{element.text ?? element.url}</SlackLink>;
          default:
            return <UnknownPart part={element} />;
        }
      })}
    </>
  );
}

function Styled({ element: { text, style = {} } }: { element: InlineElement & { type: "text" } }) {
  let shown = <>{text}</>;
  if (style.code) shown = <code class="slack-code">{shown}</code>;
  if (style.bold) shown = <b>{shown}</b>;
  if (style.italic) shown = <i>{shown}</i>;
  if (style.strike) shown = <s>{shown}</s>;
  return shown;
}
