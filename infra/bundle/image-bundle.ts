import { cp, rm } from "node:fs/promises";
import { join } from "node:path";
import { build, type Metafile } from "esbuild";
import { copyBakedModel } from "./baked-model.ts";
import { inlineDiscordEnums } from "./inline-discord-enums.ts";
import { leaveOutUnused } from "./leave-out-unused.ts";
import { leaveOutUnusedZod } from "./leave-out-unused-zod.ts";
import { nativePackages, writeNativeManifest } from "./native-packages.ts";
import { bundleOptions, repositoryRoot } from "./options.ts";

/** Each is `<name>.mjs` in the image: functions, the entries of SageMaker, those of threads. */
const entryPoints = {
  "lambda-runtime": "infra/container/lambda-runtime.ts",
  worker: "infra/lambda/worker.lambda.ts",
  "dead-letter": "infra/lambda/dead-letter.lambda.ts",
  generate: "infra/lambda/generate.lambda.ts",
  "clip-inference": "infra/lambda/clip-inference.lambda.ts",
  "clip-batch": "infra/lambda/clip-batch.lambda.ts",
  "frame-search": "infra/lambda/frame-search.lambda.ts",
  serve: "infra/serve.ts",
  train: "infra/train.ts",
  "training/demo/write-scenes": "infra/training/demo/write-scenes.ts",
  "training/demo/write-folder": "infra/training/demo/write-folder.ts",
  "training/demo/write-manifest": "infra/training/demo/write-manifest.ts",
  "embedding-worker": "src/drivers/onnx/embedding-worker.ts",
  "scan-thread-entry": "src/drivers/usearch/scan-thread-entry.ts",
};

/** What code looks for beside itself; of the training that is what runs in Python. */
const beside = {
  "infra/demo/model": "demo/model",
  "infra/demo/videos": "demo/videos",
  "infra/training/demo": "training/demo",
};
const isLeftOut = (path: string) => /\.(ts|sh|md|pyc)$/u.test(path);

/** The embedded store, which deployed code refuses: loading it fails, and nothing of it is there. */
const embedded = ["dynalite", "classic-level"];

/** Writes what Docker builds the image from to an empty `outdir`. */
export async function bundleImage(outdir: string): Promise<Metafile> {
  await rm(outdir, { recursive: true, force: true });
  const { metafile } = await build({
    ...bundleOptions,
    outdir,
    entryPoints,
    external: [...nativePackages, ...embedded],
    plugins: [leaveOutUnused, leaveOutUnusedZod, inlineDiscordEnums],
  });
  for (const [from, to] of Object.entries(beside)) {
    const filter = (path: string) => !isLeftOut(path);
    await cp(join(repositoryRoot, from), join(outdir, to), { recursive: true, filter });
  }
  await copyBakedModel(outdir);
  await writeNativeManifest(outdir);
  await cp(join(repositoryRoot, "infra/container/Dockerfile"), join(outdir, "Dockerfile"));
  return metafile;
}
