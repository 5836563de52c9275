import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { chromiumIsInstalled } from "../servers/chromium.ts";
import { type ModelServer, startModelServer } from "../servers/model-server.ts";
import { type AtelierProcess, atelierProcesses, START_TIMEOUT_MS } from "./atelier-process.ts";
import { inChromium, messageBox, messages, send, shownPictures } from "./browser.ts";
import { chromiumTabs } from "./chromium-tabs.ts";
import { onModelServer } from "./on-model-server.ts";

const processes = atelierProcesses();

describe.skipIf(!chromiumIsInstalled())(inChromium("waiting on the page in Chromium"), () => {
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

  it("a message is there at once as queued, then works in place, then is the result", async () => {
    model.next({ times: 4, delayMs: 700 });
    const page = await tabs.open(atelier.url, { name: "ana", channel: "progress" });
    const watcher = await tabs.open(atelier.url, { name: "ben", channel: "progress" });
    // Held back on its way: what is shown now came from nobody but the page itself.
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    await page.route("**/api/commands", async (route) => {
      if (route.request().method() === "POST") await held;
      await route.continue();
    });
    await send(page, "/imagine a ladder --count 4 --seed 20");
    const message = messages(page).first();
    expect(await message.locator(".status").textContent()).toBe("Queued");
    expect(await message.getAttribute("data-status")).toBe("queued");
    release();

    const bar = message.getByRole("progressbar", { name: "Progress" });
    for (const done of [1, 2, 3]) {
      await message.getByText(`Working ${done}/4`).waitFor();
      expect(await bar.evaluate((each) => [each.value, each.max])).toEqual([done, 4]);
    }
    expect(
      await messages(watcher)
        .first()
        .getByText(/^Working \d\/4$/u)
        .count(),
    ).toBe(1);
    expect(await messages(watcher).first().getByRole("button", { name: "Cancel" }).count()).toBe(0);
    await shownPictures(message, 4);
    expect(await message.locator(".status").count()).toBe(0);
    expect(await messages(page).count()).toBe(1);
    await shownPictures(messages(watcher).first(), 4);
  });

  it("a job can be taken back, and what follows is drawn", async () => {
    model.next({ delayMs: 3_000 });
    const page = await tabs.open(atelier.url, { name: "ana", channel: "cancel" });
    await send(page, "/imagine a mistake --count 4");
    await send(page, "/imagine a second thought");
    const first = messages(page).first();
    await first.getByText(/^Working \d\/4$/u).waitFor();
    await first.getByRole("button", { name: "Cancel" }).click();
    await first.getByText(/^Cancelled\.?$/u).waitFor();
    await shownPictures(messages(page).nth(1));
    expect(await first.getAttribute("data-status")).toBe("cancelled");
    expect(await messages(page).count()).toBeLessThanOrEqual(3);
  });

  it("what the model declines is said in its place, with the way to try again", async () => {
    model.next({ finishReasons: ["Filter reason: prompt"] });
    const page = await tabs.open(atelier.url, { name: "ana", channel: "filter" });
    await send(page, "/imagine something forbidden");
    const message = messages(page).first();
    const sentence = await message.locator(".failure p").textContent();
    expect(sentence).toMatch(/^[A-Z].*\.$/u);
    expect(sentence).not.toMatch(/Exception|undefined|null/u);
    await message.getByRole("button", { name: "Edit and try again" }).click();
    await expect.poll(() => messageBox(page).inputValue()).toBe("/imagine something forbidden");
    await messageBox(page).press("Enter");
    await shownPictures(messages(page).nth(1));
  });
});
