import { expect, it } from "vitest";
import { readEmf } from "../servers/emf-reader.ts";
import { allowedFor, covers } from "../servers/iam-policies.ts";
import type { DeployedAtelier } from "./deployed-atelier.ts";
import { OPERATOR } from "./deployed-services.ts";

/** Rights that no run on loopback can make use of, each with the reason why. */
const notUsedHere: readonly { action: RegExp; because: string }[] = [
  {
    action: /^(logs:(CreateLogStream|PutLogEvents)|xray:(PutTraceSegments|PutTelemetryRecords))$/u,
    because: "Lambda itself writes logs and traces, with the function's role.",
  },
];

/**
 * Every call that was made in this run against what the template's roles allow, both ways. Last of
 * all, when everything has been done.
 */
export function deployedRightsCases(running: () => DeployedAtelier): void {
  const lines = (found: { action: string; resource: string }[], name: string) =>
    found.map(({ action, resource }) => `${name}: ${action} ${resource}`).sort();

  it("allow every call that the functions made", () => {
    const { recorder, template, functions, roleOf } = running();
    const missing = functions().flatMap(({ name }) => {
      const allowed = allowedFor(template, roleOf(name));
      const calls = recorder.callsOf(name);
      const refused = calls.filter((call) => !allowed.some((one) => covers(one, call)));
      return lines(refused, name);
    });
    expect(missing).toEqual([]);
    expect(recorder.unknown.filter((each) => !each.startsWith(OPERATOR))).toEqual([]);
  });

  it("allow nothing that no function ever does", () => {
    const { recorder, template, functions, roleOf } = running();
    const unused = functions().flatMap(({ name }) => {
      const calls = recorder.callsOf(name);
      const never = allowedFor(template, roleOf(name)).filter(
        (one) =>
          !calls.some((call) => covers(one, call)) &&
          !notUsedHere.some(({ action }) => action.test(one.action)),
      );
      return lines(never, name);
    });
    expect(unused).toEqual([]);
  });

  it("and their metrics come to the dashboard: jobs, stages, cache, models and spend", () => {
    const points = running()
      .functions()
      .flatMap((lambda) =>
        lambda
          .output()
          .split("\n")
          .filter((line) => line.startsWith("{")),
      )
      .flatMap(readEmf);
    const sumOf = (name: string) =>
      points.filter((point) => point.name === name).reduce((sum, { value }) => sum + value, 0);
    expect(points.find(({ name }) => name === "Jobs")).toMatchObject({
      namespace: "atelier",
      dimensions: {
        Command: expect.any(String),
        Outcome: expect.any(String),
        Platform: expect.stringMatching(/^(slack|discord)$/u),
      },
    });
    for (const name of ["JobMs", "RanMs", "ModelCalls", "SpendUsd"]) {
      expect(sumOf(name), name).toBeGreaterThan(0);
    }
    for (const name of ["WaitedMs", "DeliveredMs", "CacheHits"]) {
      expect(
        points.some((point) => point.name === name),
        name,
      ).toBe(true);
    }
  });

  it("and nothing is said that is nobody's business, nor anything against Lambda's rules", () => {
    for (const lambda of running().functions()) {
      expect([lambda.name, ...lambda.problems()]).toEqual([lambda.name]);
      const output = lambda.output();
      for (const text of ["a heron", "a ferry", "a white boat", "xoxb-", "X-Amz-Signature"]) {
        expect(output.includes(text), `${lambda.name} logs ${text}`).toBe(false);
      }
    }
  });
}
