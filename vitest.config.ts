import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/{unit,contract,e2e}/**/*.test.ts"],
    testTimeout: 30_000,
    hookTimeout: 120_000,
    // Two at a time: the suites start servers of their own, and CI has two cores.
    maxWorkers: 2,
  },
});
