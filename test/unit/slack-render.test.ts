import { describe, expect, it } from "vitest";
import { commands } from "#commands";
import {
  commandHelp,
  commandList,
  createCard,
  type MadePicture,
  pictureCard,
  type SignedCard,
  type SignedImage,
} from "#core";
import { renderHome } from "../../adapters/slack/blocks/app-home.ts";
import {
  renderCard,
  renderProgress,
  renderQueued,
  type SlackImageSource,
} from "../../adapters/slack/render.ts";
import { createCountingModel } from "../fixtures/counting-model.ts";
import { blockKitProblems } from "../servers/block-kit-rules.ts";
import { objectsIn } from "../servers/block-kit-shape.ts";

const uploaded = (_image: SignedImage): SlackImageSource => ({ slack_file: { id: "F0PIC" } });

const rich = (elements: unknown[]) => ({
  type: "rich_text",
  elements: [{ type: "rich_text_section", elements }],
});
const plain = (text: string) => ({ type: "plain_text", text, emoji: false });
const context = (...texts: string[]) => ({ type: "context", elements: texts.map(plain) });
const code = (text: string) => ({
  type: "rich_text_preformatted",
  elements: [{ type: "text", text }],
});

const URL_1 = "https://bucket.s3.example/outputs/k3v9-1.png?sig=1";

function pictureOf(seed: number): MadePicture {
  return {
    recipe: {
      prompt: "a red fox in the snow",
      model: "counting",
      mode: "text-to-image",
      aspectRatio: "16:9",
      negativePrompt: "people",
      style: "ink",
      outputFormat: "png",
    },
    seed,
    blob: { store: "outputs", key: `outputs/k3v9-${seed}.png` },
    mediaType: "image/png",
    widthPx: 1344,
    heightPx: 768,
    isFromCache: false,
  } as MadePicture;
}

function signed(card: ReturnType<typeof createCard>): SignedCard {
  const images = card.images.map((image, index) => ({
    ...image,
    url: URL_1.replace("k3v9-1", `k3v9-${index + 1}`),
  }));
  return { ...card, images };
}

const counting = createCountingModel();
const models = new Map([[counting.model.id, counting.model]]);
const job = { id: "k3v9", user: "slack:T1:U0ANA", isPrivate: false };

describe("a job on its way", () => {
  it("says in ordinals how long the line is", () => {
    const said = [null, 0, 1, 2, 3, 10, 20].map(
      (position) => renderQueued({ jobId: "k3v9", position }).text,
    );
    expect(said).toEqual([
      "Got it, starting now.",
      "Queued, next in line.",
      "Queued, 2nd in line.",
      "Queued, 3rd in line.",
      "Queued, 4th in line.",
      "Queued, 11th in line.",
      "Queued, 21st in line.",
    ]);
  });

  it("can be cancelled by a button", () => {
    const cancel = [
      expect.objectContaining({ action_id: "v1.cancel.k3v9.0", value: "v1.cancel.k3v9.0" }),
    ];
    const queued = renderQueued({ jobId: "k3v9", position: 1 });
    expect(queued.blocks.at(-1)).toEqual({ type: "actions", elements: cancel });
    const running = renderProgress({
      jobId: "k3v9",
      askedBy: "slack:T1:U0ANA",
      text: "a red fox",
      progress: { done: 1, total: 4 },
    });
    expect(blockKitProblems(queued, "message")).toEqual([]);
    expect(running).toEqual({
      text: "<@U0ANA>: a red fox",
      blocks: [
        rich([
          { type: "user", user_id: "U0ANA" },
          { type: "text", text: ": a red fox" },
        ]),
        context("Drawing… 1 of 4"),
        { type: "actions", elements: cancel },
      ],
    });
  });
});

describe("the card of a picture", () => {
  const card = signed(pictureCard(job, { pictures: [pictureOf(7)], failures: [] }, models));
  const message = renderCard(card, uploaded);

  it("says who asked and for what, then shows the picture, its recipe in a line, the link and the buttons", () => {
    expect(message.text).toBe("<@U0ANA>: a red fox in the snow");
    const [lead, picture, recipe, link, ...rest] = message.blocks;
    expect(lead).toEqual(
      rich([
        { type: "user", user_id: "U0ANA" },
        { type: "text", text: ": a red fox in the snow" },
      ]),
    );
    expect(picture).toEqual({
      type: "image",
      slack_file: { id: "F0PIC" },
      alt_text: expect.stringContaining("a red fox in the snow"),
    });
    expect(recipe).toEqual(
      context(expect.stringMatching(/^.+ · 16:9 · seed 7 · style .+ · without people$/u)),
    );
    expect(link).toEqual(rich([{ type: "link", url: URL_1, text: "Full resolution" }]));
    expect(rest.at(-1)).toMatchObject({
      type: "actions",
      elements: card.buttons.map(({ label, action }) => ({
        type: "button",
        text: plain(label),
        action_id: action,
        value: action,
      })),
    });
  });

  it("asks back before it deletes, and only then", () => {
    const buttons = objectsIn(message.blocks).filter(({ type }) => type === "button");
    const asking = buttons.filter(({ confirm }) => confirm !== undefined);
    expect(asking).toEqual([
      expect.objectContaining({
        action_id: "v1.delete.k3v9.0",
        style: "danger",
        confirm: expect.objectContaining({ title: plain("Delete?"), deny: plain("Keep") }),
      }),
    ]);
  });

  it("puts a sentence and a link where a picture could not be uploaded", () => {
    const { blocks } = renderCard(card, () => null);
    expect(blocks[1]).toEqual(
      rich([
        { type: "text", text: "Picture could not be shown here. " },
        { type: "link", url: URL_1, text: "Open picture" },
      ]),
    );
    expect(blocks.some(({ type }) => type === "image")).toBe(false);
    const [{ url: _url, ...image }] = card.images as [SignedImage];
    const unlinkable = renderCard(
      { ...card, images: [{ ...image, url: "/files/a.png" }] },
      () => null,
    );
    expect(JSON.stringify(unlinkable)).toContain("The New link button gives a link to it.");
  });

  it("numbers the links of several pictures, and leaves out those that do not fit", () => {
    const pictures = [1, 2, 3, 4].map(pictureOf);
    const four = signed(pictureCard(job, { pictures, failures: [] }, models));
    const linksOf = ({ blocks }: { blocks: unknown }) =>
      objectsIn(blocks).flatMap(({ type, text }) => (type === "link" ? [text] : []));
    const numbered = [1, 2, 3, 4].map((n) => `Full resolution ${n}`);
    expect(linksOf(renderCard(four, uploaded))).toEqual(numbered);

    const longer = (length: number) => ({
      ...four,
      images: four.images.map((image) => ({ ...image, url: URL_1.padEnd(length, "f") })),
    });
    expect(linksOf(renderCard(longer(2_000), uploaded))).toEqual(numbered);
    expect(linksOf(renderCard(longer(2_900), uploaded))).toEqual(numbered.slice(0, 3));
    expect(linksOf(renderCard(longer(3_001), uploaded))).toEqual([]);
  });
});

describe("the cards of other commands", () => {
  it("of /history have a line for each job, with its id before it", () => {
    const value = `A lighthouse at night, with a storm coming in from the sea and one lamp lit (delivered)`;
    const { blocks } = renderCard(
      {
        ...createCard({
          text: "Your latest 2 jobs",
          fields: [
            { label: "k3v9", value },
            { label: "m4p7", value: "a fox (failed)" },
          ],
          notices: ["Running 1 of 3, waiting 0 of 10."],
        }),
        images: [],
      },
      uploaded,
    );
    const bold = { style: { bold: true } };
    expect(blocks).toEqual([
      rich([{ type: "text", text: "Your latest 2 jobs" }]),
      rich([
        { type: "text", text: "k3v9", ...bold },
        { type: "text", text: `: ${value}` },
        { type: "text", text: "\nm4p7", ...bold },
        { type: "text", text: ": a fox (failed)" },
      ]),
      context("Running 1 of 3, waiting 0 of 10."),
    ]);
  });

  it("of Info have the command to copy, backticks and all, and short fields in one line", () => {
    const line = "/imagine a ```red``` fox <!channel> --seed 7";
    const { blocks } = renderCard(
      {
        ...createCard({
          text: "Paste this and the same picture comes back:",
          code: line,
          fields: [
            { label: "Job", value: "k3v9" },
            { label: "Size", value: "16 × 16" },
          ],
        }),
        images: [],
      },
      uploaded,
    );
    expect(blocks).toEqual([
      {
        type: "rich_text",
        elements: [
          {
            type: "rich_text_section",
            elements: [{ type: "text", text: "Paste this and the same picture comes back:" }],
          },
          code(line),
        ],
      },
      context("Job: k3v9 · Size: 16 × 16"),
    ]);
  });

  it("of New link show whole links, and never a part of one", () => {
    const links = Array.from({ length: 6 }, (_, n) =>
      URL_1.replace("1", `${n}`).padEnd(2_000, "f"),
    );
    const { blocks } = renderCard(
      {
        ...createCard({ text: "These links work for 15 minutes:", code: links.join("\n") }),
        images: [],
      },
      uploaded,
    );
    const shown = objectsIn(blocks).find(({ type }) => type === "rich_text_preformatted");
    expect(shown).toEqual(code(`${links.slice(0, 4).join("\n")}\n…`));
  });

  it("of /help show everything", () => {
    for (const text of [commandList(commands), ...commands.map(commandHelp)]) {
      const card = { ...createCard({ text: "How to write it", code: text }), images: [] };
      const message = renderCard(card, uploaded);
      expect(blockKitProblems(message, "message")).toEqual([]);
      expect(JSON.stringify(message.blocks)).toContain(JSON.stringify(text).slice(1, -1));
    }
  });
});

describe("App Home", () => {
  it("says what to type when there is nothing yet", () => {
    const card = { ...createCard({ text: "Nothing yet. Try /imagine a red fox" }), images: [] };
    const { blocks } = renderHome({ card, help: "/imagine  Draw", imageSource: uploaded });
    expect(blocks).toEqual([
      { type: "header", text: plain("Atelier draws pictures from words") },
      rich([{ type: "text", text: "Nothing yet. Try /imagine a red fox" }]),
      { type: "divider" },
      { type: "header", text: plain("What you can type") },
      expect.objectContaining({ elements: [expect.anything(), code("/imagine  Draw")] }),
    ]);
  });
});
