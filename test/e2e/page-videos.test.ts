import { readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { forBrowsers, webVideo } from "../fixtures/made-video.ts";
import { chromiumIsInstalled } from "../servers/chromium.ts";
import { type AtelierProcess, atelierProcesses, START_TIMEOUT_MS } from "./atelier-process.ts";
import { inChromium, messageBox, messages, note, send } from "./browser.ts";
import { chromiumTabs } from "./chromium-tabs.ts";

const processes = atelierProcesses();

describe.skipIf(!chromiumIsInstalled())(inChromium("videos on the page in Chromium"), () => {
  const tabs = chromiumTabs();
  const path = join(tmpdir(), `harbour-${process.pid}.webm`);
  let atelier: AtelierProcess;
  beforeAll(async () => {
    await writeFile(path, await webVideo(12));
    atelier = await processes.start();
  }, START_TIMEOUT_MS);
  afterAll(() => rm(path, { force: true }));

  const attach = (page: Page) => page.locator("input[type=file]").setInputFiles(path);
  /** Of the video that plays. */
  const film = (page: Page, what: string) =>
    page.evaluate<number | boolean | string>(`document.querySelector("dialog video").${what}`);
  const chip = (page: Page) => page.getByRole("list", { name: "Attached files" });

  it("one that is attached is named with its size, and added with progress", async () => {
    const page = await tabs.open(atelier.url, { name: "ana", channel: "videos" });
    await attach(page);
    await chip(page)
      .getByText(/^harbour-\d+\.webm$/u)
      .waitFor();
    await chip(page)
      .getByText(/^\d+(\.\d)? [kM]B$/u)
      .waitFor();
    await send(page, "/addvideo --title Harbour tour");
    const message = messages(page).last();
    await message.getByText(/^Ready: 0:1\d, \d+ moments?$/u).waitFor();
    expect(await chip(page).count()).toBe(0);
    await message.getByText("Everyone in this workspace can find it.").waitFor();
  });

  it("one that is dropped or pasted is taken too, and what is neither picture nor video is not", async () => {
    const page = await tabs.open(atelier.url, { name: "ana", channel: "dropped" });
    const bytes = (await readFile(path)).toString("base64");
    const transfer = await page.evaluateHandle(`(() => {
      const data = new DataTransfer();
      const film = Uint8Array.from(atob("${bytes}"), (sign) => sign.charCodeAt(0));
      data.items.add(new File([film], "dropped.webm", { type: "video/webm" }));
      return data;
    })()`);
    await page.dispatchEvent("body", "drop", { dataTransfer: transfer });
    await chip(page).getByText("dropped.webm", { exact: true }).waitFor();
    await messageBox(page).press("Enter");
    await note(page).getByText("Write what to do with the video, such as /addvideo.").waitFor();
    await page.locator("input[type=file]").setInputFiles({
      name: "notes.txt",
      mimeType: "text/plain",
      buffer: Buffer.from("notes"),
    });
    await note(page).getByText("“notes.txt” is neither a picture nor a video.").waitFor();
    await page.getByRole("button", { name: "Remove dropped.webm" }).click();
    expect(await chip(page).count()).toBe(0);
  });

  it("shows a moment that was found below its frame, plays it from there, and restyles it", {
    timeout: 120_000,
  }, async () => {
    const page = await tabs.open(atelier.url, { name: "ana", channel: "moments" });
    const park = new URL("../../infra/demo/videos/a-day-in-the-park.mp4", import.meta.url);
    await page.locator("input[type=file]").setInputFiles({
      name: "park.webm",
      mimeType: "video/webm",
      buffer: await forBrowsers(fileURLToPath(park), 12),
    });
    await send(page, "/addvideo --title Park tour");
    await messages(page)
      .last()
      .getByText(/^Ready: 0:1\d, /u)
      .waitFor();
    await send(page, "/findframe a yellow flower --in Park tour --count 1");
    const found = messages(page).last();
    await found.locator("[data-picture=shown]").waitFor();
    const play = found.getByRole("button", { name: /^Play Park tour, 0:\d\d$/u });
    expect(await found.getByRole("link", { name: "Full resolution" }).count()).toBe(0);
    await play.click();
    await page.getByRole("dialog", { name: /^Video: Park tour/u }).waitFor();
    await expect.poll(() => film(page, "readyState"), { timeout: 10_000 }).toBeGreaterThan(1);
    const from = Number(/#t=([\d.]+)$/u.exec(String(await film(page, "currentSrc")))?.[1]);
    const at = Number(await film(page, "currentTime"));
    expect(at).toBeGreaterThanOrEqual(from);
    expect(at).toBeLessThan(from + 10);
    expect(await film(page, "paused")).toBe(false);
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });

    await found.getByRole("button", { name: /^Open large: / }).click();
    await page.getByRole("button", { name: "Play from here" }).click();
    await page.getByRole("dialog", { name: /^Video: / }).waitFor();
    await page.keyboard.press("Escape");
    await found.getByRole("button", { name: "Restyle 1" }).click();
    await expect.poll(() => messageBox(page).inputValue()).toMatch(/^\/restyle --from \w+#1 -- $/u);
    await messageBox(page).pressSequentially("as ink");
    await messageBox(page).press("Enter");
    await messages(page)
      .last()
      .getByText(/^Park tour, 0:\d\d$/u)
      .waitFor();
  });

  it("plays where its link says, and Escape closes it", async () => {
    const page = await tabs.open(atelier.url, { name: "ana", channel: "player" });
    await attach(page);
    await send(page, "/addvideo --title Played");
    const message = messages(page).last();
    const play = message.getByRole("button", { name: /^Play (Played|Harbour tour)$/u });
    await play.click();
    const dialog = page.getByRole("dialog", { name: /^Video: / });
    await dialog.locator("video").waitFor();
    await expect.poll(() => film(page, "readyState"), { timeout: 10_000 }).toBeGreaterThan(1);
    expect(await film(page, "duration")).toBeGreaterThan(11);
    // The keyboard is on the video: its own keys work at once.
    expect(await film(page, "matches(':focus')")).toBe(true);
    await page.keyboard.press("Escape");
    await dialog.waitFor({ state: "detached" });
  });
});
