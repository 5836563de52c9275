import { DeleteObjectCommand } from "@aws-sdk/client-s3";
import { expect, it } from "vitest";
import { colorOf, flatPicture } from "../fixtures/flat-picture.ts";
import { s3Object } from "../servers/aws-calls.ts";
import type { Chat, ChatMessage } from "./chat-tables.ts";
import type { DeployedAtelier } from "./deployed-atelier.ts";

const blue = { name: "blue.png", bytes: await flatPicture([0, 0, 208]) };

/** Fits a message that shows pictures of that prompt. */
export const drawnOf = (prompt: string) => (message: ChatMessage) =>
  message.pictureIds.length > 0 && message.literal.includes(prompt);

/** From a signed webhook through queue and worker to a message with pictures, and back by its buttons. */
export function deployedChatCases(
  running: () => DeployedAtelier,
  chatOf: () => Chat,
  { seed }: { seed: number },
): void {
  /** The message for everyone that what is done brings. */
  const brought = async (prompt: string, act: () => Promise<void>): Promise<ChatMessage> => {
    const { studio, messages, waitFor } = chatOf();
    const before = (await messages(studio)).map(({ id }) => id);
    await act();
    return waitFor(studio, (m) => drawnOf(prompt)(m) && !before.includes(m.id));
  };
  const drawOn = (typed: string, user = chatOf().ana) =>
    brought(typed.split(" --")[0] ?? "", () =>
      chatOf().command(user, chatOf().studio, `/imagine ${typed}`),
    );
  const pressed = (message: ChatMessage, label: string, prompt: string) =>
    brought(prompt, () => chatOf().press(chatOf().ben, message, label));
  const paidFor = (prompt: string) =>
    running().model.calls.filter(({ body }) => body.prompt === prompt).length;
  const refusedNothing = () =>
    expect(
      chatOf()
        .refusals()
        .filter((each) => each !== chatOf().closed.refusal),
    ).toEqual([]);

  it("a signed command brings four pictures, with links to what the buckets keep", async () => {
    const message = await drawOn(`a red fox --ar 16:9 --seed ${seed} --count 4`);
    expect(message.shown).toContain(`seeds ${seed}, ${seed + 1}, ${seed + 2}, ${seed + 3}`);
    expect(message.pictureIds).toHaveLength(4);
    expect(message.links).toHaveLength(4);
    for (const [index, link] of message.links.entries()) {
      const answer = await fetch(link);
      expect(answer.headers.get("content-type")).toBe("image/jpeg");
      const original = Buffer.from(await answer.arrayBuffer());
      const picture = await chatOf().bytes(message.pictureIds[index] ?? "");
      expect(await colorOf(picture)).toEqual(await colorOf(original));
    }
    refusedNothing();
  });

  it("an unsigned one is refused and queues nothing", async () => {
    const { api, sqs } = running();
    const sent = () => sqs.requests.filter(({ operation }) => operation === "SendMessage").length;
    const before = sent();
    for (const path of ["/slack/events", "/discord/interactions"]) {
      const answer = await fetch(api.url + path, { method: "POST", body: "command=%2Fimagine" });
      expect([path, answer.status]).toEqual([path, 401]);
    }
    expect(sent()).toBe(before);
  });

  it("its buttons draw anew, vary, restyle and edit", async () => {
    const first = await drawOn(`a heron --seed ${seed}`);
    expect((await pressed(first, "Re-roll", "a heron")).pictureIds).toHaveLength(1);
    expect((await pressed(first, "Vary", "a heron")).pictureIds).toHaveLength(4);
    const { press, sendForm, waitFor, ana, studio } = chatOf();
    await press(ana, first, "Restyle");
    await sendForm(ana, { Prompt: "as a woodcut" });
    await waitFor(studio, drawnOf("as a woodcut"));
    await press(ana, first, "Edit");
    await sendForm(ana, { Prompt: "a heron at dawn" });
    await waitFor(studio, drawnOf("a heron at dawn"));
    refusedNothing();
  });

  it("Info and New link answer whoever presses, and Delete takes the picture away", async () => {
    const { press, waitForPrivate, find, ana, ben, studio } = chatOf();
    const first = await drawOn(`a kite ${seed} --seed 1`);
    await press(ben, first, "Info");
    await waitForPrivate(ben, studio, "the same picture comes back");
    await press(ben, first, "New link");
    const link = await waitForPrivate(ben, studio, /This link works for/u);
    const [url = ""] = [...link.links, /https?:[^\s>|)]+/u.exec(link.shown)?.[0] ?? ""];
    expect((await fetch(url)).headers.get("content-type")).toBe("image/jpeg");
    await press(ana, first, "Delete");
    await expect
      .poll(async () => (await find(first))?.pictureIds.length, { timeout: 15_000 })
      .toBe(0);
    // Asked for again, it is drawn again.
    await drawOn(`a kite ${seed} --seed 1`);
    expect(paidFor(`a kite ${seed}`)).toBe(2);
    refusedNothing();
  });

  it("one that the bucket no longer has is drawn again", async () => {
    const wren = `a wren ${seed}`;
    const first = await drawOn(`${wren} --seed 1`);
    await drawOn(`${wren} --seed 1`, chatOf().ben);
    expect(paidFor(wren)).toBe(1);
    const { bucket, key } = s3Object(new URL(first.links[0] ?? "").pathname);
    await running().s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: key }));
    await drawOn(`${wren} --seed 1`);
    expect(paidFor(wren)).toBe(2);
  });

  it("a picture of a message is changed by each model that is allowed", async () => {
    const { upload, fromMenu, sendForm, waitFor, command, ana, ben, studio } = chatOf();
    const said = await upload(ben, studio, blue);
    await fromMenu(ana, said, "Restyle this picture");
    await sendForm(ana, { Prompt: `as a tile ${seed}` });
    await waitFor(studio, drawnOf(`as a tile ${seed}`));
    await command(ben, studio, `/restyle as a print ${seed} --strength strong`);
    await waitFor(studio, drawnOf(`as a print ${seed}`));
    await drawOn(`a core sample ${seed} --model core`);
    await drawOn(`an ultra marine ${seed} --model ultra`);
    refusedNothing();
  });

  it("in private it is its person's alone, until they share it", async () => {
    const { command, waitForPrivate, waitFor, messages, press, ana, studio } = chatOf();
    const prompt = `a surprise ${seed}`;
    await command(ana, studio, `/imagine ${prompt} --private`);
    const own = await waitForPrivate(ana, studio, drawnOf(prompt));
    expect((await messages(studio)).filter(drawnOf(prompt))).toEqual([]);
    await press(ana, own, "Share to channel");
    await waitFor(studio, drawnOf(prompt));
    refusedNothing();
  });

  it("/help, /history and /show answer from what the tables keep", async () => {
    const { command, waitForPrivate, ana, studio } = chatOf();
    await command(ana, studio, "/help");
    await waitForPrivate(ana, studio, "/imagine");
    await command(ana, studio, "/history");
    await waitForPrivate(ana, studio, "a heron at dawn");
    await command(ana, studio, "/show 00000000");
    await waitForPrivate(ana, studio, "There is no job 00000000.");
    refusedNothing();
  });
}
