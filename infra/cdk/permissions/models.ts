import type { Right, RightsParts } from "./right.ts";

const SPACES_VARY = "Each CLIP model has an index of its own, named when it is first used.";

/** Exactly the models that may draw, and the guardrail where there is one. */
export function drawsWith({ arns, options }: Pick<RightsParts, "arns" | "options">): Right[] {
  const { bedrockRegion, guardrailId, sagemakerEndpoint } = options;
  const models: Right =
    options.imageModel === "sagemaker"
      ? {
          actions: ["sagemaker:InvokeEndpoint"],
          resources: [arns.endpoint(sagemakerEndpoint ?? "")],
        }
      : {
          actions: ["bedrock:InvokeModel"],
          resources: options.allowedModels.map((id) => arns.model(id, bedrockRegion)),
        };
  if (guardrailId === null) return [models];
  const guardrail = arns.guardrail(guardrailId, bedrockRegion);
  return [models, { actions: ["bedrock:ApplyGuardrail"], resources: [guardrail] }];
}

/** Where sentences and pictures are embedded for the worker and the search. */
export function embedsWith({ names, arns, options }: RightsParts): Right {
  return options.clipSagemaker
    ? { actions: ["sagemaker:InvokeEndpoint"], resources: [arns.endpoint(names.clipEndpoint)] }
    : { actions: ["lambda:InvokeFunction"], resources: [arns.functions.clipInference] };
}

/** Writing to the S3 vector bucket, where frames are found in one. */
export function keepsVectors({ arns, options }: RightsParts): Right[] {
  if (options.vectorBucket === null) return [];
  const bucket = arns.vectorBucket(options.vectorBucket);
  return [
    { actions: ["s3vectors:ListIndexes"], resources: [bucket] },
    {
      actions: ["s3vectors:CreateIndex", "s3vectors:PutVectors", "s3vectors:DeleteVectors"],
      resources: [`${bucket}/index/*`],
      wildcardBecause: SPACES_VARY,
    },
  ];
}

/** Searching it. What a query returns with its metadata counts as got. */
export function findsVectors({ arns, options }: RightsParts): Right[] {
  if (options.vectorBucket === null) return [];
  return [
    {
      actions: ["s3vectors:QueryVectors", "s3vectors:GetVectors"],
      resources: [`${arns.vectorBucket(options.vectorBucket)}/index/*`],
      wildcardBecause: SPACES_VARY,
    },
  ];
}
