import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createNames } from "../../infra/cdk/names.ts";
import { type FunctionId, functionSizes } from "../../infra/cdk/sizes.ts";
import { bedrockModelIds } from "../../src/drivers/aws/bedrock-bodies.ts";
import {
  SYNTHESIS_MS,
  type SynthesisedStack,
  synthesiseStack,
} from "../fixtures/synthesised-stack.ts";
import { allowedFor, covers } from "../servers/iam-policies.ts";
import { recordOf } from "../servers/json-record.ts";

const names = createNames("atelier").functions;
const ids = Object.keys(functionSizes) as FunctionId[];
const own = (service: string, rest: string) => `arn:aws:${service}:us-west-2:123456789012:${rest}`;
const media = "arn:aws:s3:::atelier-media-123456789012-us-west-2";
const inputs = "arn:aws:s3:::atelier-inputs-123456789012-us-west-2";
const outputs = "arn:aws:s3:::atelier-outputs-123456789012-us-west-2";
/** What every function may do: write its own log, and traces. */
const COMMON = /^(logs:(CreateLogStream|PutLogEvents)|xray:Put\w+)$/u;

let stack: SynthesisedStack;
beforeAll(async () => {
  stack = await synthesiseStack();
}, SYNTHESIS_MS);
afterAll(() => stack.remove());

/** What the function's role allows beside log and traces, as `action resource`. */
function rightsOf(id: FunctionId, { resolved }: SynthesisedStack = stack): string[] {
  return allOf(id, resolved)
    .filter(({ action }) => !COMMON.test(action))
    .map(({ action, resource }) => `${action} ${resource}`);
}

function allOf(id: FunctionId, resolved: SynthesisedStack["resolved"]) {
  const found = resolved
    .ofType("AWS::Lambda::Function")
    .find((each) => resolved.nameOf(each) === names[id]);
  const role = recordOf(found?.properties.Role)["Fn::GetAtt"];
  return allowedFor(resolved, Array.isArray(role) ? String(role[0]) : "");
}

const starting = (start: string, rights: readonly string[]) =>
  rights.filter((right) => right.startsWith(start)).sort();

describe("Every role", () => {
  it("is one function's alone, with a policy of its own and none of AWS's", () => {
    const roles = stack.resolved.ofType("AWS::IAM::Role");
    expect(roles).toHaveLength(ids.length);
    for (const { properties } of roles) {
      expect(properties).not.toHaveProperty("ManagedPolicyArns");
      expect(JSON.stringify(properties.AssumeRolePolicyDocument)).toContain("lambda.amazonaws.com");
    }
    expect(stack.resolved.ofType("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy")).toEqual([]);
  });

  it("names its actions one by one", () => {
    for (const id of ids) {
      for (const { action } of allOf(id, stack.resolved)) expect(action).not.toContain("*");
    }
  });

  it("has no wildcard but for keys of objects, its own log streams, and X-Ray", () => {
    const wide = ids.flatMap((id) =>
      allOf(id, stack.resolved)
        .filter(({ resource }) => resource.includes("*"))
        .filter(({ action, resource }) => {
          const isOwnLog = resource === own("logs", `log-group:/aws/lambda/${names[id]}:*`);
          const isKeys = action.startsWith("s3:") && /^arn:aws:s3:::[^*]+\/\*$/u.test(resource);
          return !isOwnLog && !isKeys && !action.startsWith("xray:");
        })
        .map(({ action, resource }) => `${id}: ${action} ${resource}`),
    );
    expect(wide).toEqual([]);
  });

  it("writes its own log and its traces, and no one else's", () => {
    for (const id of ids) {
      const common = allOf(id, stack.resolved).filter(({ action }) => COMMON.test(action));
      expect(common.map(({ action, resource }) => `${action} ${resource}`).sort()).toEqual([
        `logs:CreateLogStream ${own("logs", `log-group:/aws/lambda/${names[id]}:*`)}`,
        `logs:PutLogEvents ${own("logs", `log-group:/aws/lambda/${names[id]}:*`)}`,
        "xray:PutTelemetryRecords *",
        "xray:PutTraceSegments *",
      ]);
    }
  });
});

describe("What a function may do", () => {
  it("is to queue, for the webhook, which reaches neither pictures nor models", () => {
    const rights = rightsOf("webhook");
    expect(starting("sqs:", rights)).toEqual([
      `sqs:SendMessage ${own("sqs", "atelier-jobs.fifo")}`,
    ]);
    expect(rights.filter((right) => /^(s3|bedrock|lambda|sagemaker):/u.test(right))).toEqual([]);
    expect(starting("ssm:", rights)).toHaveLength(5);
  });

  it("is to read the index and the list of videos, and to have a query embedded, for the search", () => {
    expect(rightsOf("frameSearch").sort()).toEqual([
      `dynamodb:GetItem ${own("dynamodb", "table/videos")}`,
      `dynamodb:Query ${own("dynamodb", "table/atelier/index/by-user")}`,
      `lambda:InvokeFunction ${own("lambda", "function:clip-inference")}`,
      `s3:GetObject ${media}/frames/*`,
      `s3:GetObject ${media}/index/*`,
      `s3:ListBucket ${media}`,
    ]);
  });

  it("is to read all that a card's links can name, for whoever shows cards", () => {
    const linked = [`${outputs}/outputs/*`, `${media}/frames/*`, `${media}/videos/*`];
    for (const id of ["worker", "deadLetter"] as const) {
      const read = allOf(id, stack.resolved).filter(({ action }) => action === "s3:GetObject");
      const missing = linked.filter(
        (resource) => !read.some((one) => covers(one, { action: "s3:GetObject", resource })),
      );
      expect([id, ...missing]).toEqual([id]);
    }
  });

  it("is to read frames, for CLIP", () => {
    expect(rightsOf("clipInference").sort()).toEqual([
      `s3:GetObject ${media}/frames/*`,
      `s3:ListBucket ${media}`,
    ]);
  });

  it("is to read videos and frames and to write embeddings, for the batch", () => {
    const rights = rightsOf("clipBatch");
    expect(rights).toContain(`s3:PutObject ${media}/embeddings-cache/*`);
    expect(rights.filter((right) => right.includes(`${media}/videos/`))).toEqual([
      `s3:GetObject ${media}/videos/*`,
    ]);
    expect(rights.filter((right) => right.includes(outputs) || right.includes(inputs))).toEqual([]);
    expect(rights.filter((right) => /^(bedrock|lambda|ssm|sqs):/u.test(right))).toEqual([]);
  });

  it("is to call exactly the allowed models, read inputs and write outputs, for pictures", {
    timeout: SYNTHESIS_MS,
  }, async () => {
    const rights = rightsOf("generate");
    const model = (id: string) =>
      `bedrock:InvokeModel arn:aws:bedrock:us-west-2::foundation-model/${id}`;
    expect(starting("bedrock:", rights)).toEqual(bedrockModelIds.map(model).sort());
    expect(starting("s3:", rights)).toEqual(
      [
        `s3:GetObject ${inputs}/*`,
        `s3:GetObject ${outputs}/outputs/*`,
        `s3:ListBucket ${inputs}`,
        `s3:ListBucket ${outputs}`,
        `s3:PutObject ${inputs}/inputs/*`,
        `s3:PutObject ${outputs}/outputs/*`,
      ].sort(),
    );
    const [, core = ""] = bedrockModelIds;
    const one = await synthesiseStack({ allowedModels: core, bedrockRegion: "us-west-2" });
    for (const id of ["generate", "worker"] as const) {
      expect(starting("bedrock:", rightsOf(id, one))).toEqual([model(core)]);
    }
    await one.remove();
  });

  it("is to work its own queue, for each that is fed by one", () => {
    const consuming = ["DeleteMessage", "GetQueueAttributes", "ReceiveMessage"];
    const fed = { worker: "atelier-jobs.fifo", generate: "image-batch" } as const;
    for (const [id, queue] of Object.entries(fed)) {
      const rights = starting("sqs:", rightsOf(id === "worker" ? "worker" : "generate"));
      const renewing = id === "worker" ? ["ChangeMessageVisibility"] : [];
      expect(rights).toEqual(
        [...renewing, ...consuming].map((action) => `sqs:${action} ${own("sqs", queue)}`),
      );
    }
  });

  it("reaches the parameters of its own secrets alone", () => {
    for (const id of ids) {
      const { Variables } = recordOf(stack.propertiesOf(names[id]).Environment);
      const named = String(recordOf(Variables).SECRET_PARAMETERS ?? "")
        .split(",")
        .filter((each) => each !== "")
        .map((parameter) => `ssm:GetParameters ${own("ssm", `parameter${parameter}`)}`);
      expect(starting("ssm:", rightsOf(id))).toEqual(named.sort());
    }
  });
});
