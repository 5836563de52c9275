import { parseArgs } from "node:util";
import { CostError } from "./price-file.ts";
import type { Month } from "./usage.ts";

export interface CostOptions {
  month: Month;
  region: string;
  /** USD for one picture; null: what `PRICE_IMAGE_USD` is unless set. */
  imageUsd: number | null;
  /** A price file instead of the one that is here. */
  pricesPath: string | null;
  isJson: boolean;
  isHelp: boolean;
}

const standard = { images: 1_000, searches: 5_000, videos: 20, region: "us-west-2" };

export const HELP = `What a month of Atelier on AWS costs, by service, beside the price of the pictures.

  npm run cost -- [options]

  --images <n>        pictures that are drawn and paid for (${standard.images})
  --searches <n>      sentences looked for in videos (${standard.searches})
  --videos <n>        videos of ten minutes that are added (${standard.videos})
  --kept-videos <n>   videos that are kept in the end (as many as are added)
  --region <name>     where it is deployed (${standard.region})
  --image-usd <usd>   what one picture costs (PRICE_IMAGE_USD's standard)
  --prices <file>     other prices, in the form of infra/cost/prices.json
  --json              everything as JSON
  --help              this text

What it rests on stands in infra/cost/assumptions.ts and infra/cdk/sizes.ts.
`;

const COUNT_MAX = 1_000_000_000;

const known = {
  images: { type: "string" },
  searches: { type: "string" },
  videos: { type: "string" },
  "kept-videos": { type: "string" },
  region: { type: "string" },
  "image-usd": { type: "string" },
  prices: { type: "string" },
  json: { type: "boolean" },
  help: { type: "boolean", short: "h" },
} as const;

/** Reads the command line; throws a CostError that says what to write instead. */
export function readCostOptions(args: readonly string[]): CostOptions {
  const values = parse(args);
  const count = (name: "images" | "searches" | "videos" | "kept-videos", otherwise: number) => {
    const text = values[name];
    if (text === undefined) return otherwise;
    const number = Number(text.replaceAll(",", ""));
    if (/^[\d,]+$/u.test(text) && number <= COUNT_MAX) return number;
    throw new CostError(
      `--${name} takes a whole number from 0 to ${COUNT_MAX.toLocaleString("en")}, not ${quoted(text)}.`,
    );
  };
  const videos = count("videos", standard.videos);
  return {
    month: {
      images: count("images", standard.images),
      searches: count("searches", standard.searches),
      videos,
      keptVideos: count("kept-videos", videos),
    },
    region: values.region ?? standard.region,
    imageUsd: readUsd(values["image-usd"]),
    pricesPath: values.prices ?? null,
    isJson: values.json ?? false,
    isHelp: values.help ?? false,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: known, allowPositionals: false }).values;
  } catch (cause) {
    throw new CostError(`${problemOf(cause)} npm run cost -- --help lists the options.`, { cause });
  }
}

/** Node names the option in quotes; what it advises beyond that is for programmers. */
function problemOf(thrown: unknown): string {
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  const [, given = ""] = /'([^']*?)(?: <value>)?'/u.exec(message) ?? [];
  if (message.startsWith("Unknown option")) return `There is no option ${given}.`;
  if (message.startsWith("Unexpected argument")) return `${quoted(given)} belongs to no option.`;
  if (message.includes("does not take")) return `${given} takes no value.`;
  return `${given} needs a value, and none that begins with a dash.`;
}

function readUsd(text: string | undefined): number | null {
  if (text === undefined) return null;
  if (/^\d{1,4}(\.\d+)?$/u.test(text)) return Number(text);
  throw new CostError(`--image-usd takes a price in USD such as 0.08, not ${quoted(text)}.`);
}

function quoted(text: string): string {
  return JSON.stringify(text.slice(0, 40));
}
