import { existsSync } from "node:fs";

/** Debian's Chromium, or the browser that CHROMIUM_PATH names. */
export const chromiumPath = process.env.CHROMIUM_PATH ?? "/usr/bin/chromium";

/** Suites that need it say so in their name otherwise. */
export function chromiumIsInstalled(): boolean {
  return existsSync(chromiumPath);
}
