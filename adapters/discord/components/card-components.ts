import {
  type APIActionRowComponent,
  type APIButtonComponent,
  type APIButtonComponentWithCustomId,
  type APIMessageTopLevelComponent,
  type APITextDisplayComponent,
  ButtonStyle,
  ComponentType,
} from "discord-api-types/v10";
import type { CardButton } from "#core";
import {
  DISCORD_BUTTON_LABEL_MAX,
  DISCORD_CUSTOM_ID_MAX,
  DISCORD_LINK_URL_MAX,
  DISCORD_ROW_BUTTONS_MAX,
} from "./limits.ts";
import { plain, usableUrl } from "./literal-text.ts";

/** Markdown; null when it would be empty, which Discord refuses. */
export function textDisplay(...lines: readonly string[]): APITextDisplayComponent | null {
  const content = lines.filter((line) => line !== "").join("\n");
  return content === "" ? null : { type: ComponentType.TextDisplay, content };
}

/** The components that there are. */
export function present(
  components: readonly (APIMessageTopLevelComponent | null)[],
): APIMessageTopLevelComponent[] {
  return components.filter((component) => component !== null);
}

/** A button whose action comes back as its `custom_id`. */
function button({ label, action, style }: CardButton): APIButtonComponentWithCustomId {
  return {
    type: ComponentType.Button,
    style: style === "danger" ? ButtonStyle.Danger : ButtonStyle.Secondary,
    label: plain(label, DISCORD_BUTTON_LABEL_MAX),
    custom_id: action,
  };
}

/** A button that opens an address; null where Discord does not take it for one. */
export function linkButton(label: string, url: string): APIButtonComponent | null {
  const href = usableUrl(url);
  // "Not a well formed URL" is what Discord answers for a host like `localhost`.
  const isPublic = href !== null && new URL(href).hostname.includes(".");
  return isPublic && href.length <= DISCORD_LINK_URL_MAX
    ? { type: ComponentType.Button, style: ButtonStyle.Link, label, url: href }
    : null;
}

/** The card's buttons, one of each action as Discord wants it, and the link after them. */
export function buttonRows(
  buttons: readonly CardButton[],
  link: APIButtonComponent | null = null,
): APIActionRowComponent<APIButtonComponent>[] {
  const byAction = new Map<string, APIButtonComponent>();
  for (const each of buttons) {
    const isUsable = each.action !== "" && each.action.length <= DISCORD_CUSTOM_ID_MAX;
    if (isUsable && !byAction.has(each.action)) byAction.set(each.action, button(each));
  }
  const all = [...byAction.values(), ...(link === null ? [] : [link])];
  const rows = Math.ceil(all.length / DISCORD_ROW_BUTTONS_MAX);
  return Array.from({ length: rows }, (_, row) => ({
    type: ComponentType.ActionRow,
    components: all.slice(row * DISCORD_ROW_BUTTONS_MAX, (row + 1) * DISCORD_ROW_BUTTONS_MAX),
  }));
}
