import { beforeAll, describe, expect, it } from "vitest";
import { readRecipe } from "../../src/recipe-metadata/index.ts";
import { type ModelServer, startModelServer } from "../servers/model-server.ts";
import { buttonOf, digestsOf, fieldOf, isOpen, picturesOf, until } from "./atelier-client.ts";
import { type AtelierProcess, atelierProcesses, START_TIMEOUT_MS } from "./atelier-process.ts";
import { onModelServer } from "./on-model-server.ts";

const processes = atelierProcesses();
let atelier: AtelierProcess;
beforeAll(async () => {
  atelier = await processes.start();
}, START_TIMEOUT_MS);

describe("the page", () => {
  it("comes with a policy that lets it load nothing from elsewhere", async () => {
    const page = await atelier.request("/");
    const policy = page.headers.get("Content-Security-Policy") ?? "";
    expect(page.status).toBe(200);
    expect(page.headers.get("Content-Type")).toBe("text/html; charset=utf-8");
    expect(policy).toContain("default-src 'self'");
    expect(policy).toContain("script-src 'self'");
    expect(policy).not.toContain("unsafe");
    expect(page.headers.get("X-Content-Type-Options")).toBe("nosniff");
    const html = await page.text();
    const assets = [...html.matchAll(/(?:src|href)="(\/[^"]+)"/gu)].map(([, path = ""]) => path);
    expect(assets.length).toBeGreaterThan(1);
    for (const path of assets) {
      const asset = await atelier.request(path);
      expect([path, asset.status]).toEqual([path, 200]);
      expect(asset.headers.get("Content-Security-Policy")).toBe(policy);
      expect((await asset.text()).length).toBeGreaterThan(100);
    }
  });

  it("is healthy once the process says that it is ready", async () => {
    const response = await atelier.request("/healthz");
    expect([response.status, await response.json()]).toEqual([200, { status: "ok" }]);
  });

  it("is not in other places, and says so", async () => {
    const response = await atelier.request("/nothing-here");
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({
      error: "not_found",
      message: expect.stringMatching(/page is at/),
    });
  });

  it("answers what it does not know below /api in the same way", async () => {
    for (const [path, method] of [
      ["/api/nothing", "GET"],
      ["/api/commands/more", "POST"],
      ["/api/commands", "DELETE"],
    ] as const) {
      const response = await atelier.request(path, { method });
      expect([path, response.status]).toEqual([path, 404]);
      expect(await response.json()).toEqual({
        error: "not_found",
        message: "There is nothing here. The page is at /.",
      });
    }
  });

  it("lists what can be typed", async () => {
    const response = await atelier.request("/api/commands");
    const names = ((await response.json()) as { name: string }[]).map(({ name }) => name);
    expect(names.join(" ")).toBe(
      "imagine restyle findframe addvideo videos show cancel history help",
    );
  });
});

describe("a command", () => {
  it("is accepted with the id of its job and answered with a card", async () => {
    const { status, body } = await atelier.postCommand(
      "/imagine a red fox --ar 1:1 --seed 7 --count 2",
      { user: "ana", channel: "general" },
    );
    expect([status, Object.keys(body)]).toEqual([202, ["job_id"]]);
    const view = await atelier.finished(String(body.job_id));
    expect(view).toMatchObject({
      job_id: body.job_id,
      status: "done",
      error: null,
      user: "ana",
      text: "/imagine a red fox --ar 1:1 --seed 7 --count 2",
      is_private: false,
      card: { text: "a red fox", asked_by: "ana" },
    });
    const linksLastMs = Date.parse(String(view.links_expire_at)) - Date.now();
    expect(Math.round(linksLastMs / 60_000)).toBe(15);
    expect(fieldOf(view, "Seeds")).toBe("7, 8");
    for (const image of view.card?.images ?? []) {
      expect(image.alt).toContain("a red fox");
      expect(image.width_px).toBe(image.height_px);
      expect(image.url).toContain(`${atelier.url}/files/outputs/`);
    }
    for (const bytes of await picturesOf(view)) {
      expect(readRecipe(bytes)).toMatch(/^\/imagine a red fox --ar 1:1 --seed [78]/u);
    }
  });

  it.each([
    ["no slash", { text: "a red fox" }, /start with a slash/],
    ["an unknown command", { text: "/imagin a red fox" }, /Did you mean \/imagine\?/],
    ["no prompt", { text: "/imagine" }, /Add what to draw.*\/imagine/],
    ["an unknown option", { text: "/imagine a --sed 7" }, /Did you mean --seed\?/],
    ["a wrong value", { text: "/imagine a --ar 7:3" }, /is one of 1:1, 16:9/],
    ["a number out of range", { text: "/imagine a --count 5" }, /from 1 to 4/],
    [
      "a picture where none is taken",
      { text: "/imagine a", attachments: ["0".repeat(64)] },
      /restyle/,
    ],
    ["no text", { user: "ana" }, /“text”/],
    ["a user that is no name", { text: "/help", user: "a:b" }, /“user” must be 1 to 32/],
    ["a channel that is no name", { text: "/help", channel: "A/B" }, /“channel” must be/],
    ["an attachment that is no id", { text: "/help", attachments: ["x"] }, /\/api\/attachments/],
    ["no object", [1], /Send a JSON object/],
    ["no JSON", "{", /not valid JSON/],
  ])("with %s is refused with a sentence that helps", async (_name, body, message) => {
    const answer = await atelier.postJson("/api/commands", body);
    expect(answer.status).toBe(400);
    expect(answer.body).toEqual({
      error: "invalid_input",
      message: expect.stringMatching(message),
    });
  });

  it("is one job however often the same delivery comes", async () => {
    const send = () => atelier.submit("/imagine once only", { user: "idem", key: "delivery-1" });
    const ids = await Promise.all([send(), send(), send()]);
    expect(new Set(ids).size).toBe(1);
    await atelier.finished(String(ids[0]));
    expect(await send()).toBe(ids[0]);
    const { jobs } = await atelier.channel("general");
    expect(jobs.filter(({ text }) => text === "/imagine once only")).toHaveLength(1);
  });

  it("that was asked before is answered from the cache, unless it is re-rolled", async () => {
    const first = await atelier.command("/imagine an owl on a fence");
    const again = await atelier.command("/imagine  an owl\ton a fence ", { user: "ben" });
    expect(fieldOf(first, "From the cache")).toBe("no");
    expect(fieldOf(again, "From the cache")).toBe("yes");
    expect(again.card?.notices.join()).toContain("Re-roll");
    expect(await digestsOf(again)).toEqual(await digestsOf(first));

    const rerolled = await atelier.press(buttonOf(first, "Re-roll"), { user: "ben" });
    expect(fieldOf(rerolled, "From the cache")).toBe("no");
    expect(fieldOf(rerolled, "Seed")).not.toBe(fieldOf(first, "Seed"));
    expect(await digestsOf(rerolled)).not.toEqual(await digestsOf(first));
  });

  it("shows what there is with /help, and how to write one", async () => {
    const list = await atelier.command("/help");
    expect(list).toMatchObject({ status: "done", is_private: true });
    expect(list).not.toHaveProperty("links_expire_at");
    expect(list.card?.code).toContain("/imagine");
    const one = await atelier.command("/imagine help");
    expect(one.card?.code).toContain("--ratio, --ar");
    const unknown = await atelier.command("/help dance");
    expect(unknown).toMatchObject({ status: "failed", error: { kind: "invalid_input" } });
  });

  it("for a job that does not exist says so", async () => {
    const response = await atelier.request("/api/jobs/nosuchjob000");
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({
      error: "not_found",
      message: expect.stringMatching(/nosuchjob000/),
    });
    const events = await atelier.request("/api/jobs/nosuchjob000/events");
    expect(events.status).toBe(404);
    const shown = await atelier.command("/show nosuchjob000");
    expect(shown).toMatchObject({ status: "failed", error: { kind: "not_found" } });
  });
});

describe("while a slow model draws", () => {
  let slow: AtelierProcess;
  let model: ModelServer;
  beforeAll(async () => {
    model = await startModelServer();
    slow = await processes.start({ environment: onModelServer(model) });
    return () => model.close();
  }, START_TIMEOUT_MS);

  it("events tell of the job from waiting to done", { timeout: 30_000 }, async () => {
    model.setLatencyMs(400);
    const running = ["a", "b", "c"].map((name) => slow.submit(`/imagine ${name}`, { user: "eve" }));
    await Promise.all(running);
    const jobId = await slow.submit("/imagine the fourth --count 2", { user: "eve" });
    expect(await slow.job(jobId)).toMatchObject({ status: "queued", position: 0, card: null });
    const events = await slow.events(jobId);
    const order = events
      .map(({ status }) => status)
      .filter((each, at, all) => each !== all[at - 1]);
    expect(order).toEqual(["queued", "running", "done"]);
    const steps = events.flatMap(({ progress }) => (progress === undefined ? [] : [progress.done]));
    expect(steps).toEqual([...steps].sort());
    expect(steps).toContain(1);
    expect(events.at(-1)?.card?.images).toHaveLength(2);
    model.setLatencyMs(0);
  });

  it("a job can be taken back by its person only, running or waiting", {
    timeout: 30_000,
  }, async () => {
    model.setLatencyMs(15_000);
    const ids: string[] = [];
    for (const name of ["d", "e", "f", "g"]) {
      ids.push(await slow.submit(`/imagine cancel ${name}`, { user: "fay" }));
    }
    const [running = "", , , waiting = ""] = ids;
    await until("it runs", async () => (await slow.job(running)).status === "running");
    expect(await slow.command(`/cancel ${running}`, { user: "gus" })).toMatchObject({
      status: "failed",
      error: { kind: "not_allowed" },
    });
    expect(await slow.command("/cancel", { user: "gus" })).toMatchObject({
      error: { kind: "not_found", message: "Nothing of yours is waiting or running." },
    });
    // Without a name, the newest.
    expect((await slow.command("/cancel", { user: "fay" })).card?.text).toContain(waiting);
    expect(await slow.finished(waiting)).toMatchObject({ status: "cancelled", error: null });
    expect((await slow.command(`/cancel ${running}`, { user: "fay" })).status).toBe("done");
    expect((await slow.finished(running)).status).toBe("cancelled");
    expect((await slow.command(`/cancel ${running}`, { user: "fay" })).status).toBe("failed");
    for (const id of ids.slice(1, 3)) await slow.command(`/cancel ${id}`, { user: "fay" });
    expect((await Promise.all(ids.map(slow.job))).some(isOpen)).toBe(false);
    model.setLatencyMs(0);
  });

  it("a person has 3 running and 10 waiting, and then hears when to try again", async () => {
    model.setLatencyMs(15_000);
    const ids: string[] = [];
    for (let number = 1; number <= 13; number += 1) {
      ids.push(await slow.submit(`/imagine crowd ${number}`, { user: "hal" }));
    }
    const over = await slow.postCommand("/imagine crowd 14", { user: "hal" });
    expect(over.status).toBe(429);
    expect(over.body).toMatchObject({
      error: "rate_limited",
      message: expect.stringMatching(/\/cancel/),
    });
    expect(Number(over.headers.get("Retry-After"))).toBeGreaterThan(0);
    // Others, and quick commands, are not held up.
    expect((await slow.command("/help", { user: "hal" })).status).toBe("done");
    expect((await slow.postCommand("/imagine else", { user: "ivy" })).status).toBe(202);
    for (const id of [...ids].reverse()) await slow.command(`/cancel ${id}`, { user: "hal" });
    await slow.command("/cancel", { user: "ivy" });
    model.setLatencyMs(0);
  });
});
