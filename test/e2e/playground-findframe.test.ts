import { readFile } from "node:fs/promises";
import { beforeAll, describe, expect, it } from "vitest";
import type { JobView } from "../../adapters/playground/job-view.ts";
import { readRecipe } from "../../src/recipe-metadata/index.ts";
import { type AtelierProcess, atelierProcesses, START_TIMEOUT_MS } from "./atelier-process.ts";

const demo = (name: string) =>
  readFile(new URL(`../../infra/demo/videos/${name}.mp4`, import.meta.url));
const processes = atelierProcesses();
let atelier: AtelierProcess;

/** `mark` makes it another file: a box at its end, which players skip. */
async function addVideo(file: string, title: string, mark?: string): Promise<JobView> {
  const box = mark === undefined ? "" : `\0\0\0${String.fromCharCode(8 + mark.length)}free${mark}`;
  const bytes = Buffer.concat([await demo(file), Buffer.from(box)]);
  const { body } = await atelier.postAttachment(bytes, "video/mp4", `${file}.mp4`);
  const attachments = [String(body.id)];
  return atelier.command(`/addvideo --title ${title}`, { user: "ana", attachments });
}

beforeAll(async () => {
  atelier = await processes.start({ isFromSources: true });
  await addVideo("a-day-in-the-park", "Park");
  await addVideo("home-for-the-winter", "Winter");
  await addVideo("holiday-by-the-sea", "Sea");
}, 2 * START_TIMEOUT_MS);

const DOG = "/findframe a brown dog in the park in the morning";
const find = (text: string, more: Parameters<AtelierProcess["command"]>[1] = {}) =>
  atelier.command(text, { user: "ana", ...more });
const altsOf = ({ card }: JobView) => (card?.images ?? []).map(({ alt }) => alt);
const timesOf = ({ card }: JobView) =>
  (card?.fields ?? []).map(({ moment_url }) => Number(/#t=([\d.]+)$/u.exec(moment_url ?? "")?.[1]));
const buttonOf = ({ card }: JobView, label: string) => {
  const button = card?.buttons.find((each) => each.label === label);
  if (button === undefined) throw new Error(`There is no button ${label}.`);
  return button;
};

describe("/findframe", () => {
  it("shows the moment that a sentence describes, with a link that plays it from there", async () => {
    const found = await find(`${DOG} --in Park`);
    expect(altsOf(found)[0]).toMatch(/^Park, 0:0[0-3] \(/u);
    expect(timesOf(found)[0]).toBeLessThan(4);
    const [image] = found.card?.images ?? [];
    expect(image).toMatchObject({ width_px: 640, is_thumbnail: true, media_type: "image/jpeg" });
    const thumbnail = await fetch(image?.url ?? "");
    expect([thumbnail.status, thumbnail.headers.get("Content-Type")]).toEqual([200, "image/jpeg"]);
    const film = await fetch(found.card?.fields[0]?.moment_url ?? "");
    expect([film.status, film.headers.get("Content-Type")]).toEqual([200, "video/mp4"]);
    await film.body?.cancel();
    expect(found.card?.notices.join(" ")).toContain("npm run model");
  });

  it("keeps to a video, to times in it, and to as many moments as are asked for", async () => {
    const within = await find("/findframe a person --in Park --from 0:10 --to 18 --count 2");
    expect(altsOf(within)).not.toEqual([]);
    expect(altsOf(within).filter((alt) => !alt.startsWith("Park, "))).toEqual([]);
    for (const time of timesOf(within)) {
      expect(time).toBeGreaterThanOrEqual(10);
      expect(time).toBeLessThanOrEqual(18);
    }
    expect(timesOf(within).length).toBeLessThanOrEqual(2);
    const wrong = await find("/findframe a person --in Nonsuch");
    expect(wrong.error?.message).toMatch(/no video here that is called “Nonsuch”\. .*“Park”/u);
  });

  it("looks for a picture too", async () => {
    const found = await find(`${DOG} --in Park --count 1`);
    const thumbnail = await fetch(found.card?.images[0]?.url ?? "");
    const bytes = Buffer.from(await thumbnail.arrayBuffer());
    const { body } = await atelier.postAttachment(bytes, "image/jpeg");
    const alike = await find("/findframe --in Park", { attachments: [String(body.id)] });
    expect(alike.card?.text).toMatch(/oments like this picture/u);
    expect(altsOf(alike)[0]?.split(" (")[0]).toBe(altsOf(found)[0]?.split(" (")[0]);
  });

  it("says which words the model does not know, and that a picture or words are needed", async () => {
    const unknown = await find("/findframe a zebra");
    expect(unknown.error).toMatchObject({
      kind: "invalid_input",
      message: expect.stringMatching(/does not know “zebra”/u),
    });
    expect((await atelier.postCommand("/findframe")).body.message).toContain(
      "Say what to look for",
    );
  });

  it("proposes what the model knows, and the videos by their titles", async () => {
    const response = await atelier.request("/api/commands?user=ana");
    const commands: { name: string; examples: string[]; options: { name: string }[] }[] =
      JSON.parse(await response.text());
    const findframe = commands.find(({ name }) => name === "findframe");
    expect(findframe?.examples).toContain("/findframe a red car at night");
    const within = findframe?.options.find(({ name }) => name === "in");
    expect(JSON.stringify(within)).toContain('"Winter"');
    const help = await find("/help findframe");
    expect(help.card?.code).toContain("/findframe a red car at night");
  });
});

describe("the buttons below what was found", () => {
  it("show more like one, the next ones, and their order in time; also after a restart", async () => {
    const found = await find("/findframe a yellow flower --count 2");
    const first = altsOf(found)[0]?.split(" (")[0];
    const alike = await atelier.press(buttonOf(found, "More like 1").action, { user: "ben" });
    expect(alike.card?.text).toBe(`Moments like “${first}”`);
    expect(altsOf(alike).map((alt) => alt.split(" (")[0])).not.toContain(first);

    await atelier.stop();
    atelier = await processes.start({ dataDir: atelier.dataDir, isFromSources: true });
    const wide = await atelier.press(buttonOf(found, "More like 1").action, { user: "ana" });
    expect(altsOf(wide)).toEqual(altsOf(alike));
    const sorted = await atelier.press(buttonOf(wide, "Sort by time").action, { user: "ana" });
    expect(altsOf(sorted).toSorted()).toEqual(altsOf(wide).toSorted());
    const places = (sorted.card?.fields ?? []).map(({ label }, index) => {
      const title = /· (.+), /u.exec(label)?.[1] ?? "";
      return `${title} ${(timesOf(sorted)[index] ?? 0).toFixed(3).padStart(9, "0")}`;
    });
    expect(places).toEqual(places.toSorted());
    const back = await atelier.press(buttonOf(sorted, "Sort by match").action, { user: "ana" });
    expect(altsOf(back)).toEqual(altsOf(wide));
    const next = await atelier.press(buttonOf(wide, "Next").action, { user: "ana" });
    expect(next.card?.text).toContain("page 2");
    expect(altsOf(next).filter((alt) => altsOf(wide).includes(alt))).toEqual([]);
  });

  it("Restyle begins with that frame, and the recipe says where it is from", async () => {
    const found = await find(`${DOG} --in Park`);
    const { prefill, action } = buttonOf(found, "Restyle 1");
    expect(prefill).toBe(`/restyle --from ${found.job_id}#1 -- `);
    const told = await atelier.press(action, { user: "ana" });
    expect(told.card?.code).toBe(`/restyle --from ${found.job_id}#1 -- as a winter evening`);

    const drawn = await find(`${prefill}as a woodcut`);
    const from = drawn.card?.fields.find(({ label }) => label === "From")?.value;
    expect(from).toBe(altsOf(found)[0]?.split(" (")[0]);
    const picture = await fetch(drawn.card?.images[0]?.url ?? "");
    const recipe = readRecipe(new Uint8Array(await picture.arrayBuffer())) ?? "";
    expect(JSON.parse(recipe.split("\n").at(-1) ?? "").frame).toEqual({
      videoId: expect.stringMatching(/^[0-9a-f]{16}$/u),
      title: "Park",
      timeMs: Math.round((timesOf(found)[0] ?? 0) * 1000),
    });
    const rerolled = await atelier.press(buttonOf(drawn, "Re-roll").action, { user: "ana" });
    expect(rerolled.card?.fields).toContainEqual({ label: "From", value: from });
  });

  it("/restyle alone takes the frame that fits best of those shown last", async () => {
    const channel = "last-frame";
    const found = await find(`${DOG} --in Park`, { channel });
    const drawn = await find("/restyle as ink", { channel });
    const from = drawn.card?.fields.find(({ label }) => label === "From")?.value;
    expect(from).toBe(altsOf(found)[0]?.split(" (")[0]);
    const beyond = await find(`/restyle --from ${found.job_id}#9 -- as ink`, { channel });
    expect(beyond.error?.message).toMatch(/has (?:one picture|pictures 1 to \d)\.$/u);
  });

  it("of a private search are for its person only, and stay private", async () => {
    const found = await find(`${DOG} --private --count 2`);
    expect(found.is_private).toBe(true);
    const { action, prefill } = buttonOf(found, "More like 1");
    const others = await atelier.press(action, { user: "ben" }).catch((thrown) => String(thrown));
    expect(others).toContain("There is no job");
    expect((await atelier.press(action, { user: "ana" })).is_private).toBe(true);
    expect(buttonOf(found, "Restyle 1").prefill).toContain("--private");
    expect(prefill).toBeUndefined();
    const open = await find(`/restyle --from ${found.job_id}#1 -- as ink`);
    expect(open.error?.message).toContain("That picture is private");
  });

  it("say so when the video was removed meanwhile", async () => {
    const film = await addVideo("a-day-in-the-park", "Gone", "mark");
    const found = await find(`${DOG} --in Gone`);
    await atelier.press(buttonOf(film, "Remove").action, { user: "ana" });
    const alike = await atelier.press(buttonOf(found, "More like 1").action, { user: "ana" });
    expect(alike.error?.message).toBe("That video was removed. /videos lists what there is.");
    const drawn = await find(`/restyle --from ${found.job_id}#1 -- as ink`);
    expect(drawn.error?.message).toBe("That video was removed. /videos lists what there is.");
    const again = await atelier.press(
      found.card?.buttons.find(({ label }) => label === "Next")?.action ??
        `v1.nextmoments.${found.job_id}.0`,
      { user: "ana" },
    );
    expect(again.error?.message).toContain("no video here that is called “Gone”");
  });
});
