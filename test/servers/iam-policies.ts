import type { AwsCall } from "./aws-calls.ts";
import { type JsonRecord, recordOf, recordsOf } from "./json-record.ts";
import type { StackTemplate } from "./stack-template.ts";

/** One action on one resource that a role's statement allows; both may hold wildcards. */
export interface Allowed {
  action: string;
  resource: string;
  /** A condition on `s3:prefix`; null: none. */
  prefixes: readonly string[] | null;
}

/** What the role may do, by the policies in the template, one action and one resource each. */
export function allowedFor(template: StackTemplate, roleId: string): Allowed[] {
  const own = recordsOf(template.resource(roleId).properties.Policies);
  const attached = template
    .ofType("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy")
    .filter(({ properties }) => refsOf(properties.Roles).includes(roleId))
    .map(({ properties }) => properties);
  const statements = [...own, ...attached].flatMap(({ PolicyDocument }) =>
    recordsOf(recordOf(PolicyDocument).Statement),
  );
  return statements.flatMap((statement) => allowedBy(template, statement));
}

function allowedBy(template: StackTemplate, statement: JsonRecord): Allowed[] {
  const { Effect, Action, Resource, NotAction, NotResource, Condition } = statement;
  if (Effect !== "Allow" || NotAction !== undefined || NotResource !== undefined) {
    throw new Error(`Only Allow, Action and Resource are known here: ${JSON.stringify(statement)}`);
  }
  const prefixes = prefixesIn(template, Condition);
  const resources = listOf(Resource).map((each) => template.resolveText(each));
  return listOf(Action).flatMap((action) =>
    resources.map((resource) => ({ action: String(action), resource, prefixes })),
  );
}

function prefixesIn(template: StackTemplate, condition: unknown): string[] | null {
  if (condition === undefined) return null;
  const [[operator, given] = ["", {}], ...others] = Object.entries(recordOf(condition));
  const { "s3:prefix": prefix, ...more } = recordOf(given);
  const isKnown = operator === "StringLike" || operator === "StringEquals";
  if (!isKnown || others.length > 0 || prefix === undefined || Object.keys(more).length > 0) {
    throw new Error(`This condition is not known here: ${JSON.stringify(condition)}`);
  }
  return listOf(prefix).map((each) => template.resolveText(each));
}

/** Whether a statement lets that call through. */
export function covers({ action, resource, prefixes }: Allowed, call: AwsCall): boolean {
  const { prefix } = call;
  // A request without a prefix fits no condition on one.
  if (prefixes !== null && !prefixes.some((each) => prefix !== undefined && fits(each, prefix))) {
    return false;
  }
  // Actions know no case, resources do.
  return fits(action.toLowerCase(), call.action.toLowerCase()) && fits(resource, call.resource);
}

/** `*` stands for anything, `?` for one character. */
function fits(pattern: string, text: string): boolean {
  const literal = pattern.replace(/[.+^${}()|[\]\\]/gu, "\\$&");
  const source = literal.replaceAll("*", ".*").replaceAll("?", ".");
  return new RegExp(`^${source}$`, "su").test(text);
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [value];
}

function refsOf(value: unknown): string[] {
  return recordsOf(value).map(({ Ref }) => String(Ref));
}
