import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { createBill } from "../../infra/cost/bill.ts";
import { type PriceFile, readPriceFile } from "../../infra/cost/price-file.ts";
import type { Month } from "../../infra/cost/usage.ts";

const root = join(import.meta.dirname, "../..");
const PRICES = join(root, "infra/cost/prices.json");
const TSX = createRequire(import.meta.url).resolve("tsx");

const nothing: Month = { images: 0, searches: 0, videos: 0, keptVideos: 0 };
const pictures = (images: number): Month => ({ ...nothing, images });
const usual: Month = { images: 1_000, searches: 5_000, videos: 20, keptVideos: 20 };

let file: PriceFile;
let folder: string;
beforeAll(async () => {
  file = await readPriceFile(PRICES);
  folder = mkdtempSync(join(tmpdir(), "atelier-cost-"));
  return () => rmSync(folder, { recursive: true });
});

const billOf = (month: Month, region = "us-west-2", prices = file) =>
  createBill(prices, { region, month, imageUsd: 0.08 });

/** `npm run cost -- …`, as its script starts it. */
function run(...args: string[]) {
  const child = spawnSync(
    process.execPath,
    ["--import", TSX, join(root, "infra/cost.ts"), ...args],
    {
      // Not the repository: a developer's .env is none of the tests' business.
      cwd: folder,
      encoding: "utf8",
    },
  );
  return { code: child.status, out: child.stdout, error: child.stderr };
}

describe("the service's own cost", () => {
  it("is at most 3 % of the pictures' price at 1,000 pictures a month, with what is always free", () => {
    for (const month of [usual, pictures(1_000)]) {
      expect(billOf(month).shares?.alwaysFree).toBeLessThanOrEqual(0.03);
      expect(billOf(month).shares?.firstYear).toBeLessThanOrEqual(0.03);
    }
  });

  it("grows by at most 3 % of the pictures' price without any free tier", () => {
    const { own, picturesUsd } = billOf(pictures(1_000));
    expect((own.listUsd - own.standingUsd) / picturesUsd).toBeLessThanOrEqual(0.03);
  });

  it("is at most 3 % from 4,000 pictures on without any free tier, with all that watches and waits", () => {
    expect(billOf(pictures(4_000)).shares?.list).toBeLessThanOrEqual(0.03);
  });

  it("without any use is what watches and waits, and that alone", () => {
    const { own, lines, shares } = billOf(nothing);
    expect(own.listUsd).toBeCloseTo(own.standingUsd, 10);
    expect(shares).toBeNull();
    for (const { id, listUsd, standingUsd } of lines) {
      expect([id, listUsd]).toEqual([id, standingUsd]);
    }
  });

  it("is the sum of its lines", () => {
    const { own, lines } = billOf(usual);
    const sum = lines.reduce((total, { listUsd }) => total + listUsd, 0);
    expect(own.listUsd).toBeCloseTo(sum, 10);
  });

  it("is dearer where the prices are", () => {
    const there = billOf(usual, "eu-central-1").own.listUsd;
    expect(there).toBeGreaterThan(billOf(usual).own.listUsd);
    expect(billOf(usual, "us-east-1").own.listUsd).toBe(billOf(usual).own.listUsd);
  });
});

describe("the free tiers", () => {
  const lineOf = (month: Month, id: string) => billOf(month).lines.find((line) => line.id === id);

  it("never take off more than is used, nor more than they give", () => {
    for (const month of [nothing, usual, pictures(10_000_000)]) {
      for (const { listUsd, freeUsd } of billOf(month).lines) {
        expect(freeUsd.always + freeUsd["first-year"]).toBeLessThanOrEqual(listUsd + 1e-9);
      }
    }
    // 400,000 GB-seconds at 0.0000133334, and a million requests at 0.20 a million.
    const heavy = pictures(10_000_000);
    expect(lineOf(heavy, "lambda.time")?.freeUsd.always).toBeCloseTo(5.333, 3);
    expect(lineOf(heavy, "lambda.requests")?.freeUsd.always).toBeCloseTo(0.2, 6);
  });

  it("that two lines share are given once", () => {
    const fifo = lineOf(nothing, "sqs.fifo-requests")?.freeUsd.always ?? 0;
    const standard = lineOf(nothing, "sqs.standard-requests")?.freeUsd.always ?? 0;
    expect(fifo / 0.5 + standard / 0.4).toBeCloseTo(1, 6);
  });

  it("of the first year are told apart from what is always free", () => {
    expect(lineOf(usual, "api-gateway.requests")?.freeUsd).toEqual({
      always: 0,
      "first-year": lineOf(usual, "api-gateway.requests")?.listUsd,
    });
    expect(lineOf(usual, "cloudwatch.dashboards")?.freeUsd["first-year"]).toBe(0);
    const { own } = billOf(usual);
    expect(own.firstYearUsd).toBeLessThan(own.alwaysFreeUsd);
    expect(own.alwaysFreeUsd).toBeLessThan(own.listUsd);
  });
});

describe("npm run cost", { timeout: 60_000 }, () => {
  it("prints the bill by service beside the pictures' own price", () => {
    const { code, out } = run();
    expect(code).toBe(0);
    expect(out).toMatch(
      /^A month of Atelier on AWS in us-west-2: 1,000 pictures, 5,000 searches, 20 videos\.\n/u,
    );
    for (const service of ["Lambda", "SQS", "DynamoDB", "S3", "CloudWatch"]) {
      expect(out).toMatch(
        new RegExp(`^${service} +\\d+\\.\\d\\d +\\d+\\.\\d\\d +\\d+\\.\\d\\d$`, "mu"),
      );
    }
    expect(out).toMatch(/^The pictures' own price +1,000 × 0\.08 USD +80\.00$/mu);
    expect(out).toMatch(/^The own cost as a share of that +\d+\.\d % +\d\.\d % +\d\.\d %$/mu);
    expect(out).not.toMatch(/NaN|undefined|Infinity| -/u);
  });

  it("takes every option, and gives the same as JSON", () => {
    const { code, out } = run(
      ...["--images", "2,000", "--searches", "0", "--videos", "3", "--kept-videos", "30"],
      ...["--region", "eu-west-1", "--image-usd", "0.04", "--prices", PRICES, "--json"],
    );
    expect(code).toBe(0);
    const month = { images: 2_000, searches: 0, videos: 3, keptVideos: 30 };
    const bill = createBill(file, { region: "eu-west-1", month, imageUsd: 0.04 });
    expect(JSON.parse(out)).toEqual(JSON.parse(JSON.stringify(bill)));
    expect(bill.picturesUsd).toBe(80);
  });

  it("says with --help what each option is", () => {
    const { code, out } = run("--help");
    expect(code).toBe(0);
    for (const option of [
      "images",
      "searches",
      "videos",
      "kept-videos",
      "region",
      "image-usd",
      "prices",
      "json",
      "help",
    ]) {
      expect(out).toMatch(new RegExp(`^  --${option} `, "mu"));
    }
  });

  it.each([
    [["--images", "many"], '--images takes a whole number from 0 to 1,000,000,000, not "many".'],
    [["--videos", "1.5"], '--videos takes a whole number from 0 to 1,000,000,000, not "1.5".'],
    [["--searches=-1"], '--searches takes a whole number from 0 to 1,000,000,000, not "-1".'],
    [
      ["--images"],
      "--images needs a value, and none that begins with a dash. npm run cost -- --help lists the options.",
    ],
    [
      ["--pictures", "5"],
      "There is no option --pictures. npm run cost -- --help lists the options.",
    ],
    [["5000"], '"5000" belongs to no option. npm run cost -- --help lists the options.'],
    [["--image-usd", "cheap"], '--image-usd takes a price in USD such as 0.08, not "cheap".'],
    [["--prices", "missing.json"], "The price file missing.json cannot be read as JSON."],
  ])("answers %j with a sentence", (args, sentence) => {
    expect(run(...args)).toEqual({ code: 1, out: "", error: `${sentence}\n` });
  });

  it("names the regions that it has prices for, and what is wrong with a price file", () => {
    expect(run("--region", "mars-north-1").error).toMatch(
      /^There are no prices for mars-north-1; .*us-west-2/u,
    );
    const { "s3.storage": _left, ...prices } = file.prices;
    const path = join(folder, "incomplete.json");
    writeFileSync(path, JSON.stringify({ ...file, prices }));
    const { code, error } = run("--prices", path);
    expect([code, error]).toEqual([
      1,
      expect.stringMatching(/is not complete\. prices\.s3\.storage: /u),
    ]);
  });
});

describe("the price file", () => {
  it("has a unit, a date and a source for every price", () => {
    for (const { unit, date, source } of Object.values(file.prices)) {
      expect(unit).not.toBe("");
      expect(date).toMatch(/^20\d\d-(0[1-9]|1[0-2])$/u);
      expect(source).toMatch(/^https:\/\/aws\.amazon\.com\//u);
    }
  });

  it("is written as a person would read it, with no price twice", () => {
    const names = [...readFileSync(PRICES, "utf8").matchAll(/^ {4}"([a-z0-9.-]+)": \{$/gmu)];
    const priced = names.map(([, name]) => name).filter((name) => name?.includes("."));
    expect(new Set(priced).size).toBe(priced.length);
    expect(priced.sort()).toEqual(Object.keys(file.prices).sort());
  });
});
