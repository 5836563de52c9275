import {
  ApplyGuardrailCommand,
  type BedrockRuntimeClient,
  type GuardrailContentBlock,
} from "@aws-sdk/client-bedrock-runtime";
import sharp from "sharp";
import { AtelierError } from "../../errors.ts";
import type { ModeratedRequest, Moderator } from "../../ports/index.ts";
import { readAwsFailure } from "./aws-failure.ts";
import { abortError, modelDown, sharedModelError } from "./model-errors.ts";

/** Source: Amazon Bedrock User Guide, guardrails for images: PNG or JPEG of at most 4 MB. */
const PICTURE_MAX_BYTES = 4_000_000;
/** What no picture of this many pixels exceeds as a JPEG. */
const PICTURE_SIDE_MAX_PX = 1024;

/** A guardrail of Amazon Bedrock. The client must be one of `createGuardrailClient`. */
export function createBedrockGuardrail({
  client,
  guardrailId,
  version,
}: {
  client: BedrockRuntimeClient;
  /** Its id or ARN. */
  guardrailId: string;
  /** A number, or `DRAFT`. */
  version: string;
}): Moderator {
  return {
    async check(request, { signal }) {
      if (signal.aborted) throw abortError(signal);
      const command = new ApplyGuardrailCommand({
        guardrailIdentifier: guardrailId,
        guardrailVersion: version,
        source: "INPUT",
        content: await contentOf(request),
      });
      const { action } = await client
        .send(command, { abortSignal: signal })
        .catch((thrown: unknown) => {
          throw signal.aborted ? abortError(signal) : guardrailError(thrown, guardrailId);
        });
      if (action === "GUARDRAIL_INTERVENED") {
        throw new AtelierError("refused", "The guardrail declined this request.");
      }
    },
  };
}

async function contentOf({ text, picture }: ModeratedRequest): Promise<GuardrailContentBlock[]> {
  const blocks: GuardrailContentBlock[] = [{ text: { text } }];
  if (picture !== undefined) blocks.push({ image: await imageOf(picture) });
  return blocks;
}

async function imageOf({ bytes, mediaType }: NonNullable<ModeratedRequest["picture"]>) {
  if (mediaType !== "image/webp" && bytes.byteLength <= PICTURE_MAX_BYTES) {
    return { format: mediaType === "image/png" ? "png" : "jpeg", source: { bytes } } as const;
  }
  const side = PICTURE_SIDE_MAX_PX;
  const jpeg = await sharp(bytes)
    .resize(side, side, { fit: "inside", withoutEnlargement: true })
    .jpeg()
    .toBuffer();
  return { format: "jpeg", source: { bytes: jpeg } } as const;
}

/** Source: Amazon Bedrock API Reference, ApplyGuardrail, "Errors". */
function guardrailError(thrown: unknown, guardrailId: string): AtelierError {
  const failure = readAwsFailure(thrown);
  const { cause } = failure;
  switch (failure.name) {
    case "AccessDeniedException":
      return new AtelierError(
        "misconfigured",
        `AWS denied the guardrail ${guardrailId}. Allow bedrock:ApplyGuardrail on it for the role.`,
        { cause, code: "AccessDenied" },
      );
    case "ResourceNotFoundException":
    case "ValidationException":
      return new AtelierError(
        "misconfigured",
        `There is no guardrail ${guardrailId} in this region and version. Check GUARDRAIL_ID, GUARDRAIL_VERSION and BEDROCK_REGION.`,
        { cause },
      );
    case "ServiceQuotaExceededException":
      return new AtelierError(
        "misconfigured",
        "This account's Bedrock quota for guardrails is used up. Ask for a higher one in Service Quotas.",
        { cause },
      );
    case "InternalServerException":
    case "ServiceUnavailableException":
      return modelDown(failure);
    default:
      return sharedModelError(failure, "Bedrock") ?? modelDown(failure);
  }
}
