import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, expect } from "vitest";
import { launchChromium, newTab, type TabOptions, visit } from "./browser.ts";

/**
 * To call once in a suite. Tabs are closed after their test, and a test fails on whatever a tab
 * wrote to the console as an error meanwhile: exceptions, what the content policy refused, files
 * that are missing.
 */
export function chromiumTabs() {
  let launched: Promise<Browser> | undefined;
  const opened = new Set<BrowserContext>();
  const problems: string[] = [];
  const expected: RegExp[] = [];

  function watch(page: Page): void {
    page.on("pageerror", (error) => problems.push(String(error)));
    page.on("console", (message) => {
      if (message.type() !== "error" && message.type() !== "warning") return;
      problems.push(`${message.text()} (${message.location().url})`);
    });
  }

  afterEach(async () => {
    await Promise.all([...opened].map((context) => context.close()));
    opened.clear();
    const unexpected = problems.filter((text) => !expected.some((each) => each.test(text)));
    problems.length = 0;
    expected.length = 0;
    expect(unexpected).toEqual([]);
  });
  afterAll(async () => {
    await (await launched)?.close();
  });

  return {
    /** Opens the page of a running Atelier. */
    async open(url: string, options: TabOptions = {}): Promise<Page> {
      launched ??= launchChromium();
      const page = await newTab(await launched, options);
      opened.add(page.context());
      watch(page);
      await visit(page, url, options);
      return page;
    },
    /** What this test brings about on purpose, such as a picture that is gone. */
    expectProblem: (pattern: RegExp): void => void expected.push(pattern),
  };
}
