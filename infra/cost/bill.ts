import {
  type FreeTier,
  type Price,
  type PriceFile,
  type PriceId,
  priceIds,
  pricesIn,
} from "./price-file.ts";
import { type Month, type Usage, usageOf } from "./usage.ts";

export interface BillLine {
  id: PriceId;
  service: string;
  item: string;
  units: number;
  unit: string;
  /** Without any free tier; the part that is due in any case is `standingUsd` of it. */
  listUsd: number;
  standingUsd: number;
  /** What each free tier takes off; the first year comes on top of what is always free. */
  freeUsd: Readonly<Record<FreeTier, number>>;
}

interface Totals {
  /** The service's own cost, by how much of it is free. */
  listUsd: number;
  alwaysFreeUsd: number;
  firstYearUsd: number;
  /** Of the first one: due also when nobody asks for anything. */
  standingUsd: number;
}

export interface Bill {
  region: string;
  month: Month;
  lines: readonly BillLine[];
  own: Totals;
  /** What the pictures cost: calls of the image model at its own price. */
  imageUsd: number;
  picturesUsd: number;
  /** The own cost as a share of that; null without pictures. */
  shares: { list: number; alwaysFree: number; firstYear: number } | null;
}

/** The month's bill of the deployment's default. */
export function createBill(
  file: PriceFile,
  { region, month, imageUsd }: { region: string; month: Month; imageUsd: number },
): Bill {
  const prices = pricesIn(file, region);
  const usage = usageOf(month);
  const always = freeUnits(file, usage, "always", () => 0);
  const firstYear = freeUnits(file, usage, "first-year", always);
  const lines = priceIds.map((id): BillLine => {
    const { service, item, unit } = prices[id];
    const { byUse, standing } = usage[id];
    const usdOf = (units: number) => usdFor(prices[id], units);
    return {
      id,
      service,
      item,
      units: byUse + standing,
      unit,
      listUsd: usdOf(byUse + standing),
      standingUsd: usdOf(standing),
      freeUsd: { always: usdOf(always(id)), "first-year": usdOf(firstYear(id)) },
    };
  });
  const total = (usdOf: (line: BillLine) => number) =>
    lines.reduce((sum, line) => sum + usdOf(line), 0);
  const own: Totals = {
    listUsd: total(({ listUsd }) => listUsd),
    alwaysFreeUsd: total(({ listUsd, freeUsd }) => listUsd - freeUsd.always),
    firstYearUsd: total(({ listUsd, freeUsd }) => listUsd - freeUsd.always - freeUsd["first-year"]),
    standingUsd: total(({ standingUsd }) => standingUsd),
  };
  const picturesUsd = month.images * imageUsd;
  const shares = {
    list: own.listUsd / picturesUsd,
    alwaysFree: own.alwaysFreeUsd / picturesUsd,
    firstYear: own.firstYearUsd / picturesUsd,
  };
  return {
    region,
    month,
    lines,
    own,
    imageUsd,
    picturesUsd,
    shares: picturesUsd > 0 ? shares : null,
  };
}

function usdFor({ usd, per }: Price, units: number): number {
  return (units / per) * usd;
}

/** How many units of a line a tier gives; where lines share an amount, the first has it first. */
function freeUnits(
  { free }: PriceFile,
  usage: Usage,
  tier: FreeTier,
  freeBefore: (id: PriceId) => number,
): (id: PriceId) => number {
  const given = new Map<PriceId, number>();
  for (const { amount, prices } of free.filter((each) => each.tier === tier)) {
    let left = amount;
    for (const id of prices) {
      const units = usage[id].byUse + usage[id].standing;
      const before = freeBefore(id) + (given.get(id) ?? 0);
      const taken = Math.min(left, units - before);
      given.set(id, (given.get(id) ?? 0) + taken);
      left -= taken;
    }
  }
  return (id) => given.get(id) ?? 0;
}
