import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { chromiumIsInstalled } from "../servers/chromium.ts";
import { type ModelServer, startModelServer } from "../servers/model-server.ts";
import { type AtelierProcess, atelierProcesses, START_TIMEOUT_MS } from "./atelier-process.ts";
import { inChromium } from "./browser.ts";
import { chromiumTabs } from "./chromium-tabs.ts";
import { onModelServer } from "./on-model-server.ts";

const processes = atelierProcesses();

describe.skipIf(!chromiumIsInstalled())(inChromium("the preview of Slack while one waits"), () => {
  const tabs = chromiumTabs();
  let model: ModelServer;
  let atelier: AtelierProcess;
  beforeAll(async () => {
    model = await startModelServer();
    // One picture after the other, so that each can be held back.
    const environment = { ...onModelServer(model), RATE_MODEL_CONCURRENCY: "1" };
    atelier = await processes.start({ environment });
  }, START_TIMEOUT_MS);
  afterAll(() => model?.close());

  async function preview(page: Page, jobId: string) {
    await page.goto(`${atelier.url}/preview/${jobId}`);
    return page.getByRole("article", { name: "The message in Slack" });
  }

  it("says the place in line, then how far it is, then shows the pictures", async () => {
    model.next({ times: 3, delayMs: 1_500 });
    model.next({ times: 4, delayMs: 900 });
    const page = await tabs.open(atelier.url);
    const user = "ana";
    // As many as one person has running at once.
    for (const number of [1, 2, 3]) await atelier.submit(`/imagine step ${number}`, { user });
    const jobId = await atelier.submit("/imagine a ladder --count 4", { user });
    const message = await preview(page, jobId);
    await message.getByText("Queued, next in line.", { exact: true }).waitFor();
    expect(await message.getByText("Only visible to you").count()).toBe(1);
    expect(await message.getByRole("button").allTextContents()).toEqual(["Cancel"]);

    await message.getByText("Drawing… 1 of 4", { exact: true }).waitFor();
    expect(await message.locator(".slack-text").textContent()).toBe("@ana: a ladder");
    expect(await message.getByText("Only visible to you").count()).toBe(0);
    await message.getByText("Drawing… 3 of 4", { exact: true }).waitFor();
    await message.getByRole("img", { name: "picture 4 of 4" }).waitFor();
    expect(await message.getByText(/^Drawing/u).count()).toBe(0);
  });

  it("shows a failure to the person alone", async () => {
    model.next({ finishReasons: ["Filter reason: prompt"] });
    const { job_id, error } = await atelier.command("/imagine something forbidden");
    const message = await preview(await tabs.open(atelier.url), job_id);
    await message.getByText("Only visible to you").waitFor();
    expect(error?.message).toMatch(/^[A-Z].*\.$/u);
    expect(await message.locator(".slack-body").textContent()).toBe(error?.message);
  });

  it("shows nothing of a cancelled job, as its message is taken down", async () => {
    model.next({ delayMs: 3_000 });
    const jobId = await atelier.submit("/imagine a mistake", { user: "ben" });
    const page = await tabs.open(atelier.url);
    const message = await preview(page, jobId);
    await message.getByText("Drawing…", { exact: true }).waitFor();
    await atelier.command(`/cancel ${jobId}`, { user: "ben" });
    await page.getByText(/^Slack shows nothing: the message of a cancelled job/u).waitFor();
    expect(await message.count()).toBe(0);
  });
});
