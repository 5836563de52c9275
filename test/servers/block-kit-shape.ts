/** Says what is wrong with the value at that JSON pointer. */
export type Report = (at: string, problem: string) => void;
export type Check = (value: unknown, at: string, report: Report) => void;

export type JsonObject = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The items of a value that should be an array. */
export function itemsOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** Every object in a value, itself included. */
export function objectsIn(value: unknown): JsonObject[] {
  if (Array.isArray(value)) return value.flatMap(objectsIn);
  return isObject(value) ? [value, ...Object.values(value).flatMap(objectsIn)] : [];
}

/** A string of `min` to `max` UTF-16 units. */
export function string({
  min = 1,
  max,
  pattern,
}: {
  min?: number;
  max?: number;
  pattern?: RegExp;
} = {}): Check {
  return (value, at, report) => {
    if (typeof value !== "string") return report(at, "must be a string");
    if (!value.isWellFormed()) report(at, "must be well-formed Unicode");
    if (value.length < min) report(at, `must be more than ${min - 1} characters`);
    if (max !== undefined && value.length > max) {
      report(at, `must be less than ${max + 1} characters`);
    }
    if (pattern !== undefined && !pattern.test(value)) report(at, `must match ${pattern.source}`);
  };
}

/** A web address of at most 3,000 characters, the limit of every `url` and `image_url` in Block Kit. */
export const url = string({ max: 3000, pattern: /^https?:\/\/[^\s/]/u });

export const boolean: Check = (value, at, report) => {
  if (typeof value !== "boolean") report(at, "must be a boolean");
};

export function integer(min: number, max: number): Check {
  return (value, at, report) => {
    if (typeof value !== "number" || !Number.isInteger(value) || value < min || value > max) {
      report(at, `must be an integer from ${min} to ${max}`);
    }
  };
}

export function oneOf(...allowed: readonly (string | number)[]): Check {
  return (value, at, report) => {
    if (!allowed.some((each) => each === value)) {
      report(at, `must be one of ${allowed.join(", ")}`);
    }
  };
}

export function array(item: Check, { min = 1, max }: { min?: number; max?: number } = {}): Check {
  return (value, at, report) => {
    if (!Array.isArray(value)) return report(at, "must be an array");
    if (value.length < min) report(at, `no fewer than ${min} items allowed`);
    if (max !== undefined && value.length > max) report(at, `no more than ${max} items allowed`);
    value.forEach((each, index) => {
      item(each, `${at}/${index}`, report);
    });
  };
}

/** An object that has these fields and no others. */
export function object({
  required = {},
  optional = {},
}: {
  required?: Readonly<Record<string, Check>>;
  optional?: Readonly<Record<string, Check>>;
}): Check {
  return (value, at, report) => {
    if (!isObject(value)) return report(at, "must be an object");
    for (const name of Object.keys(required)) {
      if (value[name] === undefined) report(at, `missing required field: ${name}`);
    }
    for (const [name, field] of Object.entries(value)) {
      const check = required[name] ?? optional[name];
      if (check === undefined) report(`${at}/${name}`, "invalid additional property");
      else if (field !== undefined) check(field, `${at}/${name}`, report);
    }
  };
}

/** An object whose `type` says by which of these it is to be judged. */
export function byType(kinds: Readonly<Record<string, Check>>): Check {
  return (value, at, report) => {
    if (!isObject(value)) return report(at, "must be an object");
    const check = typeof value.type === "string" ? kinds[value.type] : undefined;
    if (check === undefined) return report(`${at}/type`, `unsupported type: ${String(value.type)}`);
    check(value, at, report);
  };
}

/** All of the checks. */
export function all(...checks: readonly Check[]): Check {
  return (value, at, report) => {
    for (const check of checks) check(value, at, report);
  };
}
