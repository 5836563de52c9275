import { describe, expect, it } from "vitest";
import { chromiumIsInstalled } from "../servers/chromium.ts";
import { atelierProcesses } from "./atelier-process.ts";
import { draw, inChromium, messageBox, messages, send, shownPictures } from "./browser.ts";
import { chromiumTabs } from "./chromium-tabs.ts";

const processes = atelierProcesses();

describe.skipIf(!chromiumIsInstalled())(inChromium("a restart under the page in Chromium"), () => {
  const tabs = chromiumTabs();

  it("is bridged: it reconnects, shows what happened meanwhile, and old buttons work", {
    timeout: 120_000,
  }, async () => {
    const before = await processes.start();
    const page = await tabs.open(before.url, { name: "ana" });
    const first = await draw(page, "/imagine a swan --seed 5");
    tabs.expectProblem(/net::ERR_|Failed to load resource/u);
    expect((await before.stop()).code).toBe(0);
    await page.getByText("Reconnecting…").waitFor();

    // Nothing that one writes meanwhile is lost.
    await send(page, "/imagine a heron --seed 6");
    await page.locator("#composer-note .problem").waitFor();
    expect(await messageBox(page).inputValue()).toBe("/imagine a heron --seed 6");
    expect(await messages(page).count()).toBe(1);

    const environment = { PORT: new URL(before.url).port };
    const after = await processes.start({ dataDir: before.dataDir, environment });
    await after.command("/imagine a stork", { user: "ben" });
    await expect
      .poll(() => page.locator(".connection").textContent(), { timeout: 15_000 })
      .toBe("");
    await shownPictures(messages(page).nth(1));
    await messageBox(page).press("Enter");
    await shownPictures(messages(page).nth(2));
    await first.getByRole("button", { name: "Re-roll" }).click();
    await shownPictures(messages(page).nth(3));
    await after.command("/imagine a crane", { user: "ben" });
    await shownPictures(messages(page).nth(4));
    const ids = await messages(page).evaluateAll((all) => all.map((each) => each.dataset.jobId));
    expect(new Set(ids).size).toBe(5);
  });
});
