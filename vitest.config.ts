import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/{unit,contract,e2e}/**/*.test.ts"],
    // The SDK's versions are pinned; its call for a newer Node would drown the output.
    env: { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true" },
    testTimeout: 30_000,
    hookTimeout: 120_000,
    // Two at a time: the suites start servers of their own, and CI has two cores.
    maxWorkers: 2,
  },
});
