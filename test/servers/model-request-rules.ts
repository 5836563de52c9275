import sharp from "sharp";
import { aspectRatios, SEED_MAX } from "../../src/ports/index.ts";

/** What the server draws for a request that the real service would accept. */
export interface Sketch {
  widthPx: number;
  heightPx: number;
  format: "jpeg" | "png" | "webp";
  seed: number;
}

/** A request that the real service would refuse, with the error it names. */
export class RequestRefused extends Error {
  readonly errorType: string;
  readonly status: number;

  constructor(errorType: string, status: number, message: string) {
    super(message);
    this.errorType = errorType;
    this.status = status;
  }
}

type Fields = Readonly<Record<string, unknown>>;

/**
 * The documented fields of each Stability model on Bedrock. Written from the user guide and
 * apart from the driver's own table, so that a slip in one shows against the other.
 */
const bedrockRules: Readonly<
  Record<string, { fields: readonly string[]; formats: readonly string[]; sendsMode: boolean }>
> = {
  "stability.sd3-5-large-v1:0": {
    fields: [
      "prompt",
      "mode",
      "aspect_ratio",
      "image",
      "strength",
      "negative_prompt",
      "seed",
      "output_format",
    ],
    formats: ["jpeg", "png", "webp"],
    sendsMode: true,
  },
  "stability.stable-image-core-v1:1": {
    fields: ["prompt", "aspect_ratio", "negative_prompt", "seed", "output_format"],
    formats: ["jpeg", "png"],
    sendsMode: false,
  },
  "stability.stable-image-ultra-v1:1": {
    fields: [
      "prompt",
      "aspect_ratio",
      "image",
      "strength",
      "negative_prompt",
      "seed",
      "output_format",
    ],
    formats: ["jpeg", "png"],
    sendsMode: false,
  },
};

/** Checks an InvokeModel body; throws RequestRefused as Bedrock would answer. */
export async function readBedrockRequest(modelId: string, body: Fields): Promise<Sketch> {
  const rules = bedrockRules[modelId];
  if (rules === undefined) {
    throw new RequestRefused("ResourceNotFoundException", 404, `Could not resolve ${modelId}.`);
  }
  const unknown = Object.keys(body).filter((field) => !rules.fields.includes(field));
  check(unknown.length === 0, `extraneous key ${unknown.join(", ")} is not permitted`);
  checkText(body.prompt, "prompt", 1);
  if (body.negative_prompt !== undefined) checkText(body.negative_prompt, "negative_prompt", 0);
  const seed = body.seed ?? 0;
  check(isInteger(seed) && seed >= 0 && seed <= SEED_MAX, "seed is out of range");
  const format = body.output_format ?? "png";
  check(rules.formats.includes(String(format)), "output_format is not supported");
  const shared = { seed: seed as number, format: format as Sketch["format"] };

  const fromImage = body.image !== undefined;
  if (rules.sendsMode) {
    check(body.mode === (fromImage ? "image-to-image" : "text-to-image"), "mode does not fit");
  }
  if (!fromImage) {
    check(body.strength === undefined, "strength is only valid with an image");
    return { ...shared, ...sizeOf(body.aspect_ratio ?? "1:1") };
  }
  check(body.aspect_ratio === undefined, "aspect_ratio is only valid for text-to-image");
  const { strength } = body;
  check(
    typeof strength === "number" && strength >= 0 && strength <= 1,
    "strength is required, 0-1",
  );
  return { ...shared, ...(await imageSize(body.image)) };
}

/** Checks a JumpStart Stable Diffusion body; throws as its container would answer. */
export function readSagemakerRequest(accept: string | undefined, body: Fields): Sketch {
  const known = ["prompt", "negative_prompt", "width", "height", "seed", "num_images_per_prompt"];
  const { width, height, seed } = body;
  const fits =
    Object.keys(body).every((field) => known.includes(field)) &&
    typeof body.prompt === "string" &&
    isInteger(width) &&
    width > 0 &&
    width % 8 === 0 &&
    isInteger(height) &&
    height > 0 &&
    height % 8 === 0 &&
    isInteger(seed) &&
    body.num_images_per_prompt === 1 &&
    accept === "application/json;jpeg";
  if (!fits) throw new RequestRefused("ModelError", 424, "The container answered with 400.");
  return { widthPx: width, heightPx: height, format: "jpeg", seed };
}

function check(holds: boolean, message: string): asserts holds {
  if (!holds) throw new RequestRefused("ValidationException", 400, `Malformed input: ${message}.`);
}

function checkText(value: unknown, field: string, least: number): void {
  const fits = typeof value === "string" && value.length >= least && value.length <= 10_000;
  check(fits, `${field} has ${least}-10,000 characters`);
}

function isInteger(value: unknown): value is number {
  return Number.isInteger(value);
}

/** The exact ratio, far smaller than a real picture, so that tests stay fast. */
function sizeOf(ratio: unknown): { widthPx: number; heightPx: number } {
  check(
    aspectRatios.some((known) => known === ratio),
    "aspect_ratio is not supported",
  );
  const [width = 1, height = 1] = String(ratio).split(":").map(Number);
  const unit = Math.ceil(128 / Math.max(width, height));
  return { widthPx: width * unit, heightPx: height * unit };
}

async function imageSize(image: unknown): Promise<{ widthPx: number; heightPx: number }> {
  check(typeof image === "string" && !image.startsWith("data:"), "image is bare base64");
  const { width = 0, height = 0 } = await sharp(Buffer.from(image, "base64"))
    .metadata()
    .catch(() => ({ width: 0, height: 0 }));
  check(width >= 64 && height >= 64, "each side of the image is at least 64 px");
  check(width * height <= 1_048_576, "the image has at most 1,048,576 px");
  return { widthPx: width, heightPx: height };
}
