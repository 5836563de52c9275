import { readFile } from "node:fs/promises";
import { DeleteObjectCommand, ListObjectsV2Command, PutObjectCommand } from "@aws-sdk/client-s3";
import { GetCommand, PutCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import sharp from "sharp";
import { expect, it } from "vitest";
import { flatPicture } from "../fixtures/flat-picture.ts";
import { until } from "../fixtures/until.ts";
import { parseJson, recordOf, recordsOf, textOf } from "../servers/json-record.ts";
import type { Chat, ChatMessage } from "./chat-tables.ts";
import type { DeployedAtelier } from "./deployed-atelier.ts";
import { drawnOf } from "./deployed-chat-cases.ts";

const demo = (name: string) =>
  readFile(new URL(`../../infra/demo/videos/${name}`, import.meta.url));
/** Decoded and embedded on two cores, beside everything else. */
const INDEXED_WITHIN_MS = 60_000;

/** A video that appears in the bucket, and one that a person adds, found by sentence and picture. */
export function deployedFrameCases(
  running: () => DeployedAtelier,
  slackOf: () => Chat,
  discordOf: () => Chat,
): void {
  const media = () => {
    const { template } = running();
    const names = template.ofType("AWS::S3::Bucket").map((bucket) => template.nameOf(bucket));
    return names.find((name) => name.includes("media")) ?? "";
  };
  const videoItem = async (id: string) => {
    const command = new GetCommand({ TableName: "videos", Key: { video_id: id } });
    return (await running().documents.send(command)).Item;
  };
  const keys = async (prefix: string) => {
    const command = new ListObjectsV2Command({ Bucket: media(), Prefix: prefix });
    const { Contents = [] } = await running().s3.send(command);
    return Contents.map(({ Key = "" }) => Key);
  };
  const invoked = async (name: string, event: unknown) => {
    const { payload, isFailed } = await running().function(name).invoke(event);
    expect([isFailed, payload]).toEqual([false, payload]);
    const { statusCode, body } = recordOf(parseJson(payload));
    return { statusCode, body: recordOf(parseJson(textOf(body))) };
  };

  it("one that appears under videos/ is indexed, and frame-search finds its moments", {
    timeout: INDEXED_WITHIN_MS + 10_000,
  }, async () => {
    const Body = await demo("a-day-in-the-park.mp4");
    const object = { Bucket: media(), Key: "videos/park.mp4", Body };
    await running().s3.send(new PutObjectCommand(object));
    await until(async () => (await videoItem("park"))?.status === "ready", INDEXED_WITHIN_MS);
    // Its frames appear too, each with an event of its own, and change nothing.
    await running().events.settled();
    expect(running().events.lost).toEqual([]);
    const { frame_count } = (await videoItem("park")) ?? {};
    expect(await keys("embeddings-cache/park/")).toHaveLength(Number(frame_count));

    const query = { query: "a white rabbit in the park at night", video_id: "park" };
    const { statusCode, body } = await invoked("frame-search", query);
    expect(statusCode).toBe(200);
    const [best] = recordsOf(body.results);
    expect(Number(best?.timestamp_ms)).toBeGreaterThanOrEqual(20_000);
    const frame = await fetch(textOf(best?.url));
    expect(frame.headers.get("content-type")).toBe("image/jpeg");
    // A picture is looked for by itself, and embedded from where it lies.
    const alike = await invoked("frame-search", { image: best?.frame_s3, top_k: 1 });
    expect(recordsOf(alike.body.results)[0]).toMatchObject({ frame_id: best?.frame_id });
    const items = [textOf(best?.frame_s3)];
    const { body: row } = await invoked("clip-inference", { mode: "image", items });
    expect(row).toMatchObject({ dim: 512 });
    const none = `s3://${media()}/frames/park/9999999999.jpg`;
    const absent = [
      await invoked("clip-inference", { mode: "image", items: [none] }),
      await invoked("frame-search", { image: none }),
    ];
    expect(absent.map(({ statusCode: status }) => status)).toEqual([400, 404]);
  });

  it("another file that is written over one takes its place, and goes with its file", {
    timeout: INDEXED_WITHIN_MS + 10_000,
  }, async () => {
    const { s3, events } = running();
    const Key = "videos/tour.mp4";
    for (const name of ["holiday-by-the-sea.mp4", "home-for-the-winter.mp4"]) {
      const object = { Bucket: media(), Key, Body: await demo(name) };
      await s3.send(new PutObjectCommand(object));
      await events.settled();
      const { status, frame_count } = (await videoItem("tour")) ?? {};
      expect(status).toBe("ready");
      expect(await keys("embeddings-cache/tour/")).toHaveLength(Number(frame_count));
    }
    await s3.send(new DeleteObjectCommand({ Bucket: media(), Key }));
    await events.settled();
    expect(events.lost).toEqual([]);
    expect(await videoItem("tour")).toBeUndefined();
    expect([...(await keys("frames/tour/")), ...(await keys("embeddings-cache/tour/"))]).toEqual(
      [],
    );
  });

  it("frames that a program of the team writes are indexed under its own title", async () => {
    const { documents, s3, events } = running();
    const { space } = recordOf(await videoItem("park"));
    const Item = { video_id: "survey", title: "Our survey", status: "uploaded" };
    await documents.send(new PutCommand({ TableName: "videos", Item }));
    for (const [index, color] of [[208, 0, 0] as const, [0, 0, 208] as const].entries()) {
      const Key = `frames/survey/000000${index + 1}000.jpg`;
      const Body = await sharp(await flatPicture([...color]))
        .jpeg()
        .toBuffer();
      await s3.send(new PutObjectCommand({ Bucket: media(), Key, Body }));
    }
    await events.settled();
    expect(events.lost).toEqual([]);
    expect(await videoItem("survey")).toMatchObject({
      title: "Our survey",
      status: "ready",
      frame_count: 2,
      ...(space === undefined ? {} : { space }),
    });
  });

  it("what an earlier model indexed is indexed by this one within the hour", async () => {
    const { documents, template } = running();
    const { model } = (await videoItem("park")) ?? {};
    const earlier = new UpdateCommand({
      TableName: "videos",
      Key: { video_id: "park" },
      UpdateExpression: "SET #model = :earlier",
      ExpressionAttributeNames: { "#model": "model" },
      ExpressionAttributeValues: { ":earlier": "demo-0123456789ab" },
    });
    await documents.send(earlier);
    const [rule] = template.ofType("AWS::Events::Rule");
    const [target] = recordsOf(rule?.properties.Targets);
    const event = parseJson(template.resolveText(target?.Input));
    const { isFailed, payload } = await running().function("clip-batch").invoke(event);
    expect([isFailed, payload]).toEqual([false, expect.stringContaining('"failed":[]')]);
    expect((await videoItem("park"))?.model).toBe(model);
  });

  it("a form lists what there is, and finds in it", async () => {
    const { command, sendForm, waitFor, ana, studio } = slackOf();
    await command(ana, studio, "/findframe");
    await sendForm(ana, { Text: "a white rabbit in the park" });
    const found = await waitFor(studio, drawnOf("a white rabbit in the park"));
    expect(found.alts[0]).toMatch(/^park, 0:\d\d \(/u);
  });

  it("one that a person adds is found by a sentence, by a picture and by its neighbours", {
    timeout: INDEXED_WITHIN_MS + 30_000,
  }, async () => {
    const chat = discordOf();
    const { ana, ben, studio } = chat;
    const film = { name: "harbour.mp4", bytes: await demo("holiday-by-the-sea.mp4") };
    const said = await chat.upload(ben, studio, film);
    await chat.fromMenu(ana, said, "Add this video");
    const isReady = (m: ChatMessage) => /Ready: 0:\d\d, \d+ moments/u.test(m.shown);
    await until(async () => (await chat.messages(studio)).some(isReady), INDEXED_WITHIN_MS);
    await running().events.settled();

    await chat.command(ana, studio, "/findframe a white boat at sunset --in harbour");
    const found = await chat.waitFor(studio, drawnOf("a white boat"));
    expect(found.alts[0]).toMatch(/^harbour, 0:\d\d \(/u);
    for (const link of found.links) {
      const played = await fetch(link, { headers: { Range: "bytes=0-9" } });
      expect([played.status, played.headers.get("Content-Type")]).toEqual([206, "video/mp4"]);
    }
    await chat.press(ben, found, "More like 1");
    const alike = await chat.waitFor(studio, (m) => m.buttons.includes("Sort by time"));
    await chat.press(ben, alike, "Sort by time");
    await chat.waitFor(studio, (m) => m.buttons.includes("Sort by match"));
    await chat.press(ben, found, "Restyle 1");
    await chat.sendForm(ben, { Prompt: "as a mosaic" });
    await chat.waitFor(studio, drawnOf("as a mosaic"));
    expect(chat.refusals().filter((each) => each !== chat.closed.refusal)).toEqual([]);
  });

  it("is there on every platform's own shelf alone, and gone once it is removed", {
    timeout: 60_000,
  }, async () => {
    const { ana, studio, command, waitForPrivate, press } = discordOf();
    await command(ana, studio, "/videos");
    const list = await waitForPrivate(ana, studio, /harbour/u);
    const remove = list.buttons.find((label) => label.startsWith("Remove")) ?? "";
    await press(ana, list, remove);
    await waitForPrivate(ana, studio, "and its moments are removed");
    const slack = slackOf();
    await slack.command(slack.ana, slack.studio, "/videos");
    const other = await slack.waitForPrivate(slack.ana, slack.studio, /video/iu);
    expect(other.shown).not.toContain("harbour");
    const { body } = await invoked("frame-search", { query: "a white boat at sunset" });
    const ids = recordsOf(body.results).map(({ video_id }) => video_id);
    expect(ids.filter((id) => id !== "park" && id !== "survey")).toEqual([]);
  });
}
