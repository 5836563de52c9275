import { beforeAll, describe, expect, it } from "vitest";
import { chromiumIsInstalled } from "../servers/chromium.ts";
import { type AtelierProcess, atelierProcesses, START_TIMEOUT_MS } from "./atelier-process.ts";
import { draw, inChromium, messageBox, messages, send, shownPictures } from "./browser.ts";
import { chromiumTabs } from "./chromium-tabs.ts";
import { auditPage } from "./page-audit.ts";

const processes = atelierProcesses();

describe.skipIf(!chromiumIsInstalled())(inChromium("the page in Chromium for everyone"), () => {
  const tabs = chromiumTabs();
  let atelier: AtelierProcess;
  beforeAll(async () => {
    atelier = await processes.start();
  }, START_TIMEOUT_MS);

  it.each(["light", "dark"] as const)(
    "everything has a name, every picture a text, and every text contrast, in %s",
    { timeout: 90_000 },
    async (colorScheme) => {
      const channel = `audit-${colorScheme}`;
      const page = await tabs.open(atelier.url, { name: "ana", channel, colorScheme });
      expect(await auditPage(page)).toEqual([]);
      await draw(page, "/imagine a fox");
      const four = await draw(page, "/imagine a lighthouse --count 4", 4);
      await send(page, "/show nosuchjob000");
      await messages(page).nth(2).getByRole("button", { name: "Edit and try again" }).waitFor();
      await four.getByRole("button", { name: "Info" }).click();
      await messages(page).nth(3).getByRole("button", { name: "Copy" }).waitFor();
      await four.getByRole("button", { name: "Delete" }).click();
      expect(await auditPage(page)).toEqual([]);

      await messageBox(page).fill("/");
      await page.getByRole("listbox").waitFor();
      await messageBox(page).press("ArrowDown");
      expect(await auditPage(page)).toEqual([]);
      await messageBox(page).fill("");
      await page.locator("input[type=file]").setInputFiles({
        name: "fake.png",
        mimeType: "image/png",
        buffer: Buffer.from("no picture"),
      });
      tabs.expectProblem(/status of 400 .*\/api\/attachments/u);
      await page.locator(".chip[data-status=failed]").waitFor();
      await page.getByRole("button", { name: /^Change your name/u }).click();
      await page.getByRole("textbox", { name: "Your name" }).fill("<");
      expect(await auditPage(page)).toEqual([]);
      await page.keyboard.press("Escape");

      await four.getByRole("button", { name: /^Open picture 1 of 4/u }).click();
      await page.getByRole("dialog").locator("[data-picture=shown]").waitFor();
      expect(await auditPage(page)).toEqual([]);
    },
  );

  it("the audit sees what is wrong", async () => {
    const page = await tabs.open(atelier.url, { name: "ana", channel: "audit-itself" });
    await page.evaluate(`document.querySelector(".empty").innerHTML =
      '<button type="button"></button><img src="/assets/icon.svg"><p id="pale">pale</p>';
      document.querySelector("#pale").style.color = "rgb(150 150 150)"`);
    const found = await auditPage(page);
    expect(found).toEqual([
      expect.stringMatching(/^a button without a name/u),
      expect.stringMatching(/^a image without a name/u),
      expect.stringMatching(/^contrast 2\.\d\d of “pale”$/u),
    ]);
  });

  it("can be used with the keyboard alone", { timeout: 60_000 }, async () => {
    const page = await tabs.open(atelier.url, { name: "ana", channel: "keyboard" });
    const { keyboard } = page;
    const focused = () => page.evaluate<string>("document.activeElement.textContent");
    const tabTo = async (name: string | RegExp) => {
      for (let tries = 0; tries < 30; tries += 1) {
        await keyboard.press("Tab");
        if (new RegExp(name, "u").test(await focused())) return;
      }
      throw new Error(`The Tab key does not lead to ${name}.`);
    };
    // The slash leads to the input from anywhere; arrows choose, Tab completes, Enter sends.
    await keyboard.press("/");
    await expect.poll(() => messageBox(page).inputValue()).toBe("/");
    await keyboard.press("ArrowDown");
    await keyboard.press("ArrowDown");
    await keyboard.press("ArrowUp");
    await keyboard.press("ArrowUp");
    const active = await messageBox(page).getAttribute("aria-activedescendant");
    const option = page.locator(`#${active}`);
    expect(await option.getAttribute("aria-selected")).toBe("true");
    expect(await option.textContent()).toContain("/imagine");
    await keyboard.press("Tab");
    expect(await messageBox(page).inputValue()).toBe("/imagine ");
    await keyboard.type("a lighthouse --count 4");
    await keyboard.press("Escape");
    await keyboard.press("Enter");
    await shownPictures(messages(page).first(), 4);

    await keyboard.press("Shift+Tab");
    await page.locator("h1").evaluate((heading) => heading.ownerDocument.activeElement.blur());
    await tabTo("^Open picture 2 of 4");
    await keyboard.press("Enter");
    const dialog = page.getByRole("dialog");
    await page.getByRole("dialog", { name: "Picture 2 of 4" }).waitFor();
    await keyboard.press("ArrowRight");
    await page.getByRole("dialog", { name: "Picture 3 of 4" }).waitFor();
    await keyboard.press("ArrowLeft");
    await keyboard.press("ArrowLeft");
    await page.getByRole("dialog", { name: "Picture 1 of 4" }).waitFor();
    // The focus stays inside while it is open, and returns to where it came from.
    for (let presses = 0; presses < 8; presses += 1) {
      await keyboard.press("Tab");
      const isOutside = "document.activeElement.closest('.app > :not(dialog)') !== null";
      expect(await page.evaluate(isOutside)).toBe(false);
    }
    await keyboard.press("Escape");
    await dialog.waitFor({ state: "detached" });
    expect(await focused()).toMatch(/^Open picture 2 of 4/u);

    await tabTo("^Re-roll$");
    const outline = await page.evaluate<string>(
      "getComputedStyle(document.activeElement).outlineStyle",
    );
    expect(outline).toBe("solid");
    await keyboard.press("Enter");
    await shownPictures(messages(page).nth(1), 4);
    expect(await focused()).toBe("Re-roll");
  });
});
