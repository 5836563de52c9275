import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { bundleImage } from "../../infra/bundle/image-bundle.ts";
import { repositoryRoot } from "../../infra/bundle/options.ts";
import { bundleWebhook } from "../../infra/bundle/webhook-bundle.ts";
import { parseJson, recordOf } from "../servers/json-record.ts";

/**
 * Bundles and synthesises as `npm run synth` does, into a folder of its own. It is inside the
 * repository, so that the artefacts find the native packages where the image would have installed
 * them: in a node_modules above.
 */
export async function synthesise(context: Readonly<Record<string, unknown>>) {
  const into = join(repositoryRoot, "cdk.out");
  await mkdir(into, { recursive: true });
  const folder = await mkdtemp(join(into, "test-"));
  const remove = () => rm(folder, { recursive: true, force: true });
  const artefacts = {
    webhookFolder: join(folder, "webhook"),
    imageFolder: join(folder, "image"),
  };
  const outdir = join(folder, "out");
  try {
    await Promise.all([bundleWebhook(artefacts.webhookFolder), bundleImage(artefacts.imageFolder)]);
    const cdkJson = await readFile(join(repositoryRoot, "cdk.json"), "utf8");
    const { context: standard } = recordOf(parseJson(cdkJson));
    // Loaded late: the CDK is large.
    const { createApp } = await import("../../infra/cdk/app.ts");
    createApp({ artefacts, outdir, context: { ...recordOf(standard), ...context } }).synth();
  } catch (thrown) {
    await remove();
    throw thrown;
  }
  return { folder: outdir, remove };
}
