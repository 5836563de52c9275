import type { Arns } from "../arns.ts";
import type { Names } from "../names.ts";
import type { Options } from "../options.ts";

/** One statement of a role: these actions on these resources, as for `Fn::Sub`. */
export interface Right {
  actions: readonly string[];
  resources: readonly string[];
  /** Why a `*` in a resource cannot be narrower; without it none may be there. */
  wildcardBecause?: string;
}

/** What a function's rights are made from. */
export interface RightsParts {
  names: Names;
  arns: Arns;
  options: Options;
  /** The settings that the function reads from SSM. */
  secrets: readonly string[];
}

/** Keys have ids and dates in them: their folder is as narrow as it gets. */
const KEYS_VARY = "Objects are named by ids and dates; the folder is the narrowest that there is.";

/** The actions on the objects in some folders of one bucket. */
export function onObjects(
  bucketArn: string,
  folders: readonly string[],
  actions: readonly string[],
): Right {
  const resources = folders.map((folder) => `${bucketArn}/${folder}/*`);
  return { actions, resources, wildcardBecause: KEYS_VARY };
}

/** Without it S3 answers 403 for a missing object, not 404. */
export function seesAbsence(...bucketArns: readonly string[]): Right {
  return { actions: ["s3:ListBucket"], resources: bucketArns };
}

/** Lambda itself reads a queue with the role of the function that it feeds. */
export function isFedBy(queueArn: string): Right {
  return {
    actions: ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"],
    resources: [queueArn],
  };
}

/** While it works on a message, it keeps it invisible to others, minute by minute. */
export function keepsItsMessages(queueArn: string): Right {
  return { actions: ["sqs:ChangeMessageVisibility"], resources: [queueArn] };
}

/** Decryption needs no further right: the key is SSM's own (`alias/aws/ssm`). */
export function readsSecrets({ arns, secrets }: Pick<RightsParts, "arns" | "secrets">): Right[] {
  if (secrets.length === 0) return [];
  return [{ actions: ["ssm:GetParameters"], resources: secrets.map(arns.parameter) }];
}

/** An index of the state table, e.g. `by-user`. */
export function indexOf(tableArn: string, index: "user" | "place" | "open"): string {
  return `${tableArn}/index/by-${index}`;
}
