import type { ComponentChildren } from "preact";
import { type MrkdwnPart, parseMrkdwn } from "./mrkdwn.ts";
import type { TextObject } from "./slack-blocks.ts";

/** What is shown for the ids of people. */
export type Names = Readonly<Record<string, string>>;

export function Mention({ id, names }: { id: string; names: Names }) {
  return <span class="slack-mention">@{names[id] ?? id}</span>;
}

export function SlackLink({ url, children }: { url: string; children: ComponentChildren }) {
  return (
    <a class="slack-link" href={url} target="_blank" rel="noopener">
      {children}
    </a>
  );
}

/** A text object, or with `type: "mrkdwn"` any text that Slack reads as mark-up. */
export function SlackText({ type, text, names }: TextObject & { names: Names }) {
  if (type === "plain_text") return <>{text}</>;
  return (
    <>
      {parseMrkdwn(text).map((part, index) => (
        <Part key={index} part={part} names={names} />
      ))}
    </>
  );
}

function Part({ part, names }: { part: MrkdwnPart; names: Names }) {
  switch (part.kind) {
    case "text":
      return <>{part.text}</>;
    case "person":
      return <Mention id={part.id} names={names} />;
    case "special":
      return <span class="slack-mention">{part.name}</span>;
    case "link":
      return <SlackLink url={part.url}>{part.text}</SlackLink>;
  }
}
