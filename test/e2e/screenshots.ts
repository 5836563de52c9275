import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { Browser, Locator, Page } from "playwright-core";
import sharp from "sharp";
import {
  draw,
  launchChromium,
  messageBox,
  messages,
  newTab,
  PHONE,
  type TabOptions,
  visit,
} from "./browser.ts";

/** `npm run screenshots`: two people use a new Atelier, and `docs/` gets the pictures of it. */
const DOCS = fileURLToPath(new URL("../../docs/", import.meta.url));
const SERVER = fileURLToPath(new URL("../../infra/server.ts", import.meta.url));
const DESKTOP = { width: 1280, height: 1000 };
/** Of Slack's conversation; high enough for a card with four pictures. */
const SLACK = { width: 720, height: 2000 };
const FOX = "/imagine a red fox in the snow at sunset --ar 16:9 --seed 7";
const LIGHTHOUSE = "/imagine a lighthouse at night --count 4 --seed 3";
/** Of the demo videos, which are there from the start. */
const FIND = "/findframe at night";
/** What ana writes behind the command that the Restyle button gives her. */
const RESTYLE = "as a watercolor at dawn";

async function startAtelier(folder: string) {
  const child = spawn(process.execPath, ["--no-warnings", "--import", "tsx", SERVER], {
    env: { ...process.env, DATA_DIR: folder, PORT: "0", IMAGE_MODEL: "sketch" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  for await (const line of createInterface({ input: child.stdout })) {
    const [url] = /http:\/\/127\.0\.0\.1:\d+/u.exec(line) ?? [];
    if (url === undefined) continue;
    const close = async () => {
      child.kill("SIGTERM");
      await once(child, "exit");
    };
    return { url, close };
  }
  throw new Error("Atelier did not start.");
}

/** Keeps what is in the window, or of a long page one element as a whole. */
async function keep(page: Page, name: string, element?: Locator): Promise<void> {
  // Nothing is pointed at, and no caret blinks into one picture and not into the next.
  await page.mouse.move(0, 0);
  // Loaded is not yet painted.
  await page.evaluate(`Promise.all([...document.images].map((image) => image.decode()))
    .then(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))))`);
  const taken = await (element ?? page).screenshot({ caret: "hide", animations: "disabled" });
  // 256 colours are enough for flat drawings, and a quarter of the size.
  const bytes = await sharp(taken).png({ palette: true, effort: 10 }).toBuffer();
  await writeFile(join(DOCS, name), bytes);
  process.stdout.write(`docs/${name}: ${Math.round(bytes.length / 1_000)} kB\n`);
}

async function open(browser: Browser, url: string, options: TabOptions): Promise<Page> {
  const page = await newTab(browser, { viewport: DESKTOP, ...options });
  await visit(page, url, options);
  return page;
}

/** Shows all that was loaded, with the message's upper edge at the top of the window. */
async function showMessage(page: Page, index: number): Promise<void> {
  await page.locator(".messages:not(:has([data-picture=loading]))").waitFor();
  await messages(page)
    .nth(index)
    .evaluate((message) => message.scrollIntoView({ block: "start" }));
  await page.getByRole("log").evaluate((log) => log.scrollBy(0, -16));
}

const folder = await mkdtemp(join(tmpdir(), "atelier-screenshots-"));
const atelier = await startAtelier(folder);
const browser = await launchChromium();
try {
  await mkdir(DOCS, { recursive: true });
  const ana = await open(browser, atelier.url, { name: "ana" });
  const ben = await open(browser, atelier.url, { name: "ben" });
  const fox = await draw(ana, FOX);
  await draw(ben, LIGHTHOUSE, 4);
  await fox.getByRole("button", { name: "Restyle" }).click();
  await ana.waitForFunction("document.activeElement.value?.endsWith('-- ')");
  await messageBox(ana).pressSequentially(RESTYLE);
  await draw(ana, await messageBox(ana).inputValue());

  await showMessage(ana, 0);
  await keep(ana, "playground.png");
  const dark = await open(browser, atelier.url, { name: "ben", colorScheme: "dark" });
  await showMessage(dark, 1);
  await keep(dark, "playground-dark.png");
  const phone = await open(browser, atelier.url, { name: "ana", viewport: PHONE });
  await showMessage(phone, 2);
  await keep(phone, "playground-phone.png");

  const opening = ben.context().waitForEvent("page");
  await messages(ben).nth(1).getByRole("link", { name: "As in Slack" }).click();
  const slack = await opening;
  await slack.setViewportSize(SLACK);
  const card = slack.locator(".slack-channel");
  await card.waitFor();
  await keep(slack, "slack-card.png", card);

  await messages(dark)
    .nth(1)
    .getByRole("button", { name: /Open picture 3 of 4/u })
    .click();
  await dark.getByRole("dialog").locator("[data-picture=shown]").waitFor();
  await keep(dark, "lightbox.png");

  const films = await open(browser, atelier.url, { name: "ana", channel: "films" });
  await draw(films, FIND, 3);
  await showMessage(films, 0);
  await keep(films, "findframe.png");
} finally {
  await browser.close();
  await atelier.close();
  await rm(folder, { recursive: true, force: true });
}
