import sharp from "sharp";
import { beforeAll, describe, expect, it } from "vitest";
import type { CommandView } from "../../adapters/playground/job-view.ts";
import { chromiumIsInstalled } from "../servers/chromium.ts";
import { type AtelierProcess, atelierProcesses, START_TIMEOUT_MS } from "./atelier-process.ts";
import { draw, inChromium, messageBox, messages, note, send, shownPictures } from "./browser.ts";
import { chromiumTabs } from "./chromium-tabs.ts";

const processes = atelierProcesses();

async function photo(red: number, name = `photo-${red}.png`) {
  const create = {
    width: 160,
    height: 120,
    channels: 3 as const,
    background: { r: red, g: 90, b: 40 },
  };
  return { name, mimeType: "image/png", buffer: await sharp({ create }).png().toBuffer() };
}

/** The bytes as a browser's script writes them. */
const bytesOf = ({ buffer }: { buffer: Buffer }) => `new Uint8Array([${[...buffer].join()}])`;

describe.skipIf(!chromiumIsInstalled())(inChromium("the input of the page in Chromium"), () => {
  const tabs = chromiumTabs();
  let atelier: AtelierProcess;
  beforeAll(async () => {
    atelier = await processes.start();
  }, START_TIMEOUT_MS);

  it("lists the commands with their options and help when a slash is typed", async () => {
    const page = await tabs.open(atelier.url);
    await messageBox(page).pressSequentially("/");
    const options = page.getByRole("listbox", { name: "Commands" }).getByRole("option");
    const shown = await options.allTextContents();
    const commands = (await (await atelier.request("/api/commands")).json()) as CommandView[];
    expect(shown).toHaveLength(commands.length);
    for (const [index, command] of commands.entries()) {
      expect(shown[index]).toContain(`/${command.name}`);
      expect(shown[index]).toContain(command.description);
      for (const { name, type } of command.options) {
        // Pictures are attached.
        if (type === "image") expect(shown[index]).not.toContain(`--${name}`);
        else expect(shown[index]).toContain(name);
      }
    }
    await messageBox(page).pressSequentially("im");
    expect(await options.count()).toBe(1);
    await messageBox(page).press("Enter");
    expect(await messageBox(page).inputValue()).toBe("/imagine ");
    await page.getByRole("option", { name: /^--ratio/u }).waitFor();
    await messageBox(page).pressSequentially("a fox --ar ");
    await page.getByRole("option", { name: "16:9" }).click();
    expect(await messageBox(page).inputValue()).toBe("/imagine a fox --ar 16:9 ");
    await messageBox(page).press("Escape");
    expect(await page.getByRole("listbox").count()).toBe(0);
    expect(await messages(page).count()).toBe(0);
  });

  it("walks through what was sent with the arrow keys", async () => {
    const page = await tabs.open(atelier.url, { name: "ana", channel: "history" });
    await send(page, "/help");
    await send(page, "/help imagine");
    await messages(page).nth(1).locator(".card").waitFor();
    const input = messageBox(page);
    const values: string[] = [];
    for (const key of ["ArrowUp", "ArrowUp", "ArrowUp", "ArrowDown", "ArrowDown"]) {
      await input.press(key);
      values.push(await input.inputValue());
    }
    expect(values).toEqual(["/help imagine", "/help", "/help", "/help imagine", ""]);
    // A draft is not lost to them.
    await input.fill("a draft");
    await input.press("ArrowUp");
    expect(await input.inputValue()).toBe("a draft");
    await page.reload();
    await page.locator("[role=log][aria-busy=false]").waitFor();
    await input.press("ArrowUp");
    expect(await input.inputValue()).toBe("/help imagine");
  });

  it("restyles a picture that was attached with the button", async () => {
    const page = await tabs.open(atelier.url, { name: "ana", channel: "button" });
    const choosing = page.waitForEvent("filechooser");
    await page.getByRole("button", { name: "Attach pictures or a video" }).click();
    await (await choosing).setFiles(await photo(200));
    await page.locator(".chip[data-status=ready]").waitFor();
    const message = await draw(page, "/restyle as a watercolor");
    expect(await page.locator(".chip").count()).toBe(0);
    const box = await message.getByRole("img").boundingBox();
    expect((box?.width ?? 0) / (box?.height ?? 1)).toBeCloseTo(4 / 3, 1);
  });

  it("restyles a picture of the channel with its button", async () => {
    const page = await tabs.open(atelier.url, { name: "ana", channel: "restyle" });
    const first = await draw(page, "/imagine a horse on a hill --ar 16:9");
    await first.getByRole("button", { name: "Restyle" }).click();
    // Typed on at once, as quick fingers do.
    await page.keyboard.type("as pixel art");
    const text = await messageBox(page).inputValue();
    expect(text).toMatch(/^\/restyle --from [0-9a-z]+#1 -- as pixel art$/u);
    await messageBox(page).press("Enter");
    const restyled = await shownPictures(messages(page).nth(1));
    expect(await restyled.locator(".card-caption").textContent()).toBe("as pixel art");
  });

  it("takes pictures that are dropped and pasted, and lets one take them away again", async () => {
    const page = await tabs.open(atelier.url, { name: "ana", channel: "drop" });
    const transfer = await page.evaluateHandle(
      `(() => {
        const transfer = new DataTransfer();
        transfer.items.add(new File([${bytesOf(await photo(10))}], "photo-10.png", { type: "image/png" }));
        transfer.items.add(new File([${bytesOf(await photo(20))}], "photo-20.png", { type: "image/png" }));
        return transfer;
      })()`,
    );
    const log = page.getByRole("log");
    await log.dispatchEvent("dragenter", { dataTransfer: transfer });
    await page.getByText("Drop pictures or a video to attach them").waitFor();
    await log.dispatchEvent("drop", { dataTransfer: transfer });
    const ready = page.locator(".chip[data-status=ready]");
    await expect.poll(() => ready.count()).toBe(2);
    expect(await page.getByText("Drop pictures or a video to attach them").count()).toBe(0);

    // Through the real clipboard.
    await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
    await page.evaluate(
      `navigator.clipboard.write([new ClipboardItem({
        "image/png": new Blob([${bytesOf(await photo(30))}], { type: "image/png" }),
      })])`,
    );
    for (const count of [3, 4]) {
      await messageBox(page).press("Control+v");
      await expect.poll(() => ready.count()).toBe(count);
    }
    await messageBox(page).press("Control+v");
    await expect.poll(() => note(page).textContent()).toBe("At most 4 files go with one message.");
    for (let left = 4; left > 1; left -= 1) {
      await page
        .getByRole("button", { name: /^Remove /u })
        .last()
        .click();
    }
    expect(await ready.locator(".chip-name").allTextContents()).toEqual(["photo-10.png"]);
    await draw(page, "/restyle in blue");
  });

  it("says what is wrong with a file that is no picture, and sends nothing with it", async () => {
    const page = await tabs.open(atelier.url, { name: "ana", channel: "no-picture" });
    tabs.expectProblem(/status of 400 .*\/api\/attachments/u);
    // The preview cannot show it either.
    tabs.expectProblem(/blob:/u);
    const picker = page.locator("input[type=file]");
    await picker.setInputFiles({
      name: "notes.txt",
      mimeType: "text/plain",
      buffer: Buffer.from("hi"),
    });
    expect(await note(page).textContent()).toMatch(/notes\.txt.* WebM or MKV\.$/u);
    await picker.setInputFiles({
      name: "IMG_1.HEIC",
      mimeType: "",
      buffer: Buffer.from("hi"),
    });
    expect(await note(page).textContent()).toBe(
      "HEIC pictures must be converted first, for example by exporting them as JPEG.",
    );
    expect(await picker.getAttribute("accept")).not.toMatch(/hei[cf]/u);
    expect(await page.locator(".chip").count()).toBe(0);

    await picker.setInputFiles({
      name: "fake.png",
      mimeType: "image/png",
      buffer: Buffer.from("hi"),
    });
    const chip = page.locator(".chip[data-status=failed]");
    await chip.waitFor();
    expect(await chip.locator(".chip-status").textContent()).toMatch(/not a picture I can read/u);
    await send(page, "/restyle in blue");
    expect(await note(page).textContent()).toContain("“fake.png” was not uploaded. Remove it");
    expect(await messageBox(page).inputValue()).toBe("/restyle in blue");
    expect(await messages(page).count()).toBe(0);
  });
});
