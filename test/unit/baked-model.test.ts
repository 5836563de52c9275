import { cp, mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { copyBakedModel } from "../../infra/bundle/baked-model.ts";
import { clipModelPath } from "../../infra/clip-models.ts";
import { readClipModelFolder } from "../../src/drivers/onnx/clip-model-folder.ts";

const demoModel = join(import.meta.dirname, "../../infra/demo/model");

describe("the CLIP model in the image", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "atelier-baked-"));
  });
  afterEach(() => rm(folder, { recursive: true }));

  async function bake(context: object): Promise<string[]> {
    const cdkFile = join(folder, "cdk.json");
    await writeFile(cdkFile, JSON.stringify({ app: "x", context }));
    await copyBakedModel(join(folder, "image"), { cdkFile, dataDir: folder });
    return readdir(join(folder, "image/models"));
  }

  it("is the pulled one that cdk.json names", async () => {
    await mkdir(join(folder, "models"), { recursive: true });
    await cp(demoModel, join(folder, "models/tinyclip"), { recursive: true });
    expect(await bake({ clipModel: "tinyclip" })).toContain("tinyclip");
    const files = await readdir(join(folder, "image/models/tinyclip"));
    expect(files).toEqual(expect.arrayContaining(["config.json", "tokenizer.json", "onnx"]));
    // As a function of the image looks for it, which has pulled none.
    const settings = { CLIP_MODEL: "tinyclip", DATA_DIR: join(folder, "tmp") };
    const found = clipModelPath(settings, join(folder, "image"));
    expect(found).toBe(join(folder, "image/models/tinyclip"));
    expect((await readClipModelFolder(found)).graphs.text).toContain(found);
  });

  it("is the demo alone where cdk.json names none", async () => {
    expect(await bake({ clipModel: "demo" })).toEqual(["README"]);
    expect(await bake({})).toEqual(["README"]);
  });

  it("is missed in a sentence where it was not pulled", async () => {
    await expect(bake({ clipModel: "tinyclip" })).rejects.toThrow(
      /Run npm run model -- pull tinyclip first\.$/u,
    );
  });
});
