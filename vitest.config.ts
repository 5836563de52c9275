import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { defineConfig } from "vitest/config";
import { LongestFirst } from "./test/longest-first.ts";

/** Files of tests that load a function's entry: it keeps what it opened at its first event. */
function withEntries(folder: string): string[] {
  const names = readdirSync(join(import.meta.dirname, folder));
  return names
    .filter((name) => name.endsWith(".test.ts"))
    .map((name) => `${folder}/${name}`)
    .filter((path) => {
      const text = readFileSync(join(import.meta.dirname, path), "utf8");
      return /(?:from |import\()"[./]+infra\/lambda\//u.test(text);
    });
}
const alone = ["test/contract", "test/e2e"].flatMap(withEntries);

/**
 * The other files share processes, and the modules in them: to load these anew for each file would
 * take a fifth of the processor time. Modules keep no state, so that nothing passes between files.
 */
const together = {
  exclude: alone,
  isolate: false,
  setupFiles: "test/fixtures/own-process.ts",
};

// CI has two cores.
export default defineConfig({
  test: {
    // The SDK's versions are pinned; its call for a newer Node would drown the output.
    env: { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true" },
    testTimeout: 30_000,
    hookTimeout: 120_000,
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        extends: true,
        test: {
          ...together,
          name: "e2e",
          include: ["test/e2e/**/*.test.ts"],
          globalSetup: "test/e2e/server-bundle.ts",
          // Much of their time they wait, as a person would.
          maxWorkers: 3,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          ...together,
          name: "parts",
          include: ["test/{contract,unit}/**/*.test.ts"],
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: "alone",
          include: alone,
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
