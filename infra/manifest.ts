import { writeFile } from "node:fs/promises";
import { renderManifest } from "./render-manifest.ts";

/**
 * `npm run manifest`: writes `manifest.yml`. With an address, `npm run -s manifest -- https://…`
 * prints the manifest of an app that Slack calls there over HTTP instead.
 */
const [publicUrl] = process.argv.slice(2);
if (publicUrl === undefined) {
  await writeFile(new URL("../manifest.yml", import.meta.url), renderManifest());
} else if (isServer(publicUrl)) {
  process.stdout.write(renderManifest(publicUrl));
} else {
  process.stderr.write(
    "Give the address that Slack reaches, such as https://atelier.example.com\n",
  );
  process.exitCode = 1;
}

/** The webhook's path is its own; one that the address brings along would be lost. */
function isServer(address: string): boolean {
  if (!URL.canParse(address)) return false;
  const { protocol, pathname, search } = new URL(address);
  return protocol === "https:" && pathname === "/" && search === "";
}
