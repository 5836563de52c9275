import { describe, expect, it } from "vitest";
import { createCard, momentsCard, type ShownMoment, signCard } from "#core";
import { DISCORD_CARD_LIMITS } from "../../adapters/discord/components/limits.ts";
import { renderCard as renderOnDiscord } from "../../adapters/discord/render.ts";
import { PLAYGROUND_CARD_LIMITS } from "../../adapters/playground/render.ts";
import { SLACK_CARD_LIMITS } from "../../adapters/slack/blocks/limits.ts";
import { renderCard as renderOnSlack } from "../../adapters/slack/render.ts";
import { blockKitProblems } from "../servers/block-kit-rules.ts";
import { bodyProblems } from "../servers/discord-body-rules.ts";

const PEOPLE = { slack: "slack:T1:U0ANA", discord: "discord:100:200000000000000001" } as const;

function moment(number: number, isOfFramesOnly: boolean): ShownMoment {
  const id = `00${number}`;
  const sourceKey = isOfFramesOnly ? `frames/${id}/frames.json` : `videos/${id}.mp4`;
  return {
    video: { id, title: `Harbour *${number}*`, sourceKey },
    timeMs: number * 61_500,
    certainty: number === 1 ? "strong" : number === 2 ? "maybe" : null,
    thumbnail: { mediaType: "image/jpeg", widthPx: 640, heightPx: 360 },
  };
}

const signed = (
  user: string,
  count: number,
  { tail = "", isOfFramesOnly = false }: { tail?: string; isOfFramesOnly?: boolean } = {},
) =>
  signCard(
    momentsCard(
      { id: "k3v9x2m4p7q1", user, isPrivate: false },
      {
        title: "“a red car at night”",
        moments: Array.from({ length: count }, (_, index) => moment(index + 1, isOfFramesOnly)),
        rootId: "k3v9x2m4p7q1",
        page: 0,
        hasMore: true,
        order: "match",
        notices: ["The demo model answers."],
      },
    ),
    async ({ key }) => `https://media.example.com/${key}?signature=${tail}`,
  );

describe("the card of what a search found", () => {
  it("has buttons for its first moments, for the next ones and for their order", async () => {
    const { buttons, images } = await signed(PEOPLE.slack, 6);
    expect(buttons.map(({ label }) => label)).toEqual([
      ...[1, 2, 3, 4].flatMap((number) => [`More like ${number}`, `Restyle ${number}`]),
      "Next",
      "Sort by time",
      "New link",
    ]);
    expect(buttons[1]?.prefill).toBe("/restyle --from k3v9x2m4p7q1#1 -- ");
    expect(images.map(({ alt }) => alt).slice(0, 3)).toEqual([
      "Harbour *1*, 1:01 (strong match)",
      "Harbour *2*, 2:03 (maybe)",
      "Harbour *3*, 3:04 (closest)",
    ]);
  });

  it("keeps all its buttons on every platform", async () => {
    const { buttons } = await signed(PEOPLE.slack, 10);
    const limits = [PLAYGROUND_CARD_LIMITS, SLACK_CARD_LIMITS, DISCORD_CARD_LIMITS];
    for (const { buttonsMax } of limits) expect(buttons.length).toBeLessThanOrEqual(buttonsMax);
  });

  it("opens the frame where there is no video to play", async () => {
    const { fields } = await signed(PEOPLE.slack, 1, { isOfFramesOnly: true });
    expect(fields.map(({ momentUrl }) => momentUrl)).toEqual([
      "https://media.example.com/frames/001/0000061500.jpg?signature=",
    ]);
  });

  it("on Slack has a line for each moment, whose link opens the video there", async () => {
    const message = renderOnSlack(await signed(PEOPLE.slack, 2), ({ blob }) => ({
      slack_file: { id: `F${blob.key.length}` },
    }));
    expect(blockKitProblems({ blocks: message.blocks }, "message")).toEqual([]);
    const links = JSON.stringify(message.blocks).match(/"url":"[^"]+"/gu);
    expect(links).toEqual([
      '"url":"https://media.example.com/videos/001.mp4?signature=#t=61.5"',
      '"url":"https://media.example.com/videos/002.mp4?signature=#t=123"',
    ]);
    expect(JSON.stringify(message.blocks)).toContain(": strong match");
    expect(JSON.stringify(message.blocks)).not.toContain("Full resolution");
  });

  it("on Discord likewise, and keeps the names where long links do not fit", async () => {
    const name = ({ blob }: { blob: { key: string } }) => blob.key.replaceAll("/", "-");
    const short = renderOnDiscord(await signed(PEOPLE.discord, 2), name);
    expect(bodyProblems("create_message", short)).toEqual([]);
    const text = JSON.stringify(short.components);
    expect(text).toContain("](https://media.example.com/videos/001.mp4?signature=#t=61.5)");
    expect(text).not.toContain("Full resolution");

    const long = renderOnDiscord(await signed(PEOPLE.discord, 10, { tail: "x".repeat(900) }), name);
    expect(bodyProblems("create_message", long)).toEqual([]);
    const lines = JSON.stringify(long.components);
    expect(lines.match(/media\.example\.com/gu)?.length).toBe(2);
    expect(lines).toContain("10 · Harbour");
  });

  it("says who brought a video, in the way of each platform", async () => {
    const card = (person: string) =>
      signCard(
        createCard({
          text: "One video of yours",
          fields: [
            {
              label: "Harbour",
              value: "4:12 · 187 moments",
              person,
              moment: { blob: { store: "media", key: "videos/001.mp4" }, timeMs: 0 },
            },
          ],
        }),
        async () => "https://media.example.com/a.mp4",
      );
    const onSlack = renderOnSlack(await card(PEOPLE.slack), () => null);
    expect(JSON.stringify(onSlack.blocks)).toContain('"user_id":"U0ANA"');
    const onDiscord = renderOnDiscord(await card(PEOPLE.discord), () => null);
    expect(JSON.stringify(onDiscord.components)).toContain("by <@200000000000000001>");
  });
});
