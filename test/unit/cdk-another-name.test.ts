import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  SYNTHESIS_MS,
  type SynthesisedStack,
  synthesiseStack,
} from "../fixtures/synthesised-stack.ts";
import { recordOf } from "../servers/json-record.ts";

let stack: SynthesisedStack;
beforeAll(async () => {
  stack = await synthesiseStack({ name: "studio" });
}, SYNTHESIS_MS);
afterAll(() => stack.remove());

const namesOf = (type: string) =>
  stack.resolved
    .ofType(type)
    .map((each) => stack.resolved.nameOf(each))
    .sort();
const settingsOf = (name: string) => recordOf(stack.propertiesOf(name).Environment).Variables;

describe("A deployment under another name", () => {
  it("shares no name with the first one", () => {
    expect(namesOf("AWS::Lambda::Function")).toEqual([
      "studio-aws_gen_pic",
      "studio-clip-batch",
      "studio-clip-inference",
      "studio-dead-letter",
      "studio-frame-search",
      "studio-webhook",
      "studio-worker",
    ]);
    expect(namesOf("AWS::DynamoDB::Table")).toEqual([
      "studio",
      "studio-image-cache",
      "studio-videos",
    ]);
    expect(namesOf("AWS::SQS::Queue").every((name) => name.startsWith("studio-"))).toBe(true);
    expect(settingsOf("studio-worker")).toMatchObject({
      CLIP_FUNCTION: "studio-clip-inference",
      SEARCH_FUNCTION: "studio-frame-search",
    });
  });

  it("has its figures, and whatever looks at them, apart from the first one's", () => {
    for (const name of ["studio-worker", "studio-dead-letter", "studio-aws_gen_pic"]) {
      expect(settingsOf(name)).toMatchObject({ METRICS_NAMESPACE: "studio" });
    }
    const { resolved } = stack;
    const namespaces = resolved
      .ofType("AWS::CloudWatch::Alarm")
      .map(({ properties }) => String(properties.Namespace))
      .filter((namespace) => !namespace.startsWith("AWS/"));
    expect([...new Set(namespaces)]).toEqual(["studio"]);
    const [dashboard] = resolved.ofType("AWS::CloudWatch::Dashboard");
    const body = resolved.resolveText(dashboard?.properties.DashboardBody);
    expect(body).toContain('SCHEMA(\\"studio\\",');
    expect(body).not.toMatch(/atelier/iu);
  });

  it("or in another region has a budget of its own, as an account has one list of them", () => {
    const [budget] = stack.resolved.ofType("AWS::Budgets::Budget");
    const { BudgetName } = recordOf(budget?.properties.Budget);
    expect(stack.resolved.resolve(BudgetName)).toBe("studio-us-west-2");
  });
});
