import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createCard, type SignedImage } from "#core";
import { renderHome } from "../../adapters/slack/blocks/app-home.ts";
import { contextLine } from "../../adapters/slack/blocks/card-blocks.ts";
import {
  renderCard,
  renderFailure,
  renderProgress,
  type SlackImageSource,
} from "../../adapters/slack/render.ts";
import { anySignedCard, hostileText, hostileTexts } from "../fixtures/hostile-texts.ts";
import { blockKitProblems } from "../servers/block-kit-rules.ts";
import { objectsIn } from "../servers/block-kit-shape.ts";

const plain = (text: string) => ({ type: "plain_text", text, emoji: false });
const context = (...texts: string[]) => ({ type: "context", elements: texts.map(plain) });
const code = (text: string) => ({
  type: "rich_text_preformatted",
  elements: [{ type: "text", text }],
});

const uploaded = (_image: SignedImage): SlackImageSource => ({ slack_file: { id: "F0PIC" } });
/** As for cards of which some pictures could not be uploaded. */
const anySource = fc.array(fc.boolean(), { minLength: 12, maxLength: 12 }).map((answers) => {
  let next = 0;
  return (image: SignedImage): SlackImageSource | null =>
    answers[next++ % answers.length] ? uploaded(image) : null;
});

/** What in the blocks Slack would read as anything but plain text, or as a mention or link of others. */
function liveParts(blocks: unknown, asker: string | undefined, urls: readonly string[]) {
  return objectsIn(blocks).filter((part) => {
    switch (part.type) {
      case "mrkdwn":
      case "markdown":
      case "emoji":
      case "broadcast":
      case "channel":
      case "usergroup":
        return true;
      case "plain_text":
        return part.emoji !== false;
      case "user":
        return part.user_id !== asker;
      case "link":
        return !urls.includes(String(part.url));
      default:
        return false;
    }
  });
}

/** The text without the entities and mentions that are meant; what is left must have no control characters. */
function unescaped(text: string): string {
  return text.replace(/^<@U0ANA>: /u, "").replace(/&(amp|lt|gt);/gu, "");
}

describe("any card", () => {
  it("is a message that Slack takes", () => {
    fc.assert(
      fc.property(anySignedCard, anySource, (card, source) => {
        expect(blockKitProblems(renderCard(card, source), "message")).toEqual([]);
      }),
      { numRuns: 120 },
    );
  });

  it("shows what people wrote as they wrote it", () => {
    const isPlain = (text: string) => text.trim() === text && !/^$|\p{C}/u.test(text);
    const texts = hostileTexts.filter(isPlain);
    expect(texts.length).toBeGreaterThan(12);
    for (const text of texts) {
      const card = { ...createCard({ text, code: text, notices: [text] }), images: [] };
      const [lead, notice] = renderCard(card, uploaded).blocks;
      expect(lead).toEqual({
        type: "rich_text",
        elements: [{ type: "rich_text_section", elements: [{ type: "text", text }] }, code(text)],
      });
      expect(notice).toEqual(context(text));
    }
  });

  it("with nothing in it says so", () => {
    const message = renderCard({ ...createCard({ text: " " }), images: [] }, uploaded);
    expect(message.text).toBe("There is nothing to show.");
    expect(blockKitProblems(message, "message")).toEqual([]);
  });

  it("shortens a line to copy only when it does not fit alone", () => {
    const card = { ...createCard({ text: "", code: "x".repeat(20_000) }), images: [] };
    const [block] = renderCard(card, uploaded).blocks;
    expect(block).toMatchObject({ elements: [code(`${"x".repeat(9_999)}…`)] });
  });

  it("has alt texts that leave room for each other and for the rest", () => {
    const altsOf = (count: number) => {
      const blob = { store: "outputs" as const, key: "outputs/a.png" };
      const size = { mediaType: "image/png" as const, widthPx: 16, heightPx: 16 };
      const image = { ...size, blob, alt: "x".repeat(3_000), url: "https://a.example/a.png" };
      const images = Array.from({ length: count }, () => image);
      const { blocks } = renderCard({ ...createCard({ text: "a fox" }), images }, uploaded);
      return objectsIn(blocks).flatMap(({ alt_text: alt }) =>
        typeof alt === "string" ? [alt.length] : [],
      );
    };
    expect(altsOf(1)).toEqual([2_000]);
    expect(altsOf(4)).toEqual([625, 625, 625, 625]);
  });

  it("has at most ten remarks in a line, and none that are empty", () => {
    const remarks = ["", " ", ...Array.from({ length: 12 }, (_, n) => `Remark ${n}`)];
    expect(contextLine(remarks)).toEqual(context(...remarks.slice(2, 12)));
  });

  it("has nothing of what people wrote followed", () => {
    fc.assert(
      fc.property(anySignedCard, anySource, (card, source) => {
        const { text, blocks } = renderCard(card, source);
        const asker = card.askedBy === "slack:T1:U0ANA" ? "U0ANA" : undefined;
        const urls = card.images.map(({ url }) => url);
        expect(liveParts(blocks, asker, urls)).toEqual([]);
        expect(unescaped(text)).not.toMatch(/[<>&*_~`:]|\.\S(?<!\u2060)|[@#](?=[^\s\u2060])/u);
      }),
      { numRuns: 120 },
    );
  });

  it("is a view that Slack takes as App Home", () => {
    fc.assert(
      fc.property(anySignedCard, hostileText(12_000), (card, help) => {
        const view = renderHome({ card, help, imageSource: uploaded });
        expect(blockKitProblems({ view }, "home")).toEqual([]);
        expect(
          liveParts(
            view,
            "U0ANA",
            card.images.map(({ url }) => url),
          ),
        ).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });
});

describe("any state of a job", () => {
  it("is a message that Slack takes, with nothing in it that is followed", () => {
    const anyProgress = fc.option(fc.record({ done: fc.nat(4), total: fc.nat(4) }));
    fc.assert(
      fc.property(hostileText(12_000), anyProgress, (text, progress) => {
        const askedBy = "slack:T1:U0ANA";
        for (const message of [
          renderProgress({ jobId: "k3v9", askedBy, text, progress }),
          renderFailure(text),
        ]) {
          expect(blockKitProblems(message, "message")).toEqual([]);
          expect(liveParts(message.blocks, "U0ANA", [])).toEqual([]);
          expect(unescaped(message.text)).not.toMatch(/[<>&*_~`:]/u);
        }
      }),
      { numRuns: 60 },
    );
  });
});
