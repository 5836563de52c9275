import { writeFile } from "node:fs/promises";
import { renderManifest } from "./render-manifest.ts";

/**
 * `npm run manifest`: writes `manifest.yml`. With an address, `npm run manifest -- https://…`
 * prints the manifest of an app that Slack calls there over HTTP instead.
 */
const [publicUrl] = process.argv.slice(2);
if (publicUrl === undefined) {
  await writeFile(new URL("../manifest.yml", import.meta.url), renderManifest());
} else if (URL.canParse(publicUrl) && new URL(publicUrl).protocol === "https:") {
  process.stdout.write(renderManifest(publicUrl));
} else {
  process.stderr.write(
    "Give the address that Slack reaches, such as https://atelier.example.com\n",
  );
  process.exitCode = 1;
}
