import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readOptions } from "../../infra/cdk/options.ts";
import { OptionsError } from "../../infra/cdk/read-context.ts";
import { lifecycleDays } from "../../infra/cdk/sizes.ts";
import { type SynthesisedStack, synthesiseStack } from "../fixtures/synthesised-stack.ts";
import { isRecord, recordOf, recordsOf, textOf } from "../servers/json-record.ts";

const root = join(import.meta.dirname, "../..");
const EVERY_FUNCTION = "every function";

let page: string;
let stack: SynthesisedStack;
beforeAll(async () => {
  page = await readFile(join(root, "docs/aws.md"), "utf8");
  stack = await synthesiseStack();
}, 60_000);
afterAll(() => stack?.remove());

/** What stands in backquotes in a cell. */
function namesIn(cell = ""): string[] {
  return [...cell.matchAll(/`([^`]+)`/gu)].map(([, name = ""]) => name);
}

/** The rows of tables, by the heading of level 3 above each. */
function rowsBelowHeadings(text: string): Map<string, string[][]> {
  const rows = new Map<string, string[][]>();
  for (const [, heading = "", body = ""] of text.matchAll(
    /^### (.+)\n([\s\S]*?)(?=^### |$(?![\s\S]))/gmu,
  )) {
    const cells = body
      .split("\n")
      .filter((line) => line.startsWith("| `"))
      .map((line) =>
        line
          .split("|")
          .slice(1, -1)
          .map((cell) => cell.trim()),
      );
    rows.set(heading, cells);
  }
  return rows;
}

/** The part of an ARN that tells it apart; buckets as the stack's outputs call them. */
function shortened(arn: string): string {
  const [, bucket, key = ""] =
    /^arn:aws:s3:::atelier-(\w+)-\d{12}-us-west-2(\/.*)?$/u.exec(arn) ?? [];
  if (bucket !== undefined) {
    const outputs: Readonly<Record<string, string>> = {
      outputs: "OutputBucket",
      inputs: "InputBucket",
      media: "MediaBucket",
    };
    return `${outputs[bucket]}${key}`;
  }
  return /^arn:aws:\w+:[\w-]*:\d*:(.*)$/u.exec(arn)?.[1] ?? arn;
}

/** What each role may do, as `role action`: by its own policies, AWS's, and those of buckets. */
function grantsIn({ resolved }: SynthesisedStack): Set<string> {
  const grants = resolved.ofType("AWS::IAM::Role").flatMap(({ id, properties }) => {
    const statements = recordsOf(properties.Policies).flatMap(({ PolicyDocument }) =>
      recordsOf(recordOf(PolicyDocument).Statement),
    );
    const managed = listOf(properties.ManagedPolicyArns ?? []).map((arn) =>
      resolved.resolveText(arn).replace(/^.*\//u, ""),
    );
    const actions = statements.flatMap(({ Action }) => listOf(Action));
    return [...actions, ...managed].map((action) => `${id} ${action}`);
  });
  const ofBuckets = resolved
    .ofType("AWS::S3::BucketPolicy")
    .flatMap(({ properties }) => recordsOf(recordOf(properties.PolicyDocument).Statement))
    .filter(({ Effect }) => Effect === "Allow")
    .flatMap(({ Action, Principal }) =>
      listOf(Action).map((action) => `${JSON.stringify(Principal)} ${action}`),
    );
  return new Set([...grants, ...ofBuckets]);
}

function rightIn(grant: string): string {
  return grant.slice(grant.lastIndexOf(" ") + 1);
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [value];
}

describe("the page about AWS", () => {
  it("names each function's rights as the template gives them, each with its reason", () => {
    const { resolved } = stack;
    const given: string[] = [];
    for (const one of resolved.ofType("AWS::Lambda::Function")) {
      const name = resolved.nameOf(one);
      const role = resolved.byArn(resolved.resolveText(one.properties.Role));
      const statements = recordsOf(role.properties.Policies).flatMap(({ PolicyDocument }) =>
        recordsOf(recordOf(PolicyDocument).Statement),
      );
      for (const { Action, Resource } of statements) {
        for (const action of listOf(Action)) {
          for (const resource of listOf(Resource)) {
            given.push(`${name}: ${action} ${shortened(resolved.resolveText(resource))}`);
          }
        }
      }
    }
    const [, section = ""] = /<!-- rights -->\n([\s\S]*)<!-- \/rights -->/u.exec(page) ?? [];
    const tables = rowsBelowHeadings(section);
    const functions = resolved.ofType("AWS::Lambda::Function").map((one) => resolved.nameOf(one));
    expect([...tables.keys()].sort()).toEqual([EVERY_FUNCTION, ...functions].sort());
    const written = [...tables].flatMap(([heading, rows]) =>
      (heading === EVERY_FUNCTION ? functions : [heading]).flatMap((name) =>
        rows.flatMap(([may, on, why]) => {
          expect(why, `${heading}: ${may}`).toMatch(/^[A-Z`].+\.$/u);
          return namesIn(may).flatMap((action) =>
            namesIn(on).map((each) => `${name}: ${action} ${each.replace("FUNCTION", name)}`),
          );
        }),
      ),
    );
    expect(written.sort()).toEqual(given.sort());
  });

  it("names every right that options add, and no other", { timeout: 60_000 }, async () => {
    const optional = await synthesiseStack({
      ...{ clipSagemaker: true, valkey: true, vectorBucket: "team-frames", guardrailId: "abc123" },
      ...{ imageModel: "sagemaker", sagemakerEndpoint: "team-sdxl", keepData: false },
    });
    const given = grantsIn(optional);
    await optional.remove();
    const usual = grantsIn(stack);
    const added = new Set([...given].filter((each) => !usual.has(each)).map(rightIn));
    const [, section = ""] =
      /<!-- option rights -->\n([\s\S]*)<!-- \/option rights -->/u.exec(page) ?? [];
    const written = namesIn(section).filter((name) => /^\w+:[\w*]+$|^AWS[A-Z]/u.test(name));
    expect([...new Set(written)].sort()).toEqual([...added].sort());
  });

  it("names every option, and no other", () => {
    let known = "";
    try {
      readOptions({ unheard: 1 });
    } catch (thrown) {
      if (thrown instanceof OptionsError) known = thrown.message;
    }
    const [, list = ""] = /there are (.+)$/mu.exec(known) ?? [];
    const [, section = ""] = /## 2\. Options\n([\s\S]*?)\n## /u.exec(page) ?? [];
    const rows = section.split("\n").filter((line) => line.startsWith("| `"));
    const written = rows.flatMap((line) => namesIn(line.split("|")[1]));
    expect(written.sort()).toEqual(list.split(", ").sort());
  });

  it("names every output", () => {
    const outputs = Object.keys(stack.template.findOutputs("*"));
    const [, section = ""] = /## 3\. Deploy\n([\s\S]*?)\n## /u.exec(page) ?? [];
    const rows = section.split("\n").filter((line) => line.startsWith("| `"));
    expect(rows.flatMap((line) => namesIn(line.split("|")[1])).sort()).toEqual(outputs.sort());
  });

  it("makes, and removes, every parameter that a function reads", () => {
    const { resolved } = stack;
    const read = resolved.ofType("AWS::Lambda::Function").flatMap(({ properties }) => {
      const variables = recordOf(recordOf(properties.Environment).Variables);
      const { SECRET_PARAMETERS = "" } = variables;
      return resolved
        .resolveText(SECRET_PARAMETERS)
        .split(",")
        .filter((name) => name !== "");
    });
    const made = [...page.matchAll(/put-parameter --type SecureString --name (\S+)/gu)];
    expect(made.map(([, name]) => name).sort()).toEqual([...new Set(read)].sort());
    const [, removed = ""] = /delete-parameters --names ([\s\S]*?)```/u.exec(page) ?? [];
    expect(
      removed
        .split(/[\s\\]+/u)
        .filter((name) => name !== "")
        .sort(),
    ).toEqual([...new Set(read)].sort());
  });

  it("names log groups, queues, functions and a rule's schedule that are there", () => {
    const { resolved } = stack;
    const names = [
      ...resolved.ofType("AWS::Lambda::Function", "AWS::SQS::Queue", "AWS::Logs::LogGroup"),
      ...resolved.ofType("AWS::CloudWatch::Dashboard"),
    ].map((one) => resolved.nameOf(one));
    const said = [
      ...page.matchAll(/(?:--function-name|--log-group-name|--queue-name) "?([\w/.-]+?)"?[\s)]/gu),
    ].map(([, name = ""]) => name);
    expect(said.length).toBeGreaterThan(3);
    expect(said.filter((name) => name !== "atelier-" && !names.includes(name))).toEqual([]);
    for (const each of ["webhook", "worker", "dead-letter"])
      expect(names).toContain(`atelier-${each}`);
    for (const name of ["atelier-jobs-dead-letters.fifo", "image-batch-dead-letters"]) {
      expect(names).toContain(name);
    }
    const schedules = resolved.ofType("AWS::Events::Rule").map(({ properties }) => properties);
    expect(schedules).toMatchObject([{ ScheduleExpression: "rate(1 hour)" }]);
  });

  it("says what stays after a removal, and what does not", () => {
    const template = recordOf(stack.template.toJSON());
    const kept = Object.values(recordOf(template.Resources))
      .filter(isRecord)
      .filter(({ DeletionPolicy }) => String(DeletionPolicy).startsWith("Retain"))
      .map(({ Type }) => textOf(Type));
    expect(kept.filter((type) => type === "AWS::S3::Bucket")).toHaveLength(4);
    expect(kept.filter((type) => type === "AWS::DynamoDB::Table")).toHaveLength(3);
    expect(kept.filter((type) => !/::(?:Bucket|Table)$/u.test(type))).toEqual([]);
    expect(page).toContain("the four buckets, the three tables");
  });

  it("says how long buckets keep what is in them", () => {
    const [, section = ""] = /## How long things are kept\n([\s\S]*?)\n## /u.exec(page) ?? [];
    const days = (row: string) =>
      Number(new RegExp(`^\\| .*${row}.*?(\\d+) days?`, "mu").exec(section)?.[1]);
    expect({
      outputs: days("`OutputBucket`"),
      inputs: days("`InputBucket`"),
      embeddingsCache: days("`embeddings-cache/`"),
      mediaEarlierVersions: days("videos, frames and the index"),
      incompleteUploads: days("uploads that broke off"),
      accessLogs: days("access logs"),
    }).toEqual(lifecycleDays);
  });

  it("shows the bill as npm run cost prints it", () => {
    const args = ["--images", "1000", "--searches", "5000", "--videos", "20"];
    const { stdout } = spawnSync(process.execPath, ["--import", "tsx", "infra/cost.ts", ...args], {
      cwd: root,
      encoding: "utf8",
    });
    const [, shown] = /<!-- cost -->\n```\n([\s\S]*?)```/u.exec(page) ?? [];
    expect(shown, `npm run cost -- ${args.join(" ")}`).toBe(stdout);
  });

  it("links to files that are there, and is linked from the README", async () => {
    const links = [...page.matchAll(/\]\((\.\.?\/[^)#]+)/gu)].map(([, path = ""]) => path);
    expect(links.length).toBeGreaterThan(3);
    expect(links.filter((path) => !existsSync(join(root, "docs", path)))).toEqual([]);
    const readme = await readFile(join(root, "README.md"), "utf8");
    expect(readme).toContain("(docs/aws.md)");
    const headings = [...readme.matchAll(/^## (.+)$/gmu)].map(([, text = ""]) =>
      text.toLowerCase().replaceAll(" ", "-"),
    );
    const anchors = [...page.matchAll(/README\.md#([\w-]+)/gu)].map(([, anchor]) => anchor);
    expect(anchors.filter((anchor) => !headings.includes(anchor ?? ""))).toEqual([]);
  });
});
