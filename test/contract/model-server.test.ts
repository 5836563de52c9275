import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ModelServer, startModelServer } from "../servers/model-server.ts";
import { picture } from "./image-model-contract.ts";

const SD35 = "stability.sd3-5-large-v1:0";

let server: ModelServer;
beforeAll(async () => {
  server = await startModelServer();
});
afterAll(() => server.close());

// Otherwise a driver that sends what the real service refuses would pass against this server.
describe("the model server refuses what Bedrock refuses", () => {
  const post = async (modelId: string, body: object) => {
    const path = `/model/${encodeURIComponent(modelId)}/invoke`;
    const response = await fetch(server.endpoint + path, {
      method: "POST",
      body: JSON.stringify(body),
    });
    return `${response.status} ${response.headers.get("x-amzn-errortype")}`;
  };
  const text = { prompt: "a fox", mode: "text-to-image" };

  it.each([
    ["a field that is not documented", { ...text, cfg_scale: 7 }],
    ["no prompt", { mode: "text-to-image" }],
    ["a seed out of range", { ...text, seed: 4_294_967_295 }],
    ["no strength", { prompt: "a", mode: "image-to-image", image: "aGk=" }],
    ["a data: prefix", { prompt: "a", mode: "image-to-image", image: "data:x", strength: 1 }],
    [
      "an aspect_ratio with a picture",
      { ...text, mode: "image-to-image", image: "aGk=", aspect_ratio: "1:1", strength: 1 },
    ],
  ])("%s", async (_name, body) => {
    expect(await post(SD35, body)).toBe("400 ValidationException");
  });

  it("a picture that is too small or too large", async () => {
    for (const [width, height] of [
      [63, 64],
      [1025, 1024],
    ] as const) {
      const { bytes } = await picture(width, height, "png");
      const image = Buffer.from(bytes).toString("base64");
      const body = { prompt: "a", mode: "image-to-image", image, strength: 1 };
      expect(await post(SD35, body)).toBe("400 ValidationException");
    }
  });

  it("webp from a model that writes JPEG and PNG", async () => {
    const body = { prompt: "a fox", output_format: "webp" };
    expect(await post("stability.stable-image-core-v1:1", body)).toBe("400 ValidationException");
  });

  it("an unknown model", async () => {
    expect(await post("stability.stable-diffusion-xl-v1", text)).toBe(
      "404 ResourceNotFoundException",
    );
  });
});
