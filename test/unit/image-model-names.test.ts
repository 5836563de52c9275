import { describe, expect, it } from "vitest";
import { nameImageModels } from "../../infra/image-model-names.ts";
import { createImageModels } from "../../infra/image-models.ts";
import { readSettings } from "../../infra/settings.ts";

const known = ({ id, label, outputFormats, initLimits }: Known) => ({
  id,
  label,
  outputFormats,
  initLimits,
});
type Known = Awaited<ReturnType<typeof nameImageModels>>[number];

describe("the models' names in a function that does not draw", () => {
  it.each([
    { IMAGE_MODEL: "bedrock" },
    { IMAGE_MODEL: "bedrock", BEDROCK_MODEL_ID: "stability.stable-image-ultra-v1:1" },
    {
      IMAGE_MODEL: "bedrock",
      BEDROCK_MODEL_ID: "stability.stable-image-core-v1:1",
      BEDROCK_ALLOWED_MODELS: "stability.stable-image-core-v1:1",
    },
    { IMAGE_MODEL: "sagemaker", SAGEMAKER_ENDPOINT: "team-sd" },
  ])("are those of the models that draw with %j", async (environment) => {
    const { settings } = readSettings(environment);
    const named = await nameImageModels(settings);
    expect(named.map(known)).toEqual((await createImageModels(settings)).map(known));
    expect(named.length).toBeGreaterThan(0);
  });

  it("leave out what is not allowed", async () => {
    const core = "stability.stable-image-core-v1:1";
    const sd = "stability.sd3-5-large-v1:0";
    const environment = { IMAGE_MODEL: "bedrock", BEDROCK_ALLOWED_MODELS: `${core},${sd}` };
    const named = await nameImageModels(readSettings(environment).settings);
    expect(named.map(({ id }) => id)).toEqual([sd, core]);
    expect(() => readSettings({ ...environment, BEDROCK_ALLOWED_MODELS: core })).toThrow(sd);
  });
});
