import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { Stack, Validations } from "aws-cdk-lib";
import { CfnBucket } from "aws-cdk-lib/aws-s3";
import { AwsSolutionsChecks } from "cdk-nag";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createApp } from "../../infra/cdk/app.ts";
import {
  SYNTHESIS_MS,
  type SynthesisedStack,
  synthesiseStack,
} from "../fixtures/synthesised-stack.ts";
import { recordOf, recordsOf, textOf } from "../servers/json-record.ts";

const run = promisify(execFile);

let stack: SynthesisedStack;
beforeAll(async () => {
  stack = await synthesiseStack();
}, SYNTHESIS_MS);
afterAll(() => stack.remove());

/** Every exception from a rule, with the path of what it is for. */
function exceptions({ app }: SynthesisedStack) {
  return app.node.findAll().flatMap(({ node }) =>
    node.metadata
      .filter(({ type }) => type === Validations.ACKNOWLEDGED_RULES_METADATA_KEY)
      .flatMap(({ data }) =>
        Object.entries(recordOf(data)).map(([rule, reason]) => ({
          rule: rule.replace(/^.*::(?=AwsSolutions-)/u, ""),
          path: node.path,
          reason: textOf(reason),
        })),
      ),
  );
}

describe("The AwsSolutions rules of cdk-nag", () => {
  it("and CloudFormation's own find nothing in the stack, whatever is optional in it", {
    timeout: SYNTHESIS_MS,
  }, async () => {
    const whole = {
      valkey: true,
      clipSagemaker: true,
      vectorBucket: "team-frames",
      guardrailId: "abc123",
      alarmEmail: "ops@example.com",
    };
    for (const options of [{}, whole, { generateAuth: "iam" }, { keepData: false }]) {
      const each = await synthesiseStack(options, { isValidated: true });
      expect(new AwsSolutionsChecks().validateScope(each.app)).toEqual({
        success: true,
        violations: [],
      });
      const report = JSON.parse(
        await readFile(join(each.outdir, "validation-report.json"), "utf8"),
      );
      const found = recordsOf(recordOf(report).pluginReports).flatMap(({ violations }) =>
        recordsOf(violations).map(({ ruleName }) => ruleName),
      );
      expect(found).toEqual([]);
      await each.remove();
    }
  });

  it("stop the synthesis of what breaks them", { timeout: SYNTHESIS_MS }, async () => {
    const spoiling = synthesiseStack(
      {},
      {
        change(app) {
          new CfnBucket(app.node.findChild("atelier"), "open", {});
        },
      },
    );
    await expect(spoiling).rejects.toThrow(/AwsSolutions-S1\b/u);
  });

  it("have these exceptions and no others, each with its reason", () => {
    const found = exceptions(stack);
    const ofRoles = found.filter(({ rule }) => rule.startsWith("AwsSolutions-IAM5"));
    const others = found.filter((each) => !ofRoles.includes(each));
    expect(others.map(({ rule, path }) => `${rule} ${path}`).sort()).toEqual([
      "AwsSolutions-APIG4 atelier/api/GET--generate",
      "AwsSolutions-APIG4 atelier/api/POST--discord--interactions",
      "AwsSolutions-APIG4 atelier/api/POST--generate",
      "AwsSolutions-APIG4 atelier/api/POST--slack--events",
      "AwsSolutions-L1 atelier/webhook",
      "AwsSolutions-S1 atelier/accessLogs",
    ]);
    for (const { reason } of found) expect(reason.length).toBeGreaterThan(40);
  });

  it("have exceptions for wildcards in resources alone, each of one function's role", () => {
    const ofRoles = exceptions(stack).filter(({ rule }) => rule.startsWith("AwsSolutions-IAM5"));
    expect(ofRoles.length).toBeGreaterThan(0);
    for (const { rule, path } of ofRoles) {
      expect(rule).toMatch(/^AwsSolutions-IAM5\[Resource::.*\*\]$/u);
      expect(path).toMatch(/^atelier\/[a-zA-Z]+Role$/u);
    }
  });
});

describe("Synthesis", () => {
  it("needs no account, no network and no Docker", { timeout: SYNTHESIS_MS }, async () => {
    const script = join(import.meta.dirname, "../fixtures/synthesise-offline.ts");
    const { stdout } = await run(process.execPath, ["--import", "tsx", script], {
      env: { PATH: "/nonexistent", HOME: "/nonexistent" },
    });
    expect(stdout).toBe("unknown-account unknown-region 7\n");
  });

  it("says what to do where nothing was bundled yet", () => {
    const artefacts = { webhookFolder: "/nonexistent/webhook", imageFolder: "/nonexistent/image" };
    expect(() => createApp({ artefacts })).toThrow(/webhook\. Run npm run bundle first/u);
  });

  it("leaves one stack of its own resources: none that the CDK runs for itself", () => {
    expect(stack.assembly.stacks.map(({ stackName }) => stackName)).toEqual(["atelier"]);
    const types = Object.values(recordOf(stack.template.toJSON().Resources)).map((resource) =>
      textOf(recordOf(resource).Type),
    );
    expect(types.filter((type) => !type.startsWith("AWS::"))).toEqual([]);
    expect(types).not.toContain("AWS::CDK::Metadata");
    expect(Stack.isStack(stack.app.node.findChild("atelier"))).toBe(true);
  });
});
