import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { isBuiltin } from "node:module";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import type { Metafile } from "esbuild";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bundleWebhook } from "../../infra/bundle/webhook-bundle.ts";
import { zippedSizeBytes } from "../../infra/bundle/zipped-size.ts";

const ZIPPED_MAX_BYTES = 1_500_000;

/** What our code asks for; what these bring along themselves comes with them. */
const packagesInUse = [
  "@aws-sdk/client-dynamodb",
  "@aws-sdk/client-sqs",
  "@aws-sdk/client-ssm",
  "@aws-sdk/lib-dynamodb",
  "@discordjs/rest",
  "@slack/bolt",
  "@slack/web-api",
  "@smithy/node-http-handler",
  "discord-api-types",
  "pino",
  "zod",
];
/** What must not come along with any of them. */
const unwanted =
  /^(?:discord\.js|@discordjs\/ws|ws|express|@slack\/(?:oauth|socket-mode)|axios|sharp|@img\/|onnxruntime|usearch|bottleneck|ioredis|hono|esbuild|dynalite|classic-level|@aws-sdk\/client-(?!dynamodb$|sqs$|ssm$))/u;
/** What is loaded only when it is used: never before the first answer. */
const loadedLate = ["@discordjs/rest", "undici"];

/** Ours that belong to the one process, or to the worker. */
const ofOthers =
  /^(?:adapters\/playground|infra\/(?:api|clip-services\/(?!once)|models|training)|src\/drivers\/(?!aws|pino|process))/u;

describe("the webhook's bundle", () => {
  let folder: string;
  let metafile: Metafile;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "atelier-bundle-"));
    metafile = await bundleWebhook(join(folder, "webhook"));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  /** The files that stand in these outputs. */
  function filesIn(outputs: Iterable<string>): string[] {
    const found = [...outputs].flatMap((path) =>
      Object.entries(metafile.outputs[path]?.inputs ?? {}),
    );
    return [
      ...new Set(found.filter(([, { bytesInOutput }]) => bytesInOutput > 0).map(([path]) => path)),
    ];
  }

  function packagesIn(files: readonly string[]): string[] {
    const names = files.map(
      (path) => /^.*node_modules\/((?:@[^/]+\/)?[^/]+)/u.exec(path)?.[1] ?? [],
    );
    return [...new Set(names.flat())].sort();
  }

  /** The entry and whatever is loaded with it, at once. */
  function loadedAtOnce(): Set<string> {
    const entry = Object.keys(metafile.outputs).find((path) => basename(path) === "webhook.mjs");
    const loaded = new Set([entry ?? ""]);
    for (const path of loaded) {
      for (const { path: next, kind } of metafile.outputs[path]?.imports ?? []) {
        if (kind === "import-statement" && next in metafile.outputs) loaded.add(next);
      }
    }
    return loaded;
  }

  it("is at most 1.5 MB zipped", async () => {
    expect(await zippedSizeBytes(join(folder, "webhook"))).toBeLessThanOrEqual(ZIPPED_MAX_BYTES);
  });

  it("comes out the same, byte for byte, wherever it is made: what did not change is not deployed", async () => {
    const again = join(folder, "again");
    await bundleWebhook(again);
    const names = await readdir(again);
    const files = (of: string) =>
      Promise.all(names.map((name) => readFile(join(of, name), "utf8")));
    expect(await files(again)).toEqual(await files(join(folder, "webhook")));
  });

  it("needs nothing that is not in it but Node itself", () => {
    const imports = Object.values(metafile.outputs).flatMap((output) => output.imports);
    const outside = imports.filter(({ path, external }) => external === true && !isBuiltin(path));
    expect(outside.map(({ path }) => path)).toEqual([]);
  });

  it("is made of these packages, and of what they bring along", () => {
    const files = filesIn(Object.keys(metafile.outputs));
    const isOurs = (path: string) => !path.includes("node_modules/");
    const asked = files.filter(isOurs).flatMap((path) => metafile.inputs[path]?.imports ?? []);
    expect(packagesIn(asked.map(({ path }) => path))).toEqual(packagesInUse);
    expect(packagesIn(files).filter((name) => unwanted.test(name))).toEqual([]);
  });

  it("holds none of our files that draw, search, train or serve the page", () => {
    const files = filesIn(Object.keys(metafile.outputs));
    expect(files.filter((path) => ofOthers.test(path))).toEqual([]);
  });

  it("loads nothing before the first answer that only later calls need", () => {
    const packages = packagesIn(filesIn(loadedAtOnce()));
    expect(packages.filter((name) => loadedLate.includes(name))).toEqual([]);
  });
});
