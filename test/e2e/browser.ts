import { type Browser, chromium, type Locator, type Page } from "playwright-core";
import { chromiumIsInstalled, chromiumPath } from "../servers/chromium.ts";

const DESKTOP = { width: 1280, height: 900 };
export const PHONE = { width: 380, height: 780 };

export interface TabOptions {
  /** Absent: the tab keeps the name that it gives itself. */
  name?: string;
  channel?: string;
  colorScheme?: "light" | "dark";
  viewport?: { width: number; height: number };
  /** Opens next to this tab, in the same browser with the same storage. */
  beside?: Page;
}

/** The suite's name, with the reason where it is left out. */
export function inChromium(name: string): string {
  return chromiumIsInstalled() ? name : `${name} (left out: there is no Chromium)`;
}

/** Without a window, a profile of former runs, or calls to anybody but our own server. */
export function launchChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath: chromiumPath,
    headless: true,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}

/** A tab in a browser of its own, or beside another. */
export async function newTab(browser: Browser, options: TabOptions = {}): Promise<Page> {
  const { beside, colorScheme = "light", viewport = DESKTOP } = options;
  const context =
    beside?.context() ??
    (await browser.newContext({ colorScheme, viewport, reducedMotion: "reduce" }));
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  return page;
}

/** Opens Atelier's page and waits until it has shown the channel. */
export async function visit(page: Page, url: string, { name, channel }: TabOptions = {}) {
  await page.goto(channel === undefined ? url : `${url}/?channel=${channel}`);
  await page.locator("[role=log][aria-busy=false]").waitFor();
  if (name !== undefined) await rename(page, name);
}

export async function rename(page: Page, name: string): Promise<void> {
  await page.getByRole("button", { name: /^Change your name/u }).click();
  await page.getByRole("textbox", { name: "Your name" }).fill(name);
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByRole("button", { name: `Change your name: ${name}` }).waitFor();
  await page.locator("[role=log][aria-busy=false]").waitFor();
}

export const messageBox = (page: Page): Locator => page.getByRole("textbox", { name: "Message" });
export const note = (page: Page): Locator => page.locator("#composer-note");
export const messages = (page: Page): Locator => page.getByRole("log").locator("article");

/** Types a message and sends it as it is. */
export async function send(page: Page, text: string): Promise<void> {
  await messageBox(page).fill(text);
  await page.getByRole("button", { name: "Send" }).click();
}

/** Sends a command and waits until its pictures are shown. */
export async function draw(page: Page, text: string, count = 1): Promise<Locator> {
  const before = await messages(page).count();
  await send(page, text);
  return shownPictures(messages(page).nth(before), count);
}

/** Waits until a message shows so many pictures. */
export async function shownPictures(message: Locator, count = 1): Promise<Locator> {
  await message.and(message.page().locator("[data-status=done]")).waitFor();
  await message
    .locator("[data-picture=shown]")
    .nth(count - 1)
    .waitFor();
  return message;
}
