import type { Page } from "playwright-core";
import { beforeAll, describe, expect, it } from "vitest";
import { chromiumIsInstalled } from "../servers/chromium.ts";
import { type AtelierProcess, atelierProcesses, START_TIMEOUT_MS } from "./atelier-process.ts";
import {
  draw,
  inChromium,
  messageBox,
  messages,
  PHONE,
  rename,
  send,
  shownPictures,
} from "./browser.ts";
import { chromiumTabs } from "./chromium-tabs.ts";

const processes = atelierProcesses();
/** What Apple and Google ask of a target for fingers, roughly; WCAG 2.2 AA asks for 24. */
const TARGET_PX = 44;

/** How far anything sticks out of the window, sideways or below, and what is too small to tap. */
async function misfits(page: Page): Promise<string[]> {
  const found = await page.evaluate<string[]>(`(() => {
    const found = [];
    const root = document.documentElement;
    const scroller = document.querySelector(".scroller");
    if (root.scrollWidth > innerWidth) found.push("the page is " + root.scrollWidth + " px wide");
    if (root.scrollHeight > innerHeight) found.push("the page is " + root.scrollHeight + " px high");
    if (scroller.scrollWidth > scroller.clientWidth) found.push("the messages are too wide");
    for (const element of document.querySelectorAll("button, a[href], textarea, input:not([hidden])")) {
      const box = element.getBoundingClientRect();
      if (box.width === 0) continue;
      const name = element.getAttribute("aria-label") ?? element.textContent;
      if (box.left < 0 || box.right > innerWidth) found.push(name + " sticks out");
      if (Math.round(box.height) < (element.matches("textarea") ? 40 : ${TARGET_PX}) ||
          Math.round(box.width) < ${TARGET_PX})
        found.push(name + " is " + box.width + " × " + box.height);
    }
    return found;
  })()`);
  return found;
}

describe.skipIf(!chromiumIsInstalled())(inChromium("the page in Chromium at 380 px"), () => {
  const tabs = chromiumTabs();
  let atelier: AtelierProcess;
  beforeAll(async () => {
    atelier = await processes.start();
  }, START_TIMEOUT_MS);

  it("fits in every state, and every target is large enough for a finger", {
    timeout: 60_000,
  }, async () => {
    const page = await tabs.open(atelier.url, { channel: "phone", viewport: PHONE });
    expect(await misfits(page)).toEqual([]);
    await rename(page, "A name of 32 letters, no less ok".replaceAll(",", "."));
    const four = await draw(page, "/imagine a lighthouse at night --count 4 --seed 3", 4);
    expect(await misfits(page)).toEqual([]);
    await four.getByRole("button", { name: "Info" }).click();
    await messages(page).nth(1).getByRole("button", { name: "Copy" }).waitFor();
    await draw(page, `/imagine ${"extraordinarily".repeat(20)} --ar 9:16`);
    await send(page, "/show nosuchjob000");
    await messages(page).nth(3).getByRole("button", { name: "Edit and try again" }).waitFor();
    expect(await misfits(page)).toEqual([]);
    await messageBox(page).fill("/");
    await page.getByRole("listbox").waitFor();
    const list = await page.locator(".suggestions").boundingBox();
    expect(list?.y).toBeGreaterThanOrEqual(0);
    expect(await misfits(page)).toEqual([]);
    await messageBox(page).fill("");
    const file = { mimeType: "image/png", buffer: Buffer.from("no picture") };
    tabs.expectProblem(/status of 400 .*\/api\/attachments/u);
    await page.locator("input[type=file]").setInputFiles([
      { name: "a-file-with-a-rather-long-name.png", ...file },
      { name: "another.png", ...file },
    ]);
    await page.locator(".chip[data-status=failed]").nth(1).waitFor();
    await page.getByRole("button", { name: /^Change your name/u }).click();
    expect(await misfits(page)).toEqual([]);
  });

  it("four pictures stand two by two, and every button of theirs can be tapped", async () => {
    const page = await tabs.open(atelier.url, { name: "ana", channel: "taps", viewport: PHONE });
    const four = await draw(page, "/imagine a castle --count 4", 4);
    const xs = await four
      .getByRole("img")
      .evaluateAll((all) => all.map((each) => Math.round(each.getBoundingClientRect().x)));
    expect(new Set(xs).size).toBe(2);
    for (const name of ["Re-roll", "Vary", "Restyle", "Edit", "New link", "Info", "Delete"]) {
      // Also fails when something lies over it.
      await four.getByRole("button", { name, exact: true }).click({ trial: true });
    }
    await four.getByRole("button", { name: /^Open picture 4 of 4/u }).click();
    const dialog = page.getByRole("dialog");
    await dialog.locator("[data-picture=shown]").waitFor();
    for (const name of ["Previous picture", "Next picture", "Restyle this"]) {
      await dialog.getByRole("button", { name }).click({ trial: true });
    }
    const picture = await dialog.getByRole("img").boundingBox();
    expect(picture?.width).toBeGreaterThan(330);
    expect(picture?.width).toBeLessThanOrEqual(380);
    await dialog.getByRole("button", { name: "Close" }).click();
    await four.getByRole("button", { name: "Re-roll" }).click();
    await shownPictures(messages(page).nth(1), 4);
  });
});
