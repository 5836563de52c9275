import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import {
  type ClipModelSettings,
  clipModelPath,
  DEMO_MODEL,
  pulledModelPath,
} from "../clip-models.ts";
import type { CatalogueModel } from "./model-catalogue.ts";

/** A line for each model: which answers, which is here and how large, which can be pulled. */
export async function listModels({
  settings,
  catalogue,
}: {
  settings: ClipModelSettings;
  catalogue: readonly CatalogueModel[];
}): Promise<string[]> {
  const { CLIP_MODEL, CLIP_MODEL_DIR, DATA_DIR } = settings;
  const folders = await readdir(pulledModelPath(DATA_DIR, ".")).catch(() => []);
  const here = folders.filter((name) => !name.startsWith("."));
  const own = here.filter((name) => !catalogue.some((each) => each.name === name));
  const rows = [
    { name: DEMO_MODEL, about: "Built in; knows a few dozen things." },
    ...catalogue.map(({ name, about }) => ({ name, about })),
    ...own.map((name) => ({ name, about: "" })),
  ];
  const width = Math.max(...rows.map(({ name }) => name.length));
  const lines = await Promise.all(
    rows.map(async ({ name, about }) => {
      const isHere = name === DEMO_MODEL || here.includes(name);
      const path = clipModelPath({ CLIP_MODEL: name, DATA_DIR });
      const state = isHere ? `${Math.ceil((await sizeOf(path)) / 1e6)} MB` : "not here";
      const isUsed = CLIP_MODEL_DIR === undefined && name === CLIP_MODEL;
      return `${isUsed ? "*" : " "} ${name.padEnd(width)}  ${state.padStart(8)}  ${about}`.trimEnd();
    }),
  );
  if (CLIP_MODEL_DIR !== undefined) lines.push(`* ${CLIP_MODEL_DIR} (CLIP_MODEL_DIR)`);
  return [...lines, "* answers now. npm run model -- pull <name> downloads one."];
}

async function sizeOf(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = entries.filter((entry) => entry.isFile());
  const sizes = await Promise.all(
    files.map(async (entry) => (await stat(join(entry.parentPath, entry.name))).size),
  );
  return sizes.reduce((total, size) => total + size, 0);
}
