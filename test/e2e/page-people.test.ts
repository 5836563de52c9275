import { beforeAll, describe, expect, it } from "vitest";
import { chromiumIsInstalled } from "../servers/chromium.ts";
import { type AtelierProcess, atelierProcesses, START_TIMEOUT_MS } from "./atelier-process.ts";
import { draw, inChromium, messageBox, messages, rename, send, shownPictures } from "./browser.ts";
import { chromiumTabs } from "./chromium-tabs.ts";

const processes = atelierProcesses();

describe.skipIf(!chromiumIsInstalled())(inChromium("people on the page in Chromium"), () => {
  const tabs = chromiumTabs();
  let atelier: AtelierProcess;
  beforeAll(async () => {
    atelier = await processes.start();
  }, START_TIMEOUT_MS);

  it("two tabs of one browser are two people who see the same channel live", async () => {
    const one = await tabs.open(atelier.url, { channel: "tabs" });
    const two = await tabs.open(atelier.url, { channel: "tabs", beside: one });
    const nameIn = (page: typeof one) => page.locator(".person-name").textContent();
    const [first, second] = [await nameIn(one), await nameIn(two)];
    expect(first).toMatch(/^\w+ \w+$/u);
    expect(second).not.toBe(first);

    await draw(one, "/imagine a boat at sunset");
    const seen = await shownPictures(messages(two).first());
    expect(await seen.locator(".message-user").textContent()).toBe(first);
    expect(await seen.getAttribute("data-own")).toBe("false");
    await seen.getByRole("button", { name: "Vary" }).click();
    const varied = await shownPictures(messages(one).nth(1), 4);
    expect(await varied.locator(".message-user").textContent()).toBe(second);
    await shownPictures(messages(two).nth(1), 4);
    expect(await messages(one).count()).toBe(2);
    expect(await messages(two).count()).toBe(2);
  });

  it("a second tab gets a name of its own, whatever chance says", async () => {
    const one = await tabs.open(atelier.url, { name: "Lucky Lantern", channel: "chance" });
    // Half way through both lists of words stand these two.
    await one.context().addInitScript("Math.random = () => 0.5");
    const two = await tabs.open(atelier.url, { channel: "chance", beside: one });
    expect(await two.locator(".person-name").textContent()).toMatch(/^Lucky (?!Lantern)\w+$/u);
  });

  it("a name can be changed, is kept after a reload, and a bad one gets a sentence", async () => {
    const page = await tabs.open(atelier.url, { channel: "names" });
    await page.getByRole("button", { name: /^Change your name/u }).click();
    const box = page.getByRole("textbox", { name: "Your name" });
    const problem = page.locator("#name-problem");
    const note = "Names here are no accounts: whoever uses yours sees what you keep private.";
    await page.getByText(note, { exact: true }).waitFor();
    const described = page.getByRole("form").and(page.locator(".person-form"));
    expect(await described.ariaSnapshot()).toContain(note);
    expect((await box.getAttribute("aria-describedby"))?.split(" ")).toContain("name-note");
    for (const [name, sentence] of [
      ["", "Write a name of 1 to 32 characters."],
      ["<b>", /^Begin with a letter or digit; then /u],
      ["ana/../ben", /^Begin with a letter or digit; then /u],
      ["a".repeat(33), /^That is 33 characters; a name has at most 32\.$/u],
    ] as const) {
      await box.fill(name);
      await expect.poll(() => problem.textContent()).toMatch(sentence);
      expect(await page.getByRole("button", { name: "Save" }).isDisabled()).toBe(true);
      await box.press("Enter");
      expect(await box.getAttribute("aria-invalid")).toBe("true");
    }
    await box.press("Escape");
    await rename(page, "Zoë_1.b");
    await page.reload();
    await page.getByRole("button", { name: "Change your name: Zoë_1.b" }).waitFor();
    const message = await draw(page, "/imagine a mushroom");
    expect(await message.locator(".message-user").textContent()).toBe("Zoë_1.b");
  });

  it("what one asks for in private is in no other tab", async () => {
    const ana = await tabs.open(atelier.url, { name: "ana", channel: "private" });
    const ben = await tabs.open(atelier.url, { name: "ben", channel: "private" });
    const secret = await draw(ana, "/imagine a surprise cake --private");
    await secret.getByText("Only you see this").waitFor();
    await send(ana, "/help");
    await messages(ana).nth(1).getByText("Only you see this").waitFor();
    await draw(ana, "/imagine an owl for everyone");
    await shownPictures(messages(ben).first());
    const seen = (await ben.getByRole("log").textContent()) ?? "";
    expect(seen).toContain("an owl for everyone");
    expect(seen).not.toMatch(/surprise|\/help/u);
    await ben.reload();
    await shownPictures(messages(ben).first());
    expect(await messages(ben).count()).toBe(1);
    // Once ben is ana, it is there.
    await rename(ben, "ana");
    await ben.getByText("a surprise cake", { exact: true }).waitFor();
  });

  it("a channel keeps to itself", async () => {
    const here = await tabs.open(atelier.url, { name: "ana", channel: "here" });
    const there = await tabs.open(atelier.url, { name: "ana", channel: "there" });
    await draw(here, "/imagine a fish");
    await draw(there, "/imagine a robot");
    expect(await messages(here).count()).toBe(1);
    expect(await there.locator(".channel").textContent()).toBe("#there");
  });

  it("who reads further up is not moved by news, and is told of them", async () => {
    const page = await tabs.open(atelier.url, { name: "ana", channel: "long" });
    for (const number of [1, 2, 3]) await draw(page, `/imagine tree ${number}`);
    const log = page.getByRole("log");
    await log.evaluate((element) => element.scrollTo(0, 100));
    await atelier.command("/imagine news from afar", { user: "ben", channel: "long" });
    await page.getByRole("button", { name: "New messages" }).click();
    await shownPictures(messages(page).nth(3));
    await expect.poll(() => page.getByRole("button", { name: "New messages" }).count()).toBe(0);
    const bottom = await messages(page)
      .nth(3)
      .getByRole("button", { name: "Delete" })
      .boundingBox();
    const input = await messageBox(page).boundingBox();
    expect((bottom?.y ?? 0) + (bottom?.height ?? 0)).toBeLessThan(input?.y ?? 0);
  });

  it("older messages come when one scrolls up to them, each once and without a jump", async () => {
    const channel = "older";
    for (let number = 1; number <= 33; number += 1) {
      await atelier.command(`/help ${number % 2 === 0 ? "imagine" : "show"}`, {
        user: "ana",
        channel,
      });
    }
    const page = await tabs.open(atelier.url, { name: "ana", channel });
    expect(await messages(page).count()).toBe(30);
    await page.getByRole("button", { name: "Show older" }).waitFor();
    const log = page.getByRole("log");
    await log.evaluate((element) => element.scrollTo(0, 0));
    await expect.poll(() => messages(page).count()).toBe(33);
    expect(await log.evaluate((element) => element.scrollTop)).toBeGreaterThan(100);
    const ids = await messages(page).evaluateAll((all) => all.map((each) => each.dataset.jobId));
    expect(new Set(ids).size).toBe(33);
    await expect.poll(() => page.getByRole("button", { name: "Show older" }).count()).toBe(0);
  });
});
