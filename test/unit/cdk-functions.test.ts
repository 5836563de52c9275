import { Match } from "aws-cdk-lib/assertions";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createNames } from "../../infra/cdk/names.ts";
import { type FunctionId, functionSizes } from "../../infra/cdk/sizes.ts";
import {
  type DeployedFunction,
  loadDeployedSettings,
} from "../../infra/deployed/deployed-settings.ts";
import { readSettings, type Settings } from "../../infra/settings.ts";
import { encodeSegment } from "../../src/ports/index.ts";
import { segmentOf } from "../fixtures/frame-segments.ts";
import {
  SYNTHESIS_MS,
  type SynthesisedStack,
  synthesiseStack,
} from "../fixtures/synthesised-stack.ts";
import { recordOf } from "../servers/json-record.ts";

const names = createNames("atelier").functions;
const ids = Object.keys(functionSizes) as FunctionId[];
const deployed: Readonly<Partial<Record<FunctionId, DeployedFunction>>> = {
  webhook: "webhook",
  worker: "worker",
  generate: "generate",
  deadLetter: "dead-letter",
};
const standIns: Readonly<Record<string, string>> = {
  SLACK_BOT_TOKEN: "xoxb-stand-in",
  SLACK_SIGNING_SECRET: "0123456789abcdef0123456789abcdef",
  DISCORD_TOKEN: "a.stand.in",
  DISCORD_APPLICATION_ID: "123456789012345678",
  DISCORD_PUBLIC_KEY: "ab".repeat(32),
  API_KEYS: "a-key-of-sixteen-characters",
};

let stack: SynthesisedStack;
beforeAll(async () => {
  stack = await synthesiseStack();
}, SYNTHESIS_MS);
afterAll(() => stack.remove());

const propertiesOf = (id: FunctionId, of: SynthesisedStack = stack) => of.propertiesOf(names[id]);

/** The environment that the function sees once its secrets are read. */
function environmentOf(id: FunctionId, of: SynthesisedStack = stack): Record<string, string> {
  const { Variables } = recordOf(propertiesOf(id, of).Environment);
  const { SECRET_PARAMETERS = "", ...given } = Object.fromEntries(
    Object.entries(recordOf(Variables)).map(([name, value]) => [name, String(value)]),
  );
  const secrets = SECRET_PARAMETERS.split(",").filter((each) => each !== "");
  return {
    AWS_REGION: "us-west-2",
    AWS_LAMBDA_FUNCTION_NAME: names[id],
    ...given,
    ...Object.fromEntries(
      secrets.map((parameter) => {
        const setting = parameter.slice(parameter.lastIndexOf("/") + 1);
        return [setting, standIns[setting] ?? ""];
      }),
    ),
  };
}

async function settingsOf(id: FunctionId, of?: SynthesisedStack): Promise<Settings> {
  const environment = environmentOf(id, of);
  const { settings, warnings } = readSettings(environment);
  expect(warnings).toEqual([]);
  const name = deployed[id];
  // Refuses beside what is wrong in itself what is no part of a deployed function.
  if (name !== undefined) await loadDeployedSettings(name, environment);
  return settings;
}

describe("The functions", () => {
  it("have the names that other programs call", () => {
    const found = stack.resolved
      .ofType("AWS::Lambda::Function")
      .map((each) => stack.resolved.nameOf(each));
    expect(found.sort()).toEqual([
      "atelier-dead-letter",
      "atelier-webhook",
      "atelier-worker",
      "aws_gen_pic",
      "clip-batch",
      "clip-inference",
      "frame-search",
    ]);
  });

  it("are the webhook's zip on Node 22, and one image with a command for each of the others", () => {
    const images = new Set<string>();
    for (const id of ids) {
      const { Architectures, PackageType, Runtime, Handler, ImageConfig, Code } = propertiesOf(id);
      expect(Architectures).toEqual(["arm64"]);
      if (id === "webhook") {
        expect({ Runtime, Handler }).toEqual({ Runtime: "nodejs22.x", Handler: "webhook.handler" });
        continue;
      }
      expect(PackageType).toBe("Image");
      const entry = names[id].replace(/^atelier-/u, "").replace("aws_gen_pic", "generate");
      expect(ImageConfig).toEqual({ Command: [`${entry}.handler`] });
      images.add(String(recordOf(Code).ImageUri));
    }
    expect(images.size).toBe(1);
  });

  it("have the memory, time and temporary space of their sizes", () => {
    for (const id of ids) {
      const { memoryMb, timeoutSeconds, temporaryMb } = functionSizes[id];
      expect(propertiesOf(id)).toMatchObject({
        MemorySize: memoryMb,
        Timeout: timeoutSeconds,
        EphemeralStorage: { Size: temporaryMb },
      });
    }
  });

  it("have room for the segments of 3 million frames where frames are looked for", () => {
    const sizeOf = (frames: number) =>
      encodeSegment(segmentOf("film", "space", Array(frames).fill(1), 512)).length;
    const frameBytes = (sizeOf(11) - sizeOf(1)) / 10;
    const { memoryMb, temporaryMb } = functionSizes.frameSearch;
    expect(temporaryMb * 2 ** 20).toBeGreaterThan(3_000_000 * frameBytes);
    // A row of the index has a byte for each dimension.
    expect(memoryMb * 2 ** 20).toBeGreaterThan(3_000_000 * 512);
  });

  it("are traced, and each has a log group that forgets after the days of the option", () => {
    for (const id of ids) {
      expect(propertiesOf(id)).toMatchObject({ TracingConfig: { Mode: "Active" } });
      stack.template.hasResource("AWS::Logs::LogGroup", {
        Properties: { LogGroupName: `/aws/lambda/${names[id]}`, RetentionInDays: 30 },
        DeletionPolicy: "Delete",
      });
    }
  });

  it("have settings that they accept, with nothing embedded, once their secrets are read", async () => {
    for (const id of ids) await settingsOf(id);
  });

  it("have no secret in their environment, and are told the parameters of theirs alone", () => {
    const parametersOf = (id: FunctionId) =>
      String(recordOf(recordOf(propertiesOf(id).Environment).Variables).SECRET_PARAMETERS ?? "");
    const sending =
      "/atelier/SLACK_BOT_TOKEN,/atelier/DISCORD_TOKEN,/atelier/DISCORD_APPLICATION_ID";
    expect(Object.fromEntries(ids.map((id) => [id, parametersOf(id)]))).toEqual({
      webhook: `${sending},/atelier/SLACK_SIGNING_SECRET,/atelier/DISCORD_PUBLIC_KEY`,
      worker: sending,
      deadLetter: sending,
      generate: "/atelier/API_KEYS",
      clipInference: "",
      clipBatch: "",
      frameSearch: "",
    });
    for (const id of ids) {
      const { Variables } = recordOf(propertiesOf(id).Environment);
      for (const secret of Object.keys(standIns)) expect(Variables).not.toHaveProperty(secret);
    }
  });

  it("find each other: the queue, who embeds, who searches", async () => {
    const worker = await settingsOf("worker");
    const webhook = await settingsOf("webhook");
    expect(worker.JOB_QUEUE_URL).toBe(webhook.JOB_QUEUE_URL);
    expect(worker.JOB_QUEUE_URL).toMatch(/atelier-jobs\.fifo$/u);
    expect(worker).toMatchObject({
      CLIP: "lambda",
      CLIP_FUNCTION: "clip-inference",
      SEARCH_FUNCTION: "frame-search",
      IMAGE_MODEL: "bedrock",
      BEDROCK_MODEL_ID: "stability.sd3-5-large-v1:0",
    });
    expect(await settingsOf("frameSearch")).toMatchObject({
      CLIP: "lambda",
      CLIP_FUNCTION: "clip-inference",
    });
    expect(await settingsOf("clipBatch")).toMatchObject({ CLIP: "local" });
  });

  it("know the buckets and tables by their names", async () => {
    for (const id of ids.filter((each) => each !== "clipInference")) {
      expect(await settingsOf(id)).toMatchObject({
        STORAGE: "aws",
        OUTPUT_BUCKET: "atelier-outputs-123456789012-us-west-2",
        INPUT_BUCKET: "atelier-inputs-123456789012-us-west-2",
        MEDIA_BUCKET: "atelier-media-123456789012-us-west-2",
        STATE_TABLE: "atelier",
        CACHE_TABLE: "image-cache",
        VIDEOS_TABLE: "videos",
      });
    }
  });

  it("have further settings where the operator gave some, and are built for x86 where asked", {
    timeout: SYNTHESIS_MS,
  }, async () => {
    const other = await synthesiseStack({
      settings: { LOG_LEVEL: "debug", LINK_TTL_SECONDS: "600" },
      architecture: "x86_64",
      corsOrigins: "https://a.example.com,https://b.example.com",
    });
    const settings = await settingsOf("worker", other);
    expect(settings).toMatchObject({ LOG_LEVEL: "debug", LINK_TTL_SECONDS: 600 });
    expect((await settingsOf("generate", other)).CORS_ORIGINS).toHaveLength(2);
    other.template.allResourcesProperties("AWS::Lambda::Function", { Architectures: ["x86_64"] });
    other.template.hasResourceProperties("AWS::Lambda::Function", { Handler: Match.anyValue() });
    await other.remove();
  });
});
