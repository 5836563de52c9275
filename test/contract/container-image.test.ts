import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { cp, mkdir, mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bundleImage } from "../../infra/bundle/image-bundle.ts";
import { copiedFromContext, type Stage, stagesOf } from "../fixtures/dockerfile.ts";
import { startServeProcess } from "../servers/serve-process.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const WORKDIR = "/var/task";
const ORT = "node_modules/onnxruntime-node/bin";
const USEARCH = "node_modules/usearch";

let folder: string;
let context: string;
let exportsOf: ReadonlyMap<string, readonly string[]>;
let stages: Stage[];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "atelier-image-"));
  context = join(folder, "image");
  const { outputs } = await bundleImage(context);
  exportsOf = new Map(
    Object.entries(outputs).map(([path, output]) => [
      relative(context, join(root, path)),
      output.exports,
    ]),
  );
  stages = stagesOf(readFileSync(join(context, "Dockerfile"), "utf8"));
});
afterAll(() => rm(folder, { recursive: true }));

const every = (word: string) =>
  stages.flatMap(({ instructions }) => instructions.filter((each) => each.word === word));

describe("the Dockerfile", () => {
  it("begins with one image, by version and digest, and builds all else on it", () => {
    const [base, ...others] = stages;
    expect(base?.from).toMatch(/^node:22\.\d+\.\d+-bookworm-slim@sha256:[0-9a-f]{64}$/u);
    const names = stages.map(({ name }) => name);
    for (const { from, name } of others) {
      expect(names.slice(0, names.indexOf(name))).toContain(from);
    }
  });

  it("copies only what npm run bundle has put into its context", () => {
    const sources = stages.flatMap(({ instructions }) => instructions.flatMap(copiedFromContext));
    expect(sources).toContain("*.mjs");
    for (const source of sources) {
      const found = source.includes("*")
        ? readdirSync(context).filter((name) => name.endsWith(source.replace("*", "")))
        : [source].filter((name) => existsSync(join(context, name)));
      expect(found, source).not.toEqual([]);
    }
  });

  it("copies every code file and every folder of its context", () => {
    const sources = stages.flatMap(({ instructions }) => instructions.flatMap(copiedFromContext));
    const left = readdirSync(context).filter(
      (name) => !sources.includes(name) && !name.endsWith(".mjs") && name !== "Dockerfile",
    );
    expect(left).toEqual([]);
  });

  it("lets Lambda's user read all of it, whatever the umask of who bundled it", () => {
    const copying = stages.filter(({ instructions }) =>
      instructions.some((each) => copiedFromContext(each).length > 0),
    );
    // A training is never a function.
    expect(copying.map(({ name }) => name)).toEqual(["packages", "code", "training"]);
    for (const { name, instructions } of copying.filter((each) => each.name !== "training")) {
      expect(instructions.at(-1)?.text, name).toContain("chmod -R a+rX .");
    }
    expect(every("USER")).toEqual([]);
  });

  it("starts the runtime with an entry that is there and exports a handler", () => {
    const [entry] = every("ENTRYPOINT");
    const [program, file = ""] = JSON.parse(entry?.text ?? "[]");
    expect(program).toBe("node");
    expect(file.startsWith(`${WORKDIR}/`)).toBe(true);
    expect(exportsOf.has(relative(WORKDIR, file))).toBe(true);
    const arguments_ = every("CMD").flatMap(({ text }) => JSON.parse(text));
    expect(arguments_).toEqual(["train", "clip-inference.handler"]);
    expect(exportsOf.has("train.mjs")).toBe(true);
    expect(exportsOf.has("serve.mjs")).toBe(true);
    expect(exportsOf.get("clip-inference.mjs")).toContain("handler");
  });

  it("builds the service when no target is named, without PyTorch", () => {
    const last = stages.at(-1);
    expect(last?.name).toBe("service");
    const below = (stage: Stage | undefined): Stage[] =>
      stage === undefined ? [] : [stage, ...below(stages.find(({ name }) => name === stage.from))];
    const runs = (stage: Stage | undefined) =>
      below(stage)
        .flatMap(({ instructions }) => instructions)
        .filter(({ word }) => word === "RUN")
        .map(({ text }) => text)
        .join("\n");
    expect(runs(last)).toContain("ffmpeg");
    expect(runs(last)).not.toContain("python3");
    expect(runs(stages.find(({ name }) => name === "training"))).toContain("python3-torch");
  });

  it("holds no secrets, fetches nothing from elsewhere and writes nothing but below /tmp", () => {
    const text = readFileSync(join(context, "Dockerfile"), "utf8");
    expect(text).not.toMatch(/\blatest\b|TOKEN|SECRET|PASSWORD|API_KEY|AWS_/u);
    expect([...every("ADD"), ...every("ARG"), ...every("VOLUME")]).toEqual([]);
    const [env] = every("ENV");
    expect(env?.text).toContain("DATA_DIR=/tmp/");
    expect(env?.text).toContain("HOME=/tmp");
    const odd = readdirSync(context, { recursive: true, encoding: "utf8" }).filter((path) =>
      /(^|\/)(\.env.*|\.npmrc|\.git|\.aws|.*\.(pem|key))$/u.test(path),
    );
    expect(odd).toEqual([]);
  });

  it("keeps of the native packages what this platform needs", async () => {
    const [keep] = every("RUN").filter(({ text }) => text.includes("onnxruntime-node"));
    const place = join(folder, "packages");
    for (const path of [
      ...foldersBelow(root, ORT, 3),
      ...foldersBelow(root, USEARCH, 1),
      ...foldersBelow(root, USEARCH, 2),
    ]) {
      await mkdir(join(place, path), { recursive: true });
    }
    expect(foldersBelow(place, ORT, 3).length).toBeGreaterThan(3);
    execFileSync("sh", ["-eu", "-c", keep?.text ?? "false"], { cwd: place });
    const [version = ""] = readdirSync(join(place, ORT));
    const own = [`linux/${process.arch}`, `prebuilds/linux-${process.arch}`];
    expect(foldersBelow(place, ORT, 3)).toEqual([join(ORT, version, own[0] ?? "")]);
    expect(foldersBelow(place, USEARCH, 2)).toContain(join(USEARCH, own[1] ?? ""));
    expect(readdirSync(join(place, USEARCH, "prebuilds"))).toHaveLength(1);
    expect(readdirSync(join(place, USEARCH))).not.toContain("cpp");
  });

  it("has the machine code of both architectures in its lock", () => {
    const lock = readFileSync(join(context, "package-lock.json"), "utf8");
    for (const arch of ["x64", "arm64"]) {
      expect(lock).toContain(`"node_modules/@img/sharp-linux-${arch}"`);
      expect(lock).toContain(`"node_modules/@img/sharp-libvips-linux-${arch}"`);
    }
  });
});

/** The folders that lie so many levels below one, as paths from `place`. */
function foldersBelow(place: string, folder: string, levels: number): string[] {
  if (levels === 0) return [folder];
  return readdirSync(join(place, folder), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .flatMap(({ name }) => foldersBelow(place, join(folder, name), levels - 1));
}

describe("the image's serve, as it is started on SageMaker", () => {
  beforeAll(() => symlink(join(root, "node_modules"), join(context, "node_modules")));

  const serve = (environment: Readonly<Record<string, string>>, isReady = true) =>
    startServeProcess(environment, { isReady, command: [imageEntry(), "serve"] });
  const imageEntry = () => join(context, "lambda-runtime.mjs");
  const ask = (url: string) =>
    fetch(`${url}/invocations`, {
      method: "POST",
      body: '{"mode":"text","items":["a red car"]}',
    });

  it("answers with the model in the image, writes nothing, and ends in order at SIGTERM", async () => {
    const home = join(folder, "home");
    await mkdir(home);
    const given = every("ENV").flatMap(({ text }) => text.trim().split(/\s+/u));
    const environment = Object.fromEntries(given.map((each) => each.split("=")));
    const served = await serve({ ...environment, HOME: home });
    const response = await ask(served.url);
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ dim: 512, model: "demo" });
    expect(readdirSync(home)).toEqual([]);
    const { code, ms } = await served.stop();
    expect(code).toBe(0);
    expect(ms).toBeLessThan(10_000);
  });

  it("does not answer with the image's model in the place of one that is not complete", async () => {
    const unpacked = join(folder, "ml");
    await mkdir(join(unpacked, "model/checkpoint"), { recursive: true });
    await cp(join(root, "LICENSE"), join(unpacked, "model/checkpoint/training.pt"));
    const served = await serve({ SM_ROOT: unpacked }, false);
    expect((await ask(served.url)).status).toBe(500);
    expect((await fetch(`${served.url}/ping`)).status).toBe(503);
    expect(served.output()).toContain("is missing or cannot be read");
    await served.stop();
  });
});
