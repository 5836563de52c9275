import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { repositoryRoot } from "./options.ts";

/** Packages with machine code, which is another on another machine: the image installs them itself. */
export const nativePackages = ["sharp", "onnxruntime-node", "usearch"] as const;

const names = z.record(z.string(), z.string()).optional();
const lockSchema = z.object({
  lockfileVersion: z.literal(3),
  packages: z.record(
    z.string(),
    z.looseObject({
      version: z.string().optional(),
      dependencies: names,
      optionalDependencies: names,
    }),
  ),
});
type Packages = z.infer<typeof lockSchema>["packages"];

/** Writes package.json and its lock to the folder: the native packages as this repository locks them. */
export async function writeNativeManifest(folder: string): Promise<void> {
  const text = await readFile(join(repositoryRoot, "package-lock.json"), "utf8");
  const { lockfileVersion, packages } = lockSchema.parse(JSON.parse(text));
  const locked = closureOf(nativePackages, packages);
  const dependencies = Object.fromEntries(
    nativePackages.map((name) => [name, locked[`node_modules/${name}`]?.version ?? ""]),
  );
  const manifest = { name: "atelier-image", version: "0.0.0", private: true, type: "module" };
  const lock = {
    name: manifest.name,
    version: manifest.version,
    lockfileVersion,
    requires: true,
    packages: { "": { name: manifest.name, version: manifest.version, dependencies }, ...locked },
  };
  await writeJson(join(folder, "package.json"), { ...manifest, dependencies });
  await writeJson(join(folder, "package-lock.json"), lock);
}

async function writeJson(path: string, value: object): Promise<void> {
  await writeFile(path, `${JSON.stringify(value, null, 2)}\n`);
}

/** Those packages and all that they need, in the lock's order. */
function closureOf(wanted: readonly string[], packages: Packages): Packages {
  const found = new Set<string>();
  const open = wanted.map((name) => ({ name, from: "" }));
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const path = placeOf(next, packages);
    // Optional ones of other systems are in the lock too, so what is missing is not needed.
    if (path === null || found.has(path)) continue;
    found.add(path);
    const { dependencies, optionalDependencies } = packages[path] ?? {};
    for (const name of Object.keys({ ...dependencies, ...optionalDependencies })) {
      open.push({ name, from: path });
    }
  }
  return Object.fromEntries(Object.entries(packages).filter(([path]) => found.has(path)));
}

/** Where the package that one at `from` requires by that name lies, as Node looks for it. */
function placeOf(
  { name, from }: { name: string; from: string },
  packages: Packages,
): string | null {
  for (
    let folder = from;
    ;
    folder = folder.slice(0, Math.max(0, folder.lastIndexOf("/node_modules/")))
  ) {
    const path = folder === "" ? `node_modules/${name}` : `${folder}/node_modules/${name}`;
    if (packages[path] !== undefined) return path;
    if (folder === "") return null;
  }
}
