/** A part of a mrkdwn text. */
export type MrkdwnPart =
  | { kind: "text"; text: string }
  | { kind: "link"; url: string; text: string }
  | { kind: "person"; id: string }
  /** `@channel`, `@here`, a channel's id: whatever else Slack makes of angle brackets. */
  | { kind: "special"; name: string };

/**
 * What stands in angle brackets, and the text between with its three entities resolved
 * (https://docs.slack.dev/messaging/formatting-message-text). Bold, italic and the like stay as
 * they were written: Atelier sends none in mrkdwn.
 */
export function parseMrkdwn(source: string): readonly MrkdwnPart[] {
  return source.split(/(<[^<>]+>)/u).flatMap((part): MrkdwnPart[] => {
    if (part === "") return [];
    return [
      /^<.+>$/su.test(part)
        ? parseBracketed(part.slice(1, -1))
        : { kind: "text", text: resolve(part) },
    ];
  });
}

function parseBracketed(inside: string): MrkdwnPart {
  const [target = "", label] = inside.split("|", 2);
  if (target.startsWith("@")) return { kind: "person", id: target.slice(1) };
  if (/^https?:\/\//u.test(target)) {
    const url = resolve(target);
    return { kind: "link", url, text: label === undefined ? url : resolve(label) };
  }
  return { kind: "special", name: resolve(label ?? target.replace(/^!/u, "@")) };
}

function resolve(text: string): string {
  return text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
}
