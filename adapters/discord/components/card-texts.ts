import { fieldLine, type SignedCard, shorten } from "#core";
import { clean, cleanCode, fenced, maskedLink, partBackticks, usableUrl } from "./literal-text.ts";
import { discordUserOf, mention } from "./person.ts";
import type { TextBudget } from "./text-budget.ts";

/** https://docs.discord.com/developers/reference#message-formatting: small, grey text. */
const SUBTEXT = "-# ";

/** A line of small text; empty when there is nothing to say or no room. */
export function smallLine(text: string, budget: TextBudget): string {
  const line = flat(text);
  if (line === "" || !budget.takeWhole(`${SUBTEXT}\n`)) return "";
  const taken = budget.take(line);
  return taken === "" ? "" : `${SUBTEXT}${taken}`;
}

/** Links as a line of small text, as many as there is room for. */
export function linkLine(
  links: readonly { text: string; url: string }[],
  budget: TextBudget,
): string {
  if (!budget.takeWhole(`${SUBTEXT}\n`)) return "";
  const taken = links.flatMap(({ text, url }) => {
    const link = maskedLink(text, url);
    return link !== null && budget.takeWhole(`${link} · `) ? [link] : [];
  });
  return taken.length === 0 ? "" : `${SUBTEXT}${taken.join(" · ")}`;
}

export function noticeLines(notices: readonly string[], budget: TextBudget): string {
  return lines(notices.map((notice) => smallLine(notice, budget)));
}

/** Who asked, and for what. */
export function askedFor(
  askedBy: string | undefined,
  text: string,
  max: number,
  budget: TextBudget,
): string {
  const user = discordUserOf(askedBy);
  const who = user === null ? "" : mention(user);
  const what = clean(text);
  if (who === "" || what === "") {
    return who !== "" && budget.takeWhole(who) ? who : budget.take(what, max);
  }
  return budget.takeWhole(`${who}: `) ? `${who}: ${budget.take(what, max)}` : "";
}

/**
 * Text to copy. Where all of it is addresses, which only the New link button answers, they become
 * links: nothing can be opened from a code block.
 */
export function codeText(code: string, budget: TextBudget): string {
  const kept = partBackticks(cleanCode(code));
  const given = kept.split("\n");
  if (kept === "" || !budget.takeWhole(fenced("\n…"))) return "";
  if (given.every((line) => usableUrl(line) !== null)) {
    return links(given, budget);
  }
  const taken: string[] = [];
  for (const line of given) {
    if (!budget.takeWhole(`${line}\n`)) break;
    taken.push(line);
  }
  if (taken.length === given.length) return fenced(kept);
  // Half a command is of no use, but better than nothing.
  if (taken.join("").trim() === "") return cutBlock(kept, budget);
  return fenced(`${taken.join("\n")}\n…`);
}

function links(urls: readonly string[], budget: TextBudget): string {
  const taken = urls.flatMap((url, index) => {
    const name = urls.length === 1 ? "Open the picture" : `Open picture ${index + 1}`;
    const link = maskedLink(name, url);
    return link !== null && budget.takeWhole(`${link}\n`) ? [link] : [];
  });
  return lines(taken.length === urls.length ? taken : [...taken, "…"]);
}

function cutBlock(code: string, budget: TextBudget): string {
  const cut = shorten(code, budget.left());
  return cut.trim() !== "" && budget.takeWhole(cut) ? fenced(cut) : "";
}

/** The card's fields in one line of small text, or a line each; see `fieldLine`. */
export function fieldLines(card: SignedCard, budget: TextBudget): string {
  const fields = card.fields
    .map(({ label, value, person }) => ({
      label: flat(label),
      value: flat(value),
      user: discordUserOf(person),
    }))
    .filter(({ label, value }) => label !== "" && value !== "");
  const line = fieldLine(card, fields);
  if (line !== null) return smallLine(line, budget);
  return lines(
    fields.map(({ label, value, user }) => {
      if (!budget.takeWhole("****: \n")) return "";
      const shownLabel = budget.take(label);
      const person = user === null ? "" : mention(user);
      const shownValue = budget.takeWhole(person) && person !== "" ? person : budget.take(value);
      return shownLabel === "" || shownValue === "" ? "" : `**${shownLabel}**: ${shownValue}`;
    }),
  );
}

function flat(text: string): string {
  return clean(text).replace(/\s+/gu, " ");
}

function lines(texts: readonly string[]): string {
  return texts.filter((text) => text !== "").join("\n");
}
