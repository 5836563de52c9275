import type { ButtonElement, ImageBlock, SlackBlock } from "./slack-blocks.ts";
import { SlackRichText } from "./slack-rich-text.tsx";
import { type Names, SlackText } from "./slack-text.tsx";
import { UnknownPart } from "./unknown-part.tsx";

/** One block of a message, about as Slack draws it. */
export function SlackBlockView({ block, names }: { block: SlackBlock; names: Names }) {
  switch (block.type) {
    case "rich_text":
      return (
        <div class="slack-block">
          {block.elements.map((element, index) => (
            <SlackRichText key={index} element={element} names={names} />
          ))}
        </div>
      );
    case "section":
      return (
        <div class="slack-block slack-section">
          {[...(block.text ? [block.text] : []), ...(block.fields ?? [])].map((text, index) => (
            <p key={index} class="slack-text">
              <SlackText {...text} names={names} />
            </p>
          ))}
        </div>
      );
    case "context":
      return (
        <div class="slack-block slack-context">
          {block.elements.map((text, index) => (
            <span key={index}>
              <SlackText {...text} names={names} />
            </span>
          ))}
        </div>
      );
    case "header":
      return (
        <p class="slack-block slack-header">
          <SlackText {...block.text} names={names} />
        </p>
      );
    case "divider":
      return <hr class="slack-divider" />;
    case "image":
      return <SlackImage block={block} />;
    case "actions":
      return (
        <div class="slack-block slack-actions">
          {block.elements.map((element, index) =>
            element.type === "button" ? (
              <SlackButton key={index} button={element} />
            ) : (
              <UnknownPart key={index} part={element} />
            ),
          )}
        </div>
      );
    default:
      return <UnknownPart part={block} />;
  }
}

function SlackImage({ block: { image_url, alt_text, title } }: { block: ImageBlock }) {
  return (
    <figure class="slack-block slack-image">
      {title !== undefined && <figcaption>{title.text}</figcaption>}
      <img src={image_url} alt={alt_text} title={alt_text} />
    </figure>
  );
}

/** Looks as in Slack and does nothing; what is pressed here would be pressed for everyone. */
function SlackButton({ button: { text, style, confirm } }: { button: ButtonElement }) {
  const asks = confirm === undefined ? "" : ` There it asks first: “${confirm.text.text}”`;
  return (
    <button
      type="button"
      class="slack-button"
      data-style={style}
      aria-disabled="true"
      title={`Works in Slack, not in this preview.${asks}`}
    >
      {text.text}
    </button>
  );
}
