import { access, mkdir, readdir, rename, rm, statfs, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { AtelierError } from "#core";
import type { ModelManifest } from "../../src/drivers/onnx/model-manifest.ts";
import { pulledModelPath } from "../clip-models.ts";
import type { Hub, HubFile } from "./hub.ts";
import type { CatalogueFile, CatalogueModel } from "./model-catalogue.ts";
import { type DownloadOptions, download, explain } from "./resumable-download.ts";

export interface PullProgress {
  path: string;
  doneBytes: number;
  totalBytes: number;
}

export interface PullOptions extends Pick<DownloadOptions, "silentMs" | "pauseMs"> {
  model: CatalogueModel;
  dataDir: string;
  hub: Hub;
  onProgress: (progress: PullProgress) => void;
  signal: AbortSignal;
}

/**
 * Downloads a model into `DATA_DIR/models/<name>`. The folder appears when all its files are
 * there and checked; until then they are in `DATA_DIR/models/.pulling`, from which the next run
 * goes on. Resolves to the folder; false in `isNew` when it was there already.
 */
export async function pullModel(options: PullOptions): Promise<{ path: string; isNew: boolean }> {
  const { model, dataDir, hub, onProgress, signal } = options;
  const path = pulledModelPath(dataDir, model.name);
  if (await exists(path)) return { path, isNew: false };
  const pulling = pulledModelPath(dataDir, join(".pulling", `${model.name}-${model.revision}`));
  const { repository, revision } = model;
  const located = await Promise.all(
    model.files.map(async (file) => ({
      file,
      source: await hub.locate({ repository, revision, path: file.path }, signal),
    })),
  );
  await mkdir(pulling, { recursive: true }).catch(explain(pulling));
  await requireRoom(pulling, located);
  for (const { file, source } of located) {
    const target = join(pulling, file.path);
    if (await exists(target)) continue;
    const partPath = `${target}.part`;
    const report = (doneBytes: number) =>
      onProgress({ path: file.path, doneBytes, totalBytes: source.sizeBytes });
    await download({ ...options, source, sha256: file.sha256, partPath, onProgress: report });
    await rename(partPath, target).catch(explain(target));
  }
  const manifest: ModelManifest = { name: model.name, title: model.title };
  const file = join(pulling, "atelier.json");
  await writeFile(file, `${JSON.stringify(manifest, null, 2)}\n`).catch(explain(file));
  await rename(pulling, path).catch(explain(path));
  return { path, isNew: true };
}

/** Says so before the first byte instead of after the last one that fits. */
async function requireRoom(
  folder: string,
  located: readonly { file: CatalogueFile; source: HubFile }[],
): Promise<void> {
  const needed = located.reduce((total, { source }) => total + source.sizeBytes, 0);
  const { bavail, bsize } = await statfs(folder);
  if (bavail * bsize >= needed) return;
  throw new AtelierError(
    "unavailable",
    `The model needs ${Math.ceil(needed / 1e6)} MB and the disk of ${folder} has ${Math.floor((bavail * bsize) / 1e6)} MB left.`,
  );
}

/** Deletes a pulled model and what an unfinished pull has left. False when there was nothing. */
export async function removeModel(dataDir: string, name: string): Promise<boolean> {
  const path = pulledModelPath(dataDir, name);
  const wasThere = await exists(path);
  if (wasThere) {
    // Out of sight first: nobody can open half a folder.
    const leaving = join(dirname(path), `.removing-${name}-${process.pid}`);
    await rename(path, leaving).catch(explain(path));
    await rm(leaving, { recursive: true, force: true });
  }
  const pulling = pulledModelPath(dataDir, ".pulling");
  const parts = (await readdir(pulling).catch(() => [])).filter((each) => isPullOf(each, name));
  await Promise.all(parts.map((each) => rm(join(pulling, each), { recursive: true, force: true })));
  return wasThere || parts.length > 0;
}

/** `<name>-<revision>`, and no other model's whose name begins alike. */
function isPullOf(folder: string, name: string): boolean {
  return folder.startsWith(`${name}-`) && !folder.slice(name.length + 1).includes("-");
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
