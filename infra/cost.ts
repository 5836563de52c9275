import { join } from "node:path";
import { createBill } from "./cost/bill.ts";
import { CostError, readPriceFile } from "./cost/price-file.ts";
import { HELP, readCostOptions } from "./cost/read-options.ts";
import { renderBill } from "./cost/render-bill.ts";
import { readSettings } from "./settings.ts";

/** `npm run cost`: what a month on AWS costs. */
async function main(args: readonly string[]): Promise<string> {
  const { month, region, imageUsd, pricesPath, isJson, isHelp } = readCostOptions(args);
  if (isHelp) return HELP;
  const file = await readPriceFile(pricesPath ?? join(import.meta.dirname, "cost/prices.json"));
  const standardUsd = readSettings({}).settings.PRICE_IMAGE_USD.standard;
  const bill = createBill(file, { region, month, imageUsd: imageUsd ?? standardUsd });
  if (isJson) return `${JSON.stringify(bill, null, 2)}\n`;
  const dates = Object.values(file.prices).map(({ date }) => date);
  return renderBill(bill, [...new Set([dates.sort().at(0), dates.at(-1)])].join(" to "));
}

try {
  process.stdout.write(await main(process.argv.slice(2)));
} catch (thrown) {
  if (!(thrown instanceof CostError)) throw thrown;
  process.stderr.write(`${thrown.message}\n`);
  process.exitCode = 1;
}
