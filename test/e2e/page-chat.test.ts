import { beforeAll, describe, expect, it } from "vitest";
import { chromiumIsInstalled } from "../servers/chromium.ts";
import { type AtelierProcess, atelierProcesses, START_TIMEOUT_MS } from "./atelier-process.ts";
import { draw, inChromium, messageBox, messages, note, send, shownPictures } from "./browser.ts";
import { chromiumTabs } from "./chromium-tabs.ts";

const processes = atelierProcesses();

describe.skipIf(!chromiumIsInstalled())(inChromium("the page in Chromium"), () => {
  const tabs = chromiumTabs();
  let atelier: AtelierProcess;
  beforeAll(async () => {
    atelier = await processes.start();
  }, START_TIMEOUT_MS);

  it("offers examples in an empty channel, which draw when they are sent", async () => {
    const page = await tabs.open(atelier.url, { channel: "empty" });
    const examples = page.getByRole("list", { name: "Examples" }).getByRole("button");
    const [first = "", ...others] = await examples.allTextContents();
    expect(others).toHaveLength(2);
    expect(first).toMatch(/^\/imagine \w/u);
    // As soon as there are videos, one of them looks for a moment.
    for (const example of others) expect(example).toMatch(/^\/(?:imagine|findframe) \w/u);
    await examples.first().click();
    expect(await messageBox(page).inputValue()).toBe(first);
    await messageBox(page).press("Enter");
    await shownPictures(messages(page).first());
    expect(await page.locator(".empty").count()).toBe(0);
  });

  it("shows the picture of what was asked for, and Re-roll gives a different one", async () => {
    const page = await tabs.open(atelier.url, { name: "ana", channel: "first" });
    const first = await draw(page, "/imagine a red fox in the snow --ar 16:9 --seed 7");
    expect(await messageBox(page).inputValue()).toBe("");
    expect(await first.locator(".card-caption").textContent()).toBe("a red fox in the snow");
    const picture = first.getByRole("img");
    expect(await picture.getAttribute("alt")).toContain("a red fox in the snow");
    const box = await picture.boundingBox();
    expect((box?.width ?? 0) / (box?.height ?? 1)).toBeCloseTo(16 / 9, 1);

    await first.getByRole("button", { name: "Re-roll" }).click();
    const second = await shownPictures(messages(page).nth(1));
    const bytesOf = async (message: typeof first) => {
      const link = message.getByRole("link", { name: "Full resolution" });
      return Buffer.from(
        await (await fetch((await link.getAttribute("href")) ?? "")).arrayBuffer(),
      );
    };
    expect((await bytesOf(first)).equals(await bytesOf(second))).toBe(false);
    // Whoever cannot see it hears of it, and the whole conversation is not read out again.
    expect(await page.locator("[data-announcer]").textContent()).toMatch(
      /^ana.*: 1 picture\. a red/u,
    );
  });

  it("has everything again after a reload, and the old buttons work", async () => {
    const page = await tabs.open(atelier.url, { name: "ana", channel: "reload" });
    await draw(page, "/imagine a castle --seed 4");
    await page.reload();
    const message = await shownPictures(messages(page).first());
    await page.getByRole("button", { name: "Change your name: ana" }).waitFor();
    await message.getByRole("button", { name: "Info" }).click();
    const info = messages(page).nth(1);
    await info.getByText("Only you see this").waitFor();
    expect(await info.locator("code").textContent()).toMatch(/^\/imagine a castle .*--seed 4/u);
    await message.getByRole("button", { name: "Edit" }).click();
    await expect.poll(() => messageBox(page).inputValue()).toMatch(/^\/imagine a castle /u);
  });

  it("shows text as text, whatever it looks like", async () => {
    const page = await tabs.open(atelier.url, { name: "ana", channel: "markup" });
    const nasty = `<img src=x onerror="alert(1)"><script>alert(2)</script> & **bold** "fox"`;
    let dialogs = 0;
    page.on("dialog", (dialog) => {
      dialogs += 1;
      void dialog.dismiss();
    });
    const message = await draw(page, `/imagine -- ${nasty}`);
    expect(await message.locator(".card-caption").textContent()).toBe(nasty);
    expect(await message.locator(".message-text").textContent()).toBe(`/imagine -- ${nasty}`);
    expect(await message.getByRole("img").getAttribute("alt")).toContain("<script>alert(2)");
    await message.getByRole("button", { name: "Info" }).click();
    await messages(page).nth(1).locator("code").waitFor();
    expect(await page.locator("script").count()).toBe(1);
    expect(dialogs).toBe(0);
  });

  it("answers bad input with a sentence, and gives the text back to correct it", async () => {
    const page = await tabs.open(atelier.url, { name: "ana", channel: "bad" });
    for (const [text, sentence] of [
      ["/imagine a fox --ar 17:4", /^--ratio is one of 1:1, 16:9, /u],
      ["/imagine", /^Add what to draw, as in /u],
      ["/imagin a fox", "There is no command /imagin. Did you mean /imagine?"],
      ["/restyle in blue", /^There is no picture here yet to restyle\. Attach one, /u],
      ["hello there", /^Commands start with a slash, such as /u],
    ] as const) {
      // A refusal is a 400, which Chromium also writes to the console.
      tabs.expectProblem(/status of 400 .*\/api\/commands/u);
      const before = await messages(page).count();
      await send(page, text);
      const problem = note(page).locator(".problem");
      const failed = messages(page).nth(before);
      await problem.or(failed.locator(".failure p")).waitFor();
      if ((await failed.count()) > 0) {
        expect(await failed.locator(".failure p").textContent()).toMatch(sentence);
        await failed.getByRole("button", { name: "Edit and try again" }).click();
      } else {
        expect(await problem.textContent()).toMatch(sentence);
        expect(await messageBox(page).getAttribute("aria-invalid")).toBe("true");
      }
      await expect.poll(() => messageBox(page).inputValue()).toBe(text);
    }
  });
});
