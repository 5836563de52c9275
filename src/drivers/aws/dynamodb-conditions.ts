import type { WriteCondition } from "../../ports/index.ts";

export interface ConditionInput {
  ConditionExpression?: string;
  ExpressionAttributeNames?: Record<string, string>;
  ExpressionAttributeValues?: Record<string, string | number>;
}

/**
 * Any of the conditions, as the fields of a write request. Every name goes through a
 * placeholder, because `owner`, `status` and some 570 others are reserved words.
 */
export function conditionInput(
  anyOf: readonly WriteCondition[],
  { keyAttribute, nowSeconds }: { keyAttribute: string; nowSeconds: number },
): ConditionInput {
  const names: Record<string, string> = {};
  const values: Record<string, string | number> = {};

  function nameFor(attribute: string): string {
    const placeholder = `#n${Object.keys(names).length}`;
    names[placeholder] = attribute;
    return placeholder;
  }
  function valueFor(value: string | number): string {
    const placeholder = `:v${Object.keys(values).length}`;
    values[placeholder] = value;
    return placeholder;
  }
  function expressionFor(condition: WriteCondition): string {
    switch (condition.kind) {
      case "absent":
        return `attribute_not_exists(${nameFor(keyAttribute)})`;
      case "expired":
        // False for an item that never expires: a comparison with a missing attribute is false.
        return `${nameFor("expires_at")} <= ${valueFor(nowSeconds)}`;
      case "equals":
        return Object.entries(condition.attributes)
          .map(([attribute, value]) =>
            value === null
              ? `attribute_not_exists(${nameFor(attribute)})`
              : `${nameFor(attribute)} = ${valueFor(value)}`,
          )
          .join(" AND ");
    }
  }

  const expressions = anyOf.map(expressionFor);
  // No parentheses: AND binds before OR, and dynalite takes long to read them.
  // `equals` of nothing always holds, and with it the whole: that is a write without conditions.
  if (expressions.length === 0 || expressions.includes("")) return {};
  return {
    ConditionExpression: expressions.join(" OR "),
    ExpressionAttributeNames: names,
    ...(Object.keys(values).length === 0 ? {} : { ExpressionAttributeValues: values }),
  };
}
