import { mkdtemp, readFile, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build, type Plugin } from "esbuild";
import type { TestProject } from "vitest/node";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** What infra and adapters read from beside themselves stays where it is. */
const whereItWas: Plugin = {
  name: "where-it-was",
  setup({ onLoad }) {
    onLoad({ filter: /[/](?:infra|adapters)[/].*\.ts$/ }, async ({ path }) => {
      const text = await readFile(path, "utf8");
      const contents = text
        .replaceAll("import.meta.url", JSON.stringify(pathToFileURL(path).href))
        .replaceAll("import.meta.dirname", JSON.stringify(dirname(path)));
      return { contents, loader: "ts" };
    });
  },
};

/**
 * Before the end-to-end tests: makes the one process as plain JavaScript, which starts in half of
 * the processor time that reading the sources through tsx takes.
 */
export async function setup({ provide }: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), "atelier-server-"));
  await symlink(join(root, "node_modules"), join(folder, "node_modules"));
  await build({
    absWorkingDir: root,
    entryPoints: {
      server: "infra/server.ts",
      // Threads are started from files beside the code that starts them.
      "embedding-worker": "src/drivers/onnx/embedding-worker.ts",
      "scan-thread-entry": "src/drivers/usearch/scan-thread-entry.ts",
    },
    outdir: folder,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    splitting: true,
    packages: "external",
    format: "esm",
    platform: "node",
    target: "node20.19",
    keepNames: true,
    logLevel: "warning",
    plugins: [whereItWas],
  });
  provide("bundledServer", join(folder, "server.mjs"));
  return () => rm(folder, { recursive: true, force: true });
}

declare module "vitest" {
  interface ProvidedContext {
    /** The entry of the one process, bundled. */
    bundledServer: string;
  }
}
