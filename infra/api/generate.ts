import {
  type Asker,
  AtelierError,
  getInput,
  imagine,
  type MadePicture,
  type PicturesResult,
  restyle,
  type Services,
  type StoredInput,
  signBlob,
  storeInput,
} from "#core";
import type { GenerateRequest } from "./generate-request.ts";

const SOURCE_MAX_BYTES = 25_000_000;

/** The answer of docs/contracts.md section 1. */
export interface GenerateAnswer {
  message: string;
  s3_url: string;
  bucket: string;
  key: string;
  filename: string;
  parameters: { prompt: string; model: string; aspect_ratio: string; seed: number };
  url: string;
  expires_in: number;
  cached: boolean;
  finish_reason: null;
}

/** Draws, or finds, the one picture that a program asked for. */
export async function generate(
  request: GenerateRequest,
  asker: Asker,
  services: Services,
  signal: AbortSignal,
): Promise<GenerateAnswer> {
  const { pictures } = await makePicture(request, asker, services, signal);
  const [picture] = pictures;
  if (picture === undefined) throw new AtelierError("internal", "No picture and no error.");
  return answerOf(picture, request, services);
}

function makePicture(
  request: GenerateRequest,
  asker: Asker,
  services: Services,
  signal: AbortSignal,
): Promise<PicturesResult> {
  if (request.model !== undefined && !services.imageModels.has(request.model)) {
    const enabled = [...services.imageModels.keys()].join(", ");
    throw new AtelierError(
      "not_found",
      `The model ${request.model} is not enabled here. Enabled: ${enabled}.`,
      {
        code: "ModelNotFound",
      },
    );
  }
  const common = {
    ...asker,
    prompt: request.prompt,
    negativePrompt: request.negative_prompt,
    seed: request.seed,
    model: request.model,
    count: 1,
    outputFormat: request.output_format,
  };
  const watch = { signal, progress: () => {} };
  if (request.init_image_s3 === undefined) {
    return imagine({ ...common, aspectRatio: request.aspect_ratio }, services, watch);
  }
  const uri = request.init_image_s3;
  return findSource(uri, services).then((source) =>
    restyle({ ...common, source, strength: request.strength }, services, watch),
  );
}

/** The object that `s3://bucket/key` names, which must be in the input bucket, as a safe picture. */
async function findSource(uri: string, services: Services): Promise<StoredInput> {
  const { inputs } = services.stores;
  const [, bucket = "", key = ""] = /^s3:\/\/([^/]+)\/(.+)$/u.exec(uri) ?? [];
  if (bucket !== inputs.bucket) {
    throw new AtelierError(
      "invalid_input",
      `init_image_s3 must be in the input bucket, s3://${inputs.bucket}/….`,
    );
  }
  const [, sha256] = /^inputs\/([0-9a-f]{64})\.(?:png|jpeg|webp)$/u.exec(key) ?? [];
  if (sha256 !== undefined) return getInput(sha256, services);
  const blob = await inputs.get(key, { maxBytes: SOURCE_MAX_BYTES });
  if (blob === null) {
    throw new AtelierError("not_found", `There is no object ${uri}. Upload it first.`, {
      code: "NoSuchKey",
    });
  }
  return storeInput(blob.bytes, services);
}

async function answerOf(
  { blob, seed, recipe, isFromCache }: MadePicture,
  request: GenerateRequest,
  services: Services,
): Promise<GenerateAnswer> {
  const { bucket } = services.stores[blob.store];
  return {
    message: "Image generated successfully",
    s3_url: `s3://${bucket}/${blob.key}`,
    bucket,
    key: blob.key,
    filename: blob.key.slice(blob.key.lastIndexOf("/") + 1),
    parameters: {
      prompt: request.prompt,
      model: recipe.model,
      aspect_ratio: request.aspect_ratio,
      seed,
    },
    url: await signBlob(services, blob),
    expires_in: services.linkTtlSeconds,
    cached: isFromCache,
    finish_reason: null,
  };
}
