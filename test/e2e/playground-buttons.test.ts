import { beforeAll, describe, expect, it } from "vitest";
import type { JobView } from "../../adapters/playground/job-view.ts";
import { buttonOf, digestOf, digestsOf, fieldOf } from "./atelier-client.ts";
import { type AtelierProcess, atelierProcesses, START_TIMEOUT_MS } from "./atelier-process.ts";

const processes = atelierProcesses();
let atelier: AtelierProcess;
beforeAll(async () => {
  atelier = await processes.start();
}, START_TIMEOUT_MS);

/** Each test draws its own picture, so that the order of tests does not matter. */
function draw(prompt: string, user = "ana"): Promise<JobView> {
  return atelier.command(`/imagine ${prompt} --no "rain -- snow" --seed 11`, { user });
}

describe("the buttons of a picture", () => {
  it("Vary draws four more of the same recipe, none of them the same", async () => {
    const first = await draw("a boat");
    const varied = await atelier.press(buttonOf(first, "Vary"), { user: "ben" });
    expect(varied.card).toMatchObject({ text: "a boat", asked_by: "ben" });
    const pictures = [...(await digestsOf(varied)), ...(await digestsOf(first))];
    expect(pictures).toHaveLength(5);
    expect(new Set(pictures).size).toBe(5);
    expect(fieldOf(varied, "From the cache")).toBe("no");
  });

  it("Re-roll draws as many as before", async () => {
    const first = await atelier.command("/imagine a pair --count 2");
    const rerolled = await atelier.press(buttonOf(first, "Re-roll"));
    expect(rerolled.card?.images).toHaveLength(2);
  });

  it("Info tells the command that brings the same picture back", async () => {
    const first = await draw("a kite");
    const info = await atelier.press(buttonOf(first, "Info"));
    expect(info).toMatchObject({ status: "done", is_private: true });
    expect(fieldOf(info, "Job")).toBe(first.job_id);
    expect(fieldOf(info, "Asked by")).toBe("ana");
    const pasted = await atelier.command(info.card?.code ?? "", { user: "ben" });
    expect(fieldOf(pasted, "From the cache")).toBe("yes");
    expect(await digestsOf(pasted)).toEqual(await digestsOf(first));
  });

  it("Edit hands the command out, on the page without asking the server", async () => {
    const first = await draw("a lamp");
    const edit = await atelier.press(buttonOf(first, "Edit"));
    const prefill = first.card?.buttons.find(({ label }) => label === "Edit")?.prefill;
    expect(edit.card?.code).toBe(prefill);
    const again = await atelier.command(prefill ?? "");
    expect(fieldOf(again, "From the cache")).toBe("yes");
  });

  it("Restyle hands out a command that restyles this very picture", async () => {
    const first = await draw("a mill");
    await draw("something later");
    const restyle = await atelier.press(buttonOf(first, "Restyle"));
    expect(restyle.card?.code).toContain(`/restyle --from ${first.job_id}#1 -- `);
    const restyled = await atelier.command(restyle.card?.code ?? "");
    expect(restyled.status).toBe("done");
    const [before] = await digestsOf(first);
    const [after] = await digestsOf(restyled);
    expect(after).not.toBe(before);
  });

  it("New link gives a link that works", async () => {
    const first = await draw("a nest");
    const link = await atelier.press(buttonOf(first, "New link"), { user: "ben" });
    expect(link.card?.text).toContain("15 minutes");
    const response = await fetch(link.card?.code ?? "");
    expect(response.status).toBe(200);
    const [picture] = await digestsOf(first);
    expect(digestOf(new Uint8Array(await response.arrayBuffer()))).toBe(picture);
  });

  it("Delete takes the picture away for its owner, and for nobody else", async () => {
    const first = await draw("an oak");
    const remove = buttonOf(first, "Delete");
    const [url = ""] = first.card?.images.map((image) => image.url) ?? [];
    expect(await atelier.press(remove, { user: "ben" })).toMatchObject({
      status: "failed",
      error: { kind: "not_allowed", message: expect.stringContaining("Only the person") },
    });
    expect((await fetch(url)).status).toBe(200);

    const deleted = await atelier.press(remove, { user: "ana" });
    expect(deleted.card).toMatchObject({
      text: "Deleted by the person who asked.",
      replaces: first.job_id,
    });
    expect((await fetch(url)).status).toBe(404);
    expect((await atelier.job(first.job_id)).card).toMatchObject({ images: [], buttons: [] });
    expect(await atelier.press(buttonOf(first, "Info"))).toMatchObject({
      status: "failed",
      error: { kind: "not_found" },
    });
    // And it is drawn anew when someone asks again.
    expect(fieldOf(await draw("an oak"), "From the cache")).toBe("no");
  });

  it("Delete of a picture that another person had made only takes it off the card", async () => {
    const first = await draw("a pond");
    const cached = await draw("a pond", "ben");
    await atelier.press(buttonOf(cached, "Delete"), { user: "ben" });
    expect((await atelier.job(cached.job_id)).card?.images).toEqual([]);
    expect(await digestsOf(first)).toHaveLength(1);
  });

  it("Show brings an earlier answer back, with its buttons", async () => {
    const first = await draw("a quail", "una");
    const history = await atelier.command("/history", { user: "una" });
    expect(history.card?.fields.map(({ label }) => label)).toContain(first.job_id);
    const shown = await atelier.press(buttonOf(history, "Show “a quail”"), { user: "una" });
    expect(shown.card?.text).toBe("a quail");
    expect(await digestsOf(shown)).toEqual(await digestsOf(first));
    expect(fieldOf(await atelier.press(buttonOf(shown, "Info"), { user: "una" }), "Job")).toBe(
      first.job_id,
    );
    const typed = await atelier.command(`/show ${first.job_id.toUpperCase()}`, { user: "una" });
    expect(typed.card?.images).toHaveLength(1);
  });

  it("of something that is no button, or of no job, is refused with a sentence", async () => {
    for (const [action, status] of [
      ["", 400],
      ["v1.info", 400],
      ["v9.info.abc.0", 400],
      ["v1.imagine.abc.0", 400],
      ["v1.nothing.abc.0", 400],
      ["v1.info.nosuchjob000.0", 404],
    ] as const) {
      const answer = await atelier.postAction(action);
      expect([action, answer.status]).toEqual([action, status]);
      expect(answer.body.message).toMatch(/^[A-Z].*\.$/u);
    }
  });

  it("pressed twice by one delivery is one job", async () => {
    const first = await draw("a reed");
    const press = () => atelier.postAction(buttonOf(first, "Re-roll"), { key: "press-1" });
    const [one, two] = await Promise.all([press(), press()]);
    expect(one.body.job_id).toBe(two.body.job_id);
  });
});

it("buttons and links work after a restart on the same folder", { timeout: 60_000 }, async () => {
  const before = await processes.start();
  const first = await before.command("/imagine a swan --seed 5", { user: "ana" });
  const pictures = await digestsOf(first);
  expect((await before.stop()).code).toBe(0);

  const after = await processes.start({ dataDir: before.dataDir });
  expect((await after.channel("general")).jobs.map(({ job_id }) => job_id)).toEqual([first.job_id]);
  const info = await after.press(buttonOf(first, "Info"), { user: "ana" });
  expect(info.card?.code).toMatch(/^\/imagine a swan --ar 1:1 --seed 5/u);
  expect(await digestsOf(await after.job(first.job_id))).toEqual(pictures);
  const again = await after.command("/imagine a swan --seed 5");
  expect(fieldOf(again, "From the cache")).toBe("yes");
  const rerolled = await after.press(buttonOf(first, "Re-roll"), { user: "ben" });
  expect(fieldOf(rerolled, "From the cache")).toBe("no");
});
