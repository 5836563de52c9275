import { join } from "node:path";
import type { BuildOptions } from "esbuild";

/** Where package.json is. */
export const repositoryRoot = join(import.meta.dirname, "../..");

/**
 * What both artefacts are made with. Flat, since workers are started from files beside the code
 * that starts them, and models are read from there. Names are kept, so that a stack in the log
 * says where it was.
 */
export const bundleOptions = {
  absWorkingDir: repositoryRoot,
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  // Lambda runs 22; tests run the bundles on whatever runs them.
  target: "node20.19",
  outExtension: { ".js": ".mjs" },
  chunkNames: "[name]-[hash]",
  // Packages as modules where they have them: of those, what is unused is left out.
  mainFields: ["module", "main"],
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: "none",
  metafile: true,
  logLevel: "warning",
  // CommonJS packages require Node's own modules.
  banner: {
    js: 'import{createRequire as bundledRequire}from"node:module";const require=bundledRequire(import.meta.url);',
  },
} as const satisfies BuildOptions;
