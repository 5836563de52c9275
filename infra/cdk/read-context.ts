/** Everything that is wrong with the context, one sentence each. */
export class OptionsError extends Error {
  override readonly name = "OptionsError";

  constructor(problems: readonly string[]) {
    super(
      `The deployment's options need attention:\n${problems.map((p) => `  - ${p}`).join("\n")}`,
    );
  }
}

/**
 * Reads options out of CDK's context: what `cdk.json` gives as JSON and `-c` as text. Problems are
 * collected, so that `finish` can name them all at once; until then a bad value counts as absent.
 */
export function createContextReader(context: Readonly<Record<string, unknown>>) {
  const problems: string[] = [];
  const known = new Set<string>();

  function given(name: string): unknown {
    known.add(name);
    const value = context[name];
    return value === "" || value === null ? undefined : value;
  }

  function expect(name: string, what: string): void {
    problems.push(`${name} takes ${what}`);
  }

  function optional(name: string, pattern: RegExp, what: string): string | null {
    const value = given(name);
    if (value === undefined) return null;
    if (typeof value === "string" && pattern.test(value)) return value;
    expect(name, what);
    return null;
  }

  function amountOf(name: string): number | null {
    const value = given(name);
    if (value === undefined) return null;
    const number = typeof value === "string" ? Number(value) : value;
    return typeof number === "number" && Number.isFinite(number) ? number : Number.NaN;
  }

  return {
    optional,
    text: (name: string, standard: string, pattern: RegExp, what: string): string =>
      optional(name, pattern, what) ?? standard,

    flag(name: string, standard: boolean): boolean {
      const value = given(name) ?? standard;
      if (value === true || value === "true") return true;
      if (value !== false && value !== "false") expect(name, "true or false");
      return false;
    },

    /** The first value is the standard one. */
    choice<const Value extends string>(name: string, values: readonly [Value, ...Value[]]): Value {
      const value = given(name) ?? values[0];
      const found = values.find((each) => each === value);
      if (found === undefined) expect(name, values.join(" or "));
      return found ?? values[0];
    },

    /** A JSON array, or text with commas. */
    list(name: string, standard: readonly string[], each: RegExp, what: string): string[] {
      const value = given(name) ?? standard;
      const parts = typeof value === "string" ? value.split(",") : value;
      const texts = Array.isArray(parts) ? parts.map((part) => String(part).trim()) : [];
      const isGood = Array.isArray(parts) && texts.every((text) => each.test(text));
      if (!isGood) expect(name, `a list of ${what}, as JSON or separated by commas`);
      return isGood ? texts : [...standard];
    },

    wholeNumber(
      name: string,
      standard: number,
      limits: { min: number; max: number } | { oneOf: readonly number[] },
    ): number {
      const value = amountOf(name) ?? standard;
      const isGood =
        "oneOf" in limits
          ? limits.oneOf.includes(value)
          : Number.isInteger(value) && value >= limits.min && value <= limits.max;
      if (isGood) return value;
      const range =
        "oneOf" in limits
          ? limits.oneOf.join(", ")
          : `a whole number from ${limits.min} to ${limits.max}`;
      expect(name, range);
      return standard;
    },

    /** More than nothing, or null where there is none. */
    amount(name: string): number | null {
      const value = amountOf(name);
      if (value === null || value > 0) return value;
      expect(name, "an amount above 0");
      return null;
    },

    /** A record of settings; `refused` are those that do not belong here. */
    settings(name: string, refused: RegExp): Record<string, string> {
      const value = given(name) ?? {};
      if (typeof value !== "object" || Array.isArray(value)) {
        expect(name, 'a JSON object such as {"LOG_LEVEL": "debug"}');
        return {};
      }
      const entries = Object.entries(value).map(([key, each]): [string, string] => [
        key,
        String(each),
      ]);
      for (const [key] of entries) {
        if (!/^[A-Z][A-Z0-9_]*$/u.test(key)) problems.push(`${name}.${key} is no setting's name`);
        else if (refused.test(key)) {
          problems.push(`${name}.${key} comes from another option, or is a secret parameter`);
        }
      }
      return Object.fromEntries(entries);
    },

    refuse: (problem: string): void => void problems.push(problem),

    /** Throws when anything was wrong, words that name no option included. */
    finish(): void {
      for (const name of Object.keys(context)) {
        // Feature flags and the CLI's own entries have a colon, a slash or a dash.
        if (/^[a-zA-Z]+$/u.test(name) && !known.has(name)) {
          problems.push(`${name} is no option; there are ${[...known].join(", ")}`);
        }
      }
      if (problems.length > 0) throw new OptionsError(problems);
    },
  };
}
