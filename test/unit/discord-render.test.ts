import { ButtonStyle, ComponentType, MessageFlags } from "discord-api-types/v10";
import { describe, expect, it } from "vitest";
import { commands } from "#commands";
import {
  type CardButton,
  commandHelp,
  commandList,
  createCard,
  type MadePicture,
  pictureCard,
  type SignedCard,
  type SignedImage,
} from "#core";
import {
  type DiscordMessage,
  renderCard,
  renderFailure,
  renderProgress,
  renderQueued,
} from "../../adapters/discord/render.ts";
import { createCountingModel } from "../fixtures/counting-model.ts";
import { bodyProblems } from "../servers/discord-body-rules.ts";

const ANA = "1100000000000000301";
const ASKER = `discord:1100000000000000100:${ANA}`;
const SHORT_URL = "https://bucket.s3.example/outputs/k3v9-1.png?sig=1";

const fileName = ({ blob }: SignedImage): string => blob.key.replace("outputs/", "");
const text = (...lines: string[]) => ({
  type: ComponentType.TextDisplay,
  content: lines.join("\n"),
});
const code = (...lines: string[]) => ["```", ...lines, "```"].join("\n");
const button = ({ label, action, style }: CardButton) => ({
  type: ComponentType.Button,
  style: style === "danger" ? ButtonStyle.Danger : ButtonStyle.Secondary,
  label,
  custom_id: action,
});
const row = (...components: unknown[]) => ({ type: ComponentType.ActionRow, components });
const cancelRow = row(button({ label: "Cancel", action: "v1.cancel.k3v9.0" }));

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

function signed(card: ReturnType<typeof createCard>, urlLength = 0): SignedCard {
  const images = card.images.map((image, index) => ({
    ...image,
    url: SHORT_URL.replace("k3v9-1", `k3v9-${index + 1}`).padEnd(urlLength, "f"),
  }));
  return { ...card, images };
}

const counting = createCountingModel();
const models = new Map([[counting.model.id, counting.model]]);
const job = { id: "k3v9", user: ASKER, isPrivate: false };

function cardOf(count: number, urlLength = 0): SignedCard {
  const pictures = Array.from({ length: count }, (_, index) => pictureOf(index + 1));
  return signed(pictureCard(job, { pictures, failures: [] }, models), urlLength);
}

const plainCard = (parts: Parameters<typeof createCard>[0]): SignedCard => ({
  ...createCard(parts),
  images: [],
});

function linksOf({ components }: DiscordMessage): string[] {
  const json = JSON.stringify(components);
  return [...json.matchAll(/\[([^\]]+)\]\(https/gu)].map(([, name = ""]) => name);
}

describe("a job on its way", () => {
  it("says in ordinals how long the line is, and can be cancelled", () => {
    const said = [0, 1, 2, 3, 10, 20].map((position) => {
      const { components } = renderQueued({ jobId: "k3v9", position });
      expect(components[1]).toEqual(cancelRow);
      return components[0];
    });
    expect(said).toEqual([
      text("Queued, next in line."),
      text("Queued, 2nd in line."),
      text("Queued, 3rd in line."),
      text("Queued, 4th in line."),
      text("Queued, 11th in line."),
      text("Queued, 21st in line."),
    ]);
  });

  it("shows who asked, for what and how far it is", () => {
    const shown = { jobId: "k3v9", askedBy: ASKER, text: "a *red* fox" };
    expect(renderProgress({ ...shown, progress: { done: 1, total: 4 } })).toEqual({
      flags: MessageFlags.IsComponentsV2,
      allowed_mentions: { parse: [] },
      components: [text(`<@${ANA}>: a \\*red\\* fox`, "-# Drawing… 1 of 4"), cancelRow],
    });
    const [alone] = renderProgress({ ...shown, progress: { done: 0, total: 1 } }).components;
    expect(alone).toEqual(text(`<@${ANA}>: a \\*red\\* fox`, "-# Drawing…"));
  });

  it("that failed says why, and offers another try only where there is one", () => {
    expect(renderFailure("There is no style “oil”.").components).toEqual([
      text("There is no style “oil”."),
    ]);
    expect(renderFailure(" ", { tryAgain: "retry:1" }).components).toEqual([
      text("Something went wrong."),
      row(button({ label: "Try again", action: "retry:1" })),
    ]);
  });
});

describe("the card of a picture", () => {
  it("says who asked and for what, then shows the picture, its recipe in a small line, the buttons and the link", () => {
    const card = cardOf(1);
    const { flags, allowed_mentions, components } = renderCard(card, fileName);
    expect({ flags, allowed_mentions }).toEqual({
      flags: MessageFlags.IsComponentsV2,
      allowed_mentions: { parse: [] },
    });
    expect(components).toEqual([
      text(`<@${ANA}>: a red fox in the snow`),
      {
        type: ComponentType.MediaGallery,
        items: [
          {
            media: { url: "attachment://k3v9-1.png" },
            description: expect.stringContaining("a red fox in the snow ("),
          },
        ],
      },
      text("-# counting · 16:9 · seed 1 · style Ink drawing · without people"),
      row(...card.buttons.slice(0, 5).map(button)),
      row(...card.buttons.slice(5).map(button), {
        type: ComponentType.Button,
        style: ButtonStyle.Link,
        label: "Full resolution",
        url: SHORT_URL,
      }),
    ]);
    expect(card.buttons.map(({ label }) => label)).toContain("Delete");
  });

  it("has the link in its text where it is too long, or leads to no public host", () => {
    expect(linksOf(renderCard(cardOf(1, 512), fileName))).toEqual([]);
    const long = renderCard(cardOf(1, 513), fileName);
    expect(linksOf(long)).toEqual(["Full resolution"]);
    expect(JSON.stringify(long)).not.toContain('"url":"https');
    const [{ url: _url, ...image }] = cardOf(1).images as [SignedImage];
    const local = { ...cardOf(1), images: [{ ...image, url: "http://localhost:3000/a(1).png" }] };
    expect(JSON.stringify(renderCard(local, fileName))).toContain(
      "\\n-# [Full resolution](http://localhost:3000/a%281%29.png)",
    );
  });

  it("numbers the links of several pictures, and leaves out those that do not fit", () => {
    const numbered = [1, 2, 3, 4].map((n) => `Full resolution ${n}`);
    expect(linksOf(renderCard(cardOf(4), fileName))).toEqual(numbered);
    expect(linksOf(renderCard(cardOf(4, 1_700), fileName))).toEqual(numbered.slice(0, 2));
    expect(linksOf(renderCard(cardOf(4, 4_000), fileName))).toEqual([]);
  });

  it("has one button of each action, with labels that are not too long", () => {
    const labelled = (label: string, action: string): CardButton => ({ label, action });
    const buttons = [
      labelled("x".repeat(81), "v1.info.k3v9.0"),
      labelled("again", "v1.info.k3v9.0"),
      labelled(" ", "v1.link.k3v9.0"),
      labelled("too long", "a".repeat(101)),
    ];
    const [, row1] = renderCard(plainCard({ text: "a fox", buttons }), fileName).components;
    expect(row1).toEqual(
      row(
        button(labelled(`${"x".repeat(79)}…`, "v1.info.k3v9.0")),
        button(labelled("…", "v1.link.k3v9.0")),
      ),
    );
  });

  it("puts a sentence and a link where a picture could not be attached", () => {
    const { components } = renderCard(cardOf(1), () => null);
    expect(components[1]).toEqual(
      text("-# Picture could not be shown here.", `-# [Open picture](${SHORT_URL})`),
    );
    const two = renderCard(cardOf(2), (image) =>
      image.blob.key.includes("-2") ? fileName(image) : null,
    );
    expect(two.components[1]).toMatchObject({ items: [{ media: { url: expect.anything() } }] });
    expect(linksOf(two)).toEqual(["Open picture 1", "Full resolution 2"]);
    expect(JSON.stringify(renderCard(cardOf(1, 4_000), () => null))).toContain(
      "The New link button gives a link to it.",
    );
  });
});

describe("the cards of other commands", () => {
  it("of /history have a line for each job, with its id before it", () => {
    const value = "A lighthouse at night, with a storm coming in from the sea and one lamp lit";
    const { components } = renderCard(
      plainCard({
        text: "Your latest 2 jobs",
        fields: [
          { label: "k3v9", value },
          { label: "m4p7", value: "a\n# fox_ (failed)" },
        ],
        notices: ["Running 1 of 3, waiting 0 of 10."],
      }),
      fileName,
    );
    expect(components).toEqual([
      text("Your latest 2 jobs"),
      text(
        `**k3v9**: ${value}`,
        "**m4p7**: a # fox\\_ (failed)",
        "-# Running 1 of 3, waiting 0 of 10.",
      ),
    ]);
  });

  it("of Info have the command to copy, with backticks that end nothing, and who asked", () => {
    const { components } = renderCard(
      plainCard({
        text: "Paste this and the same picture comes back:",
        code: "/imagine a ````red```` `fox` @everyone --seed 7",
        fields: [
          { label: "Job", value: "k3v9" },
          { label: "Asked by", value: ANA, person: ASKER },
        ],
      }),
      fileName,
    );
    const parted = "``\u200b``red``\u200b``";
    expect(components).toEqual([
      text(
        "Paste this and the same picture comes back:",
        code(`/imagine a ${parted} \`fox\` @everyone --seed 7`),
      ),
      text("**Job**: k3v9", `**Asked by**: <@${ANA}>`),
    ]);
  });

  it("have short fields in one small line", () => {
    const fields = [
      { label: "Job", value: "k3v9" },
      { label: "Size", value: "16 × 16" },
    ];
    const { components } = renderCard(plainCard({ text: "Info", fields }), fileName);
    expect(components).toEqual([text("Info"), text("-# Job: k3v9 · Size: 16 × 16")]);
  });

  it("of New link have links that can be opened, and never a part of one", () => {
    const card = (links: readonly string[]) =>
      renderCard(plainCard({ text: "They work:", code: links.join("\n") }), fileName).components;
    expect(card([SHORT_URL])).toEqual([text("They work:", `[Open the picture](${SHORT_URL})`)]);
    const talk = "https://evil.example/x and more";
    expect(card([talk])).toEqual([text("They work:", code(talk))]);
    const links = [1, 2, 3].map((n) => SHORT_URL.replace("1", `${n}`).padEnd(1_500, "f"));
    const [first = "", second = ""] = links;
    expect(card(links)).toEqual([
      text("They work:", `[Open picture 1](${first})`, `[Open picture 2](${second})`, "…"),
    ]);
  });

  it("of /help show everything", () => {
    for (const help of [commandList(commands), ...commands.map(commandHelp)]) {
      const message = renderCard(plainCard({ text: "How to write it", code: help }), fileName);
      expect(bodyProblems("create_message", message)).toEqual([]);
      expect(message.components).toEqual([text("How to write it", code(help))]);
    }
  });

  it("with too much to copy show whole lines, and a part only of a line that is too long alone", () => {
    const shown = (copy: string) =>
      renderCard(plainCard({ text: "", code: copy }), fileName).components[0];
    const line = "/imagine a fox ".padEnd(900, "x");
    expect(shown([line, line, line, line, line].join("\n"))).toEqual(
      text(code(line, line, line, line, "…")),
    );
    const [part = ""] = [shown("y".repeat(9_000))].map((each) => JSON.stringify(each));
    expect(part).toMatch(/```\\ny{3900,}…\\n```/u);
  });
});
