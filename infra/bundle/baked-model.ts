import { existsSync } from "node:fs";
import { cp, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { DEMO_MODEL, pulledModelPath } from "../clip-models.ts";
import { repositoryRoot } from "./options.ts";

const cdkSchema = z.object({
  context: z.object({ clipModel: z.string().default(DEMO_MODEL) }).prefault({}),
});

/**
 * Puts the CLIP model that `cdk.json` names under `clipModel` into the image, so that a function
 * that starts has it at once: as `npm run model -- pull` left it in `dataDir`. The demo model is
 * there anyhow. Throws, saying what to do, where the model was not pulled.
 */
export async function copyBakedModel(
  outdir: string,
  {
    cdkFile = join(repositoryRoot, "cdk.json"),
    dataDir = join(repositoryRoot, ".atelier"),
  }: { cdkFile?: string; dataDir?: string } = {},
): Promise<void> {
  const models = join(outdir, "models");
  await mkdir(models, { recursive: true });
  // Docker copies no folder that is empty.
  await writeFile(join(models, "README"), "The CLIP model that cdk.json names, if not the demo.\n");
  const { context } = cdkSchema.parse(JSON.parse(await readFile(cdkFile, "utf8")));
  const { clipModel } = context;
  if (clipModel === DEMO_MODEL) return;
  const pulled = pulledModelPath(dataDir, clipModel);
  if (!existsSync(join(pulled, "config.json"))) {
    throw new Error(
      `cdk.json names the CLIP model ${clipModel}, and it is not in ${pulled}. Run npm run model -- pull ${clipModel} first.`,
    );
  }
  await cp(pulled, join(models, clipModel), { recursive: true });
}
