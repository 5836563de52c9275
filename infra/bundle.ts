import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { bundleImage } from "./bundle/image-bundle.ts";
import { repositoryRoot } from "./bundle/options.ts";
import { bundleWebhook } from "./bundle/webhook-bundle.ts";
import { zippedSizeBytes } from "./bundle/zipped-size.ts";

/**
 * `npm run bundle`: makes what is deployed. `dist/webhook` is the webhook function's zip before it
 * is zipped, `dist/image` the folder of which Docker builds everything else; beside each lies
 * esbuild's account of what went in.
 */
const dist = join(repositoryRoot, "dist");
for (const [name, bundle] of Object.entries({ webhook: bundleWebhook, image: bundleImage })) {
  const outdir = join(dist, name);
  const metafile = await bundle(outdir);
  await writeFile(join(dist, `${name}.meta.json`), JSON.stringify(metafile));
  const megabytes = (await zippedSizeBytes(outdir)) / 1_000_000;
  process.stdout.write(`dist/${name}: ${megabytes.toFixed(2)} MB zipped\n`);
}
