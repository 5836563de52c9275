import type { Bill, BillLine } from "./bill.ts";

const NAME_WIDTH = 38;
const UNITS_WIDTH = 28;
const USD_WIDTH = 14;

/** The bill as a table for a terminal. */
export function renderBill(
  { region, month, lines, own, ...pictures }: Bill,
  dates: string,
): string {
  const { imageUsd, picturesUsd, shares } = pictures;
  const services = [...new Set(lines.map(({ service }) => service))];
  const rows = services.flatMap((service) => {
    const items = lines.filter((line) => line.service === service);
    const sums = items
      .map(columnsOf)
      .reduce((sum, each) => sum.map((usd, i) => usd + (each[i] ?? 0)));
    return [
      row(service, "", sums),
      ...items.map((line) => row(`  ${line.item}`, unitsOf(line), columnsOf(line))),
    ];
  });
  const percents = shares === null ? [] : [shares.list, shares.alwaysFree, shares.firstYear];
  return [
    `A month of Atelier on AWS in ${region}: ${count(month.images, "picture")}, ${count(month.searches, "search", "searches")}, ${count(month.videos, "video")}.`,
    "",
    text("USD", "", ["no free tier", "always free", "first year"]),
    ...rows,
    "",
    row("The service's own cost", "", [own.listUsd, own.alwaysFreeUsd, own.firstYearUsd]),
    row("  of that also without any use", "", [own.standingUsd]),
    row("The pictures' own price", `${decimal(month.images)} × ${imageUsd} USD`, [picturesUsd]),
    ...(percents.length === 0
      ? []
      : [
          text(
            "The own cost as a share of that",
            "",
            percents.map((share) => `${(share * 100).toFixed(1)} %`),
          ),
        ]),
    "",
    "always free: what every account has each month. first year: beside that, what accounts opened",
    "before 15 July 2025 had for 12 months; newer accounts begin with credits instead.",
    `Prices: infra/cost/prices.json, of ${dates}, before tax. What else it rests on: infra/cost/assumptions.ts.`,
    "Not in it: what is deployed by option only (Valkey, SageMaker endpoints, S3 Vectors, a guardrail).",
    "",
  ].join("\n");
}

function columnsOf({ listUsd, freeUsd }: BillLine): number[] {
  const withAlways = listUsd - freeUsd.always;
  return [listUsd, withAlways, withAlways - freeUsd["first-year"]];
}

function unitsOf({ units, unit }: BillLine): string {
  return `${decimal(units)} ${unit}`;
}

function row(name: string, units: string, usd: readonly number[]): string {
  // Free tiers leave a rounding error, which must not be shown as -0.00.
  return text(
    name,
    units,
    usd.map((each) => Math.max(0, each).toFixed(2)),
  );
}

function text(name: string, units: string, columns: readonly string[]): string {
  const cells = columns.map((each) => each.padStart(USD_WIDTH)).join("");
  return `${name.padEnd(NAME_WIDTH)}${units.padStart(UNITS_WIDTH)}${cells}`.trimEnd();
}

function count(amount: number, one: string, many = `${one}s`): string {
  return `${decimal(amount)} ${amount === 1 ? one : many}`;
}

/** Large amounts whole, small ones with what they differ in. */
function decimal(amount: number): string {
  return amount.toLocaleString("en", { maximumFractionDigits: amount >= 100 ? 0 : 2 });
}
