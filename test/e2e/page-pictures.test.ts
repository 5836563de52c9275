import { beforeAll, describe, expect, it } from "vitest";
import { chromiumIsInstalled } from "../servers/chromium.ts";
import { type AtelierProcess, atelierProcesses, START_TIMEOUT_MS } from "./atelier-process.ts";
import { draw, inChromium, messageBox, messages, shownPictures } from "./browser.ts";
import { chromiumTabs } from "./chromium-tabs.ts";

const processes = atelierProcesses();

describe.skipIf(!chromiumIsInstalled())(inChromium("pictures on the page in Chromium"), () => {
  const tabs = chromiumTabs();
  let atelier: AtelierProcess;
  beforeAll(async () => {
    atelier = await processes.start();
  }, START_TIMEOUT_MS);

  it("four stand two by two, each with a text of its own, and fit into the window", async () => {
    const page = await tabs.open(atelier.url, { name: "ana", channel: "grid" });
    const message = await draw(page, "/imagine a lighthouse at night --count 4 --seed 3", 4);
    const pictures = await message.getByRole("img").all();
    const boxes = await Promise.all(pictures.map((picture) => picture.boundingBox()));
    const [one, two, three, four] = boxes.map((box) => box ?? { x: 0, y: 0, width: 0, height: 0 });
    expect([two?.y, four?.y, three?.x, four?.x]).toEqual([one?.y, three?.y, one?.x, two?.x]);
    expect(two?.x).toBeGreaterThan((one?.x ?? 0) + (one?.width ?? 0));
    expect(three?.y).toBeGreaterThan((one?.y ?? 0) + (one?.height ?? 0));
    const alts = await Promise.all(pictures.map((picture) => picture.getAttribute("alt")));
    expect(new Set(alts).size).toBe(4);
    for (const alt of alts) expect(alt).toContain("a lighthouse at night");
    // The whole card is in view without scrolling.
    expect(one?.y).toBeGreaterThan(56);
    const input = await messageBox(page).boundingBox();
    const last = await message.getByRole("button", { name: "Delete" }).boundingBox();
    expect(last?.y).toBeLessThan(input?.y ?? 0);
  });

  it("opens large, one after the other, and restyles the one that is shown", async () => {
    const page = await tabs.open(atelier.url, { name: "ana", channel: "large" });
    const message = await draw(page, "/imagine a whale --count 4", 4);
    await message.getByRole("button", { name: /^Open picture 2 of 4 large: a whale/u }).click();
    const dialog = page.getByRole("dialog");
    await page.getByRole("dialog", { name: "Picture 2 of 4" }).waitFor();
    await dialog.locator("[data-picture=shown]").waitFor();
    const shown = await dialog.getByRole("img").boundingBox();
    const small = await message.locator("img").nth(1).boundingBox();
    expect(shown?.width).toBeGreaterThan(1.5 * (small?.width ?? 0));
    const alt = (await dialog.getByRole("img").getAttribute("alt")) ?? "";
    expect(await dialog.locator("figcaption").textContent()).toBe(alt);

    await dialog.getByRole("button", { name: "Next picture" }).click();
    await page.getByRole("dialog", { name: "Picture 3 of 4" }).waitFor();
    const link = dialog.getByRole("link", { name: "Full resolution" });
    const answer = await fetch((await link.getAttribute("href")) ?? "");
    expect([answer.status, answer.headers.get("Content-Type")]).toEqual([200, "image/jpeg"]);
    await dialog.getByRole("button", { name: "Restyle this" }).click();
    await dialog.waitFor({ state: "detached" });
    await expect.poll(() => messageBox(page).inputValue()).toMatch(/^\/restyle --from \w+#3 -- $/u);
  });

  it("full resolution opens a link that works, however short links live", async () => {
    const brief = await processes.start({ environment: { LINK_TTL_SECONDS: "2" } });
    const page = await tabs.open(brief.url, { name: "ana", channel: "brief" });
    const message = await draw(page, "/imagine a moth");
    const link = message.getByRole("link", { name: "Full resolution" });
    const before = (await link.getAttribute("href")) ?? "";
    await expect.poll(async () => (await fetch(before)).status, { timeout: 10_000 }).not.toBe(200);

    const following = page
      .context()
      .waitForEvent("response", (response) => response.request().isNavigationRequest());
    // As from the keyboard: no pointer comes near first.
    await link.evaluate((element) => element.click());
    const answer = await following;
    expect(answer.url()).toContain("/files/");
    expect([answer.status(), answer.url() === before]).toEqual([200, false]);
  });

  it("a picture that was deleted leaves a sentence in its place", async () => {
    const ana = await tabs.open(atelier.url, { name: "ana", channel: "deleted" });
    const ben = await tabs.open(atelier.url, { name: "ben", channel: "deleted" });
    const message = await draw(ana, "/imagine a snail --seed 2");
    await draw(ben, "/imagine a snail --seed 2");
    await shownPictures(messages(ben).first());

    // Only its owner may, and one press is not enough.
    await messages(ben).first().getByRole("button", { name: "Delete" }).dblclick();
    await messages(ben)
      .nth(2)
      .getByText(/^Only the person/u)
      .waitFor();
    const remove = message.getByRole("button", { name: /^Delete/u });
    await remove.click();
    expect(await remove.textContent()).toBe("Delete? Press again");
    expect(await message.locator("[data-picture=shown]").count()).toBe(1);
    await remove.click();
    for (const page of [ana, ben]) {
      const first = messages(page).first();
      await first.getByText("Deleted by the person who asked.").waitFor();
      await expect.poll(() => first.getByRole("img").count()).toBe(0);
      await expect.poll(() => first.getByRole("button").count()).toBe(0);
    }
    // Ben's card showed the same file, from the cache; who comes later cannot see it any more.
    tabs.expectProblem(/status of 404 .*\/files\//u);
    const carla = await tabs.open(atelier.url, { name: "carla", channel: "deleted" });
    const cached = messages(carla).nth(1);
    await cached.getByText("This picture was deleted or its link has expired.").waitFor();
    expect(await cached.getByRole("button", { name: "Info" }).count()).toBe(1);
    expect(await cached.getByRole("link", { name: "Full resolution" }).count()).toBe(0);
  });
});
