import { BaseSequencer, type TestSpecification } from "vitest/node";

/** These take minutes; started last, one would run on its own in the end. */
const longest = ["e2e/deployed-", "contract/train.", "e2e/on-aws.", "e2e/", "contract/", "unit/"];

function rankOf({ moduleId }: TestSpecification): number {
  return longest.findIndex((part) => moduleId.includes(`/test/${part}`));
}

/**
 * The order in which files are started. On a fresh clone nothing is known of how long a file took,
 * and its size says little.
 */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const isAlone = ({ project }: TestSpecification) => (project.config.isolate ? 0 : 1);
    return sorted.toSorted((a, b) => isAlone(a) - isAlone(b) || rankOf(a) - rankOf(b));
  }
}
