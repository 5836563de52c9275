import { ComponentType } from "discord-api-types/v10";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createCard, type SignedCard, type SignedImage } from "#core";
import { clean, escapeMarkdown } from "../../adapters/discord/components/literal-text.ts";
import {
  type DiscordMessage,
  renderCard,
  renderFailure,
  renderProgress,
} from "../../adapters/discord/render.ts";
import { anySignedCard, hostileText, hostileTexts } from "../fixtures/hostile-texts.ts";
import { bodyProblems } from "../servers/discord-body-rules.ts";
import { componentsBelow } from "../servers/discord-component-rules.ts";
import { recordOf, textOf } from "../servers/json-record.ts";

const ANA = "1100000000000000301";
const ASKER = `discord:1100000000000000100:${ANA}`;

/** A failure is found within seconds, but the smallest card that fails takes minutes to find. */
const SHRINK_MAX_MS = 20_000;

/** What means something in Discord's Markdown and not in that of others. */
const discordTexts = [
  "@everyone @here",
  `<@1100000000000000302> <@!1100000000000000302> <@&1100000000000000100> <#1100000000000000201>`,
  "<t:1618953630:R> <id:customize> </imagine:1100000000000000400>",
  "<:mmLol:216154654256398347> <a:b1nzy:392938283556143104> :smile: :100: 1:100: :+1:",
  "# Header\n## Header\n### Header\n-# small",
  "- item\n* item\n+ item\n  - below\n1. one\n 2) two",
  "||spoiler|| ~~gone~~ __under__ ***both***",
  "[your bank](https://evil.example/x) <https://evil.example>",
  "https://evil.example/x http://evil.example steam://run discord.gg/evil",
  "> quote\n>>> all",
  "``` ````\ncode\n```js\nx\n``` `` ` ``",
  "\\ \\\\ \\* \\@everyone \\<@1100000000000000302>",
  "¯\\_(ツ)_/¯",
  "\u2028# after a line separator",
];

const anyText = (maxLength: number) =>
  fc.oneof(
    hostileText(maxLength),
    fc.array(fc.constantFrom(...discordTexts), { maxLength: 4 }).map((some) => some.join("\n")),
  );

/** Cards of every size, of someone who is known here, with Discord's texts in every place. */
const anyCard: fc.Arbitrary<SignedCard> = fc
  .tuple(
    anySignedCard,
    fc.constantFrom(undefined, ASKER, "discord:dm:<@&1>", "slack:T1:U0ANA"),
    fc.array(anyText(3_000), { minLength: 1, maxLength: 30 }),
    fc.array(anyText(300), { minLength: 1, maxLength: 8 }),
    fc.integer({ min: 0, max: 40 }),
  )
  .map(([{ askedBy: _asker, ...card }, askedBy, values, notices, buttons]) => ({
    ...card,
    ...(askedBy === undefined ? {} : { askedBy }),
    text: values[0] ?? card.text,
    code: values.join("\n"),
    fields: [
      ...card.fields,
      ...values.map((value) => ({ label: value.slice(0, 90), value, person: value })),
    ],
    notices: [...card.notices, ...notices],
    buttons: [
      ...card.buttons,
      ...Array.from({ length: buttons }, (_, n) => ({ label: `${n}`, action: `v1.info.k.${n}` })),
    ],
  }));

/** As for cards of which some pictures could not be attached. */
const anySource = fc.array(fc.boolean(), { minLength: 12, maxLength: 12 }).map((answers) => {
  let next = 0;
  return ({ blob }: SignedImage) =>
    answers[next++ % answers.length] ? blob.key.replace("outputs/", "") : null;
});

/** All text displays' lines outside code blocks, and what is in those. */
function textsOf(message: DiscordMessage): { prose: string; code: string[] } {
  const shown = componentsBelow(recordOf(message))
    .filter(({ component }) => component.type === ComponentType.TextDisplay)
    .map(({ component }) => textOf(component.content))
    .join("\n\n");
  const code: string[] = [];
  // The client's own rule: the first three backticks end the block.
  const prose = shown.replace(/```\n([\s\S]*?)\n```/gu, (_, inside: string) => {
    code.push(inside);
    return "";
  });
  return { prose, code };
}

/**
 * What is left in prose that Discord would read as anything but text, after what is meant: small
 * lines, labels in bold, the asker's mention, links to the card's own addresses.
 */
function liveParts(prose: string, urls: readonly string[]): string[] {
  const bare = prose.split("\n").map((line) =>
    line
      .replace(/^-# /u, "")
      .replace(
        /\[(Full resolution|Open picture|Open the picture)( \d+)?\]\(([^)\s]+)\)/gu,
        (link, _name, _n, url) => (urls.includes(url) ? "" : link),
      )
      .replace(`<@${ANA}>`, "")
      .replace(/\\[!-/:-@[-`{-~]/gu, "\u0000")
      .replace(/^\*\*([^*]+)\*\*: /u, ""),
  );
  return bare.flatMap((line) => [
    ...(line.match(/[*_~`|<>[\]@\\]|\w+:\/\/|:[\w+~-]+:|^\s*([#+-]|\d+[.)])/gu) ?? []),
  ]);
}

describe("any card", () => {
  it("is a message that Discord takes, however it is sent", () => {
    fc.assert(
      fc.property(anyCard, anySource, fc.boolean(), (card, source, isSpoiler) => {
        const message = renderCard(card, source, { isSpoiler });
        for (const kind of ["create_message", "follow_up", "edit_response"] as const) {
          expect(bodyProblems(kind, message)).toEqual([]);
        }
        expect(bodyProblems("callback", { type: 7, data: message })).toEqual([]);
      }),
      { numRuns: 120, interruptAfterTimeLimit: SHRINK_MAX_MS },
    );
  });

  it("notifies nobody and has nothing followed that people wrote", () => {
    fc.assert(
      fc.property(anyCard, anySource, (card, source) => {
        const message = renderCard(card, source);
        expect(message.allowed_mentions).toEqual({ parse: [] });
        const { prose, code } = textsOf(message);
        // Text to copy that is nothing but addresses is links, for the New link button.
        const copied = (card.code ?? "").split("\n");
        const isLinks = copied.every((line) => /^https?:\/\/\S+$/u.test(line));
        const urls = card.images.map(({ url }) => url);
        expect(liveParts(prose, isLinks ? [...urls, ...copied] : urls)).toEqual([]);
        for (const block of code) expect(block).not.toContain("```");
      }),
      { numRuns: 120, interruptAfterTimeLimit: SHRINK_MAX_MS },
    );
  });

  it("shows what people wrote as they wrote it", () => {
    // The client shows a backslash before punctuation as that punctuation.
    const seen = (text: string) => text.replace(/\\([!-/:-@[-`{-~])/gu, "$1");
    const isShown = (text: string) => text.trim() === text && !/^$|[^\P{C}\n]/u.test(text);
    const texts = [...hostileTexts, ...discordTexts].filter(isShown);
    expect(texts.length).toBeGreaterThan(22);
    for (const text of texts) {
      const card = { ...createCard({ text, askedBy: ASKER }), images: [] };
      const { prose } = textsOf(renderCard(card, () => null));
      expect(seen(prose)).toBe(`<@${ANA}>: ${text}`);
    }
  });

  it("leaves times, ratios and sentences as they are", () => {
    const text = "16:9 at 12:30, as follows: a fox-like #1 (1.5)";
    expect(escapeMarkdown(text)).toBe(text);
    expect(clean(" a\u2028b\r\nc\u0007 ")).toBe("a\nb\nc");
  });

  it("leaves room in each of its parts for the others", () => {
    const much = "*".repeat(3_000);
    const parts = {
      text: much,
      code: "/imagine a fox",
      fields: Array.from({ length: 25 }, () => ({ label: "Job", value: much })),
      notices: Array.from({ length: 6 }, () => much),
    };
    const { prose, code } = textsOf(renderCard({ ...createCard(parts), images: [] }, () => null));
    expect(code).toEqual(["/imagine a fox"]);
    expect(prose).toMatch(/^\\\*/u);
    expect(prose).toContain("**Job**: \\*");
    expect(prose).toContain("\n-# \\*");
  });

  it("says which pictures are not shown", () => {
    const blob = { store: "outputs" as const, key: "outputs/a.png" };
    const size = { mediaType: "image/png" as const, widthPx: 16, heightPx: 16 };
    const image = { ...size, blob, alt: "x".repeat(3_000), url: "https://a.example/a.png" };
    const images = Array.from({ length: 12 }, () => image);
    const { components } = renderCard({ ...createCard({ text: "" }), images }, () => "a.png");
    const [gallery, below] = components;
    expect(gallery).toMatchObject({ items: expect.objectContaining({ length: 10 }) });
    expect(below).toMatchObject({ content: expect.stringContaining("-# 2 more not shown.") });
  });

  it("hides every picture behind a spoiler when told", () => {
    const blob = { store: "outputs" as const, key: "outputs/a.png" };
    const size = { mediaType: "image/png" as const, widthPx: 16, heightPx: 16 };
    const image = { ...size, blob, alt: "a fox", url: "https://a.example/a.png" };
    const card = { ...createCard({ text: "" }), images: [image, image] };
    const [gallery] = renderCard(card, () => "a.png", { isSpoiler: true }).components;
    expect(gallery).toMatchObject({ items: [{ spoiler: true }, { spoiler: true }] });
  });

  it("with nothing in it says so", () => {
    const card = { ...createCard({ text: " \u200b" }), images: [] };
    expect(textsOf(renderCard(card, () => null)).prose).toBe("There is nothing to show.");
  });
});

describe("any state of a job", () => {
  it("is a message that Discord takes, with nothing in it that is followed", () => {
    const anyProgress = fc.option(fc.record({ done: fc.nat(4), total: fc.nat(4) }));
    fc.assert(
      fc.property(anyText(12_000), anyProgress, (text, progress) => {
        for (const message of [
          renderProgress({ jobId: "k3v9", askedBy: ASKER, text, progress }),
          renderFailure(text, { tryAgain: "form:1" }),
        ]) {
          expect(bodyProblems("edit_response", message)).toEqual([]);
          expect(message.allowed_mentions).toEqual({ parse: [] });
          expect(liveParts(textsOf(message).prose, [])).toEqual([]);
        }
      }),
      { numRuns: 60 },
    );
  });
});
