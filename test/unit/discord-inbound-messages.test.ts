import { describe, expect, it } from "vitest";
import {
  discordAttachment,
  discordInbound,
  discordRefusalOf,
  interaction,
  readAs,
} from "../fixtures/discord-inbound.ts";

const CDN = "https://cdn.discordapp.com/attachments/200";

function rightClick(message: Readonly<Record<string, unknown>>, name = "Restyle this picture") {
  const whole = { id: "500", flags: 0, content: "", attachments: [], embeds: [], ...message };
  const data = {
    id: "1",
    type: 3,
    name,
    target_id: "500",
    resolved: { messages: { "500": whole } },
  };
  return interaction(2, data);
}

const picturesOf = (message: Readonly<Record<string, unknown>>) =>
  readAs("message", rightClick(message)).pictures;

/** As components carry it: docs.discord.com/developers/components/reference#unfurled-media-item. */
function media(file: string, rest: Readonly<Record<string, unknown>> = {}) {
  const url = `${CDN}/${file}?ex=1&is=2&hm=3&`;
  return { url, proxy_url: url, content_type: "image/png", width: 64, height: 32, ...rest };
}

describe("an entry in a message's menu", () => {
  it("names its command and the message, and is answered for its person alone", () => {
    expect(readAs("message", rightClick({ flags: 64 }))).toMatchObject({
      command: { name: "restyle" },
      pictures: [],
      origin: { response: "ephemeral", pressed: { id: "500", isEphemeral: true } },
    });
    expect(readAs("message", rightClick({}, "Info")).command.name).toBe("info");
  });

  it("that is gone is refused", () => {
    const { kind } = discordRefusalOf(() => discordInbound.read(rightClick({}, "Paint it black")));
    expect(kind).toBe("invalid_input");
  });
});

describe("the pictures of a message", () => {
  it("are its attached ones, other files left out", () => {
    const video = { filename: "a.mp4", content_type: "video/mp4" };
    const untold = { content_type: undefined, filename: "old.JPG", title: "My old photo.jpg" };
    const attachments = [
      discordAttachment("1"),
      discordAttachment("2", video),
      discordAttachment("3", untold),
    ];
    const pictures = picturesOf({ attachments });
    expect(pictures.map(({ name }) => name)).toEqual(["fox.png", "My old photo.jpg"]);
    expect(pictures[0]).toMatchObject({ attachment: discordAttachment("1").url, sizeBytes: 1234 });
  });

  it("are those in components, wherever they stand, with their alt texts", () => {
    const gallery = {
      type: 12,
      id: 3,
      items: [{ media: media("1/a.png"), description: "a fox" }, { media: media("2/b.png") }],
    };
    const section = {
      type: 9,
      components: [{ type: 10, content: "hello" }],
      accessory: { type: 11, media: media("3/c.png"), description: null },
    };
    const file = { type: 13, file: media("4/d.png"), name: "d.png", size: 12 };
    const zip = { type: 13, file: media("5/e.zip", { content_type: "application/zip" }) };
    const container = { type: 17, components: [gallery, section, { type: 14 }, file, zip] };
    const row = { type: 1, components: [{ type: 2, style: 2, label: "x", custom_id: "x" }] };
    const pictures = picturesOf({ flags: 32768, components: [container, row] });
    expect(pictures.map(({ name }) => name)).toEqual(["a fox", "b.png", "c.png", "d.png"]);
    expect(pictures[0]).toEqual({
      attachment: media("1/a.png").url,
      name: "a fox",
      contentType: "image/png",
      widthPx: 64,
      heightPx: 32,
    });
    expect(picturesOf({ components: [gallery] })).toHaveLength(2);
  });

  it("are those of embeds and forwarded messages, on Discord's own hosts alone", () => {
    const embeds = [
      {
        image: { url: "https://elsewhere.example/x.png", proxy_url: "https://proxy.example/x.png" },
      },
      { thumbnail: { url: `${CDN}/7/t.png` }, image: { url: `${CDN}/8/i.webp?ex=1`, width: 9 } },
      { image: { url: "https://elsewhere.example/y.png", proxy_url: `${CDN}/9/y.png` } },
    ];
    const snapshot = {
      message: { content: "", embeds: [], attachments: [discordAttachment("10")] },
    };
    const pictures = picturesOf({ embeds, message_snapshots: [snapshot] });
    expect(pictures.map(({ name }) => name)).toEqual(["i.webp", "t.png", "y.png", "fox.png"]);
  });

  it("are there once, although their links are signed anew", () => {
    const url = `${CDN}/1/fox.png`;
    const attachments = [discordAttachment("1", { url: `${url}?ex=9&hm=9` })];
    const embeds = [{ image: { url: `${url}?ex=1&hm=1` } }];
    expect(picturesOf({ attachments, embeds })).toHaveLength(1);
  });

  it("do not suffer from what else there is, or will be", () => {
    const attachments = [{ id: "?" }, discordAttachment("1")];
    const components = [
      null,
      { type: 99, surprise: true },
      { type: 12, items: "none" },
      { type: 17, components: [{ type: 98 }, { type: 12, items: [{ media: media("2/b.png") }] }] },
    ];
    const embeds = ["?", { image: 5, thumbnail: null }];
    expect(picturesOf({ attachments, components, embeds })).toHaveLength(2);
  });
});
