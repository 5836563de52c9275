import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { describe, expect, it } from "vitest";
import { commands } from "#commands";
import { stylePresets } from "#core";
import { renderEnvExample } from "../../infra/render-env-example.ts";
import { loadedWith } from "../fixtures/loaded-with.ts";

const root = join(import.meta.dirname, "../..");

interface SourceFile {
  path: string;
  text: string;
  lines: number;
  imports: string[];
}

function filesBelow(folder: string): SourceFile[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(ts|tsx|css)$/u.test(entry.name))
    .map((entry) => {
      const path = relative(root, join(entry.parentPath, entry.name));
      const text = readFileSync(join(root, path), "utf8");
      const found = text.matchAll(
        /(?:^import |^(?:import|export|\}) .*?\bfrom |\bimport\()"([^"\n]+)"/gmu,
      );
      const imports = [...found].map((match) => resolveImport(path, match[1] ?? ""));
      return { path, text, lines: text.split("\n").length - 1, imports };
    });
}

/** Relative imports as paths from the root, all others as they are. */
function resolveImport(from: string, specifier: string): string {
  return specifier.startsWith(".") ? join(dirname(from), specifier) : specifier;
}

const all = ["src", "commands", "adapters", "infra", "test"].flatMap(filesBelow);
const code = all.filter(({ path }) => path.endsWith(".ts") || path.endsWith(".tsx"));
const product = code.filter(({ path }) => !path.startsWith("test/"));
const core = code.filter(({ path }) => path.startsWith("src/") && !path.startsWith("src/drivers/"));

/** The packages that each technology's drivers are for; pure Node and zod are free to all. */
const driverPackages: Readonly<Record<string, readonly string[]>> = {
  aws: [
    "@aws-sdk/client-bedrock-runtime",
    "@aws-sdk/client-dynamodb",
    "@aws-sdk/client-lambda",
    "@aws-sdk/client-s3",
    "@aws-sdk/client-s3vectors",
    "@aws-sdk/client-sagemaker-runtime",
    "@aws-sdk/client-sqs",
    "@aws-sdk/client-ssm",
    "@aws-sdk/lib-dynamodb",
    "@aws-sdk/s3-request-presigner",
    "@smithy/node-http-handler",
    "sharp",
  ],
  bottleneck: ["bottleneck", "ioredis"],
  disk: ["classic-level"],
  dynalite: ["classic-level", "dynalite"],
  ffmpeg: [],
  onnx: ["@huggingface/tokenizers", "onnxruntime-node", "sharp"],
  pino: ["pino"],
  process: [],
  prometheus: ["prom-client"],
  sharp: ["sharp"],
  sketch: ["sharp"],
  usearch: ["usearch"],
};

const adapterPackages: Readonly<Record<string, readonly string[]>> = {
  playground: ["hono", "esbuild", "preact"],
  slack: ["@slack/bolt", "@slack/web-api"],
  discord: ["discord.js", "@discordjs/rest", "discord-api-types"],
};

function isFree(specifier: string): boolean {
  return specifier.startsWith("node:") || specifier === "zod";
}

function isPackage(specifier: string, packages: readonly string[]): boolean {
  return packages.some((name) => specifier === name || specifier.startsWith(`${name}/`));
}

function offences(files: readonly SourceFile[], allows: (from: string, to: string) => boolean) {
  return files.flatMap(({ path, imports }) =>
    imports.filter((to) => !allows(path, to)).map((to) => `${path} imports ${to}`),
  );
}

describe("what may import what", () => {
  it("lets the core import itself, zod and pure Node", () => {
    const allows = (_from: string, to: string) =>
      isFree(to) || (to.startsWith("src/") && !to.startsWith("src/drivers/"));
    expect(offences(core, allows)).toEqual([]);
  });

  it("lets a driver import ports, errors, its own folder and its own packages", () => {
    const drivers = code.filter(({ path }) => path.startsWith("src/drivers/"));
    const allows = (from: string, to: string) => {
      const technology = from.split("/")[2] ?? "";
      return (
        isFree(to) ||
        to === "src/ports/index.ts" ||
        to === "src/errors.ts" ||
        to.startsWith(`src/drivers/${technology}/`) ||
        isPackage(to, driverPackages[technology] ?? [])
      );
    };
    expect(offences(drivers, allows)).toEqual([]);
  });

  it("lets a command import the core's public door only", () => {
    const files = code.filter(({ path }) => path.startsWith("commands/"));
    const isIndex = (path: string) => path === "commands/index.ts";
    const allows = (from: string, to: string) =>
      to === "#core" || (isIndex(from) && to.startsWith("commands/"));
    expect(offences(files, allows)).toEqual([]);
  });

  it("lets an adapter import the core's public door and its own platform's packages", () => {
    const files = code.filter(({ path }) => path.startsWith("adapters/"));
    const allows = (from: string, to: string) => {
      const platform = from.split("/")[1] ?? "";
      return (
        isFree(to) ||
        to === "#core" ||
        to.startsWith(`adapters/${platform}/`) ||
        isPackage(to, adapterPackages[platform] ?? [])
      );
    };
    expect(offences(files, allows)).toEqual([]);
  });

  it("lets the CDK app import itself, the CDK and pure Node, and its entry the environment", () => {
    const files = code.filter(({ path }) => path.startsWith("infra/cdk/"));
    const packages = ["aws-cdk-lib", "constructs", "cdk-nag"];
    const allows = (from: string, to: string) =>
      isFree(to) ||
      to.startsWith("infra/cdk/") ||
      isPackage(to, packages) ||
      (from === "infra/cdk/main.ts" && to === "infra/settings.ts");
    expect(files.length).toBeGreaterThan(0);
    expect(offences(files, allows)).toEqual([]);
  });

  it("keeps infra and tests out of everything else", () => {
    const others = product.filter(({ path }) => !path.startsWith("infra/"));
    const allows = (_from: string, to: string) => !/^(infra|test)\//u.test(to);
    expect(offences(others, allows)).toEqual([]);
  });
});

describe("the house rules", () => {
  it("keeps the entries of functions at 40 lines or less", () => {
    const entries = product.filter(({ path }) => path.endsWith(".lambda.ts"));
    expect(entries.length).toBeGreaterThan(5);
    expect(entries.filter(({ lines }) => lines > 40).map(({ path }) => path)).toEqual([]);
  });

  it("reads the environment in infra/settings.ts only", () => {
    const readers = product.filter(({ text }) => /process\.env|\benv\b.*\} = process/u.test(text));
    // Of Lambda's own variables, which are no settings, its runtime reads and sets some.
    const runtime = "infra/container/lambda-runtime.ts";
    expect(readers.map(({ path }) => path).toSorted()).toEqual([runtime, "infra/settings.ts"]);
  });

  it("loads no chat platform's SDK before its settings turn it on", () => {
    const loaded = [...loadedWith("infra/server.ts")];
    expect(loaded).toContain("infra/chat-adapters.ts");
    const sdks = (platform: string) => adapterPackages[platform] ?? [];
    for (const platform of Object.keys(adapterPackages).filter((name) => name !== "playground")) {
      expect(loaded.filter((each) => isPackage(each, sdks(platform)))).toEqual([]);
    }
  });

  it("keeps platform words out of the core", () => {
    const speakers = code.filter(
      ({ path, text }) => path.startsWith("src/") && /slack|discord|playground/iu.test(text),
    );
    expect(speakers.map(({ path }) => path)).toEqual([]);
  });

  it("has no file over 300 lines, and half of the product's files within 120", () => {
    expect(all.filter(({ lines }) => lines > 300).map(({ path }) => path)).toEqual([]);
    const sizes = product.map(({ lines }) => lines).sort((a, b) => a - b);
    expect(sizes[Math.floor(sizes.length / 2)]).toBeLessThanOrEqual(120);
  });

  it("names files in kebab-case, and none after a drawer for odds and ends", () => {
    const odd = all.filter(({ path }) => {
      const name = path.slice(path.lastIndexOf("/") + 1);
      const isKebab = /^[a-z0-9]+(-[a-z0-9]+)*(\.(test|lambda|d))?\.(ts|tsx|css)$/u.test(name);
      return !isKebab || /\b(utils?|helpers?|common|misc|manager|types)\b/u.test(name);
    });
    expect(odd.map(({ path }) => path)).toEqual([]);
  });

  it("has no loose ends: any, double casts, ignored types, skipped or focused tests, mocked modules", () => {
    const loose = code.filter(
      ({ path, text }) =>
        path !== "test/unit/boundaries.test.ts" &&
        /\bas any\b|: any\b|as unknown as|@ts-(ignore|expect-error|nocheck)|\bTODO\b|\bFIXME\b|\.only\(|\b(it|test|describe)\.skip\(|vi\.mock\(/u.test(
          text,
        ),
    );
    expect(loose.map(({ path }) => path)).toEqual([]);
  });

  it("has the same file names in every adapter", () => {
    for (const platform of Object.keys(adapterPackages)) {
      const names = readdirSync(join(root, "adapters", platform));
      expect(names).toEqual(expect.arrayContaining(["index.ts", "inbound.ts", "render.ts"]));
      if (platform === "playground") continue;
      const ofChatApps = ["register.ts", "listeners.ts", "reception.ts", "forms.ts", "target.ts"];
      const folders = ["api", "delivery", "inbound", "transport"];
      expect(names).toEqual(expect.arrayContaining([...ofChatApps, ...folders]));
    }
  });

  it("lists every command once, each from a file of its name", () => {
    const files = readdirSync(join(root, "commands")).filter((name) => name !== "index.ts");
    const names = commands.map((command) => `${command.name}.ts`);
    expect([...names].sort()).toEqual(files.sort());
  });

  it("has an .env.example that is in step with the settings", () => {
    const written = readFileSync(join(root, ".env.example"), "utf8");
    expect(written, "run npm run env-example").toBe(renderEnvExample());
  });

  it("documents every style preset with its words, and every typed command, in the README", () => {
    const readme = readFileSync(join(root, "README.md"), "utf8");
    for (const { name, suffix } of stylePresets) {
      expect(readme).toContain(`| \`${name}\` | ${suffix} |`);
    }
    const typed = commands.filter((command) => command.reach === "typed");
    for (const { name } of typed) expect(readme).toContain(`\`/${name}`);
  });
});
