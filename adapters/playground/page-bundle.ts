import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { build, stop } from "esbuild";

const folder = fileURLToPath(new URL("./page/", import.meta.url));

const { outputFiles } = await build({
  absWorkingDir: folder,
  entryPoints: [
    { in: "main.tsx", out: "page" },
    { in: "page.css", out: "page" },
  ],
  bundle: true,
  minify: true,
  write: false,
  outdir: "/assets",
  format: "esm",
  target: "es2022",
  legalComments: "none",
  logLevel: "silent",
});
// The bundler is a child process that would stay in memory. Stopping it leaves other builds under
// way without an answer, so this is a module, which runs once, and not a function.
await stop();

const mediaTypes = { js: "text/javascript; charset=utf-8", css: "text/css; charset=utf-8" };
const bundled = outputFiles.map(({ path, contents }) => {
  const kind = path.endsWith(".css") ? "css" : "js";
  return [`/assets/page.${kind}`, { body: contents, mediaType: mediaTypes[kind] }] as const;
});

const page = {
  body: await readFile(`${folder}index.html`),
  mediaType: "text/html; charset=utf-8",
};

/** What the browser loads, by path. */
export const pageAssets: ReadonlyMap<string, { body: Uint8Array; mediaType: string }> = new Map([
  ["/", page],
  ["/preview/:id", page],
  ["/assets/icon.svg", { body: await readFile(`${folder}icon.svg`), mediaType: "image/svg+xml" }],
  ...bundled,
]);
