import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createHub } from "../../infra/models/hub.ts";
import type { CatalogueModel } from "../../infra/models/model-catalogue.ts";
import { modelCatalogue } from "../../infra/models/model-catalogue.ts";
import { runModelCommand } from "../../infra/models/model-command.ts";
import { createProgressPrinter } from "../../infra/models/progress-line.ts";
import { pullModel } from "../../infra/models/pull-model.ts";
import { asAtelierError } from "../../src/errors.ts";
import { writeTinyModel } from "../fixtures/tiny-model.ts";
import { freePort } from "../servers/free-port.ts";
import { type ModelHub, startModelHub } from "../servers/model-hub.ts";

const revision = "0123456789abcdef0123456789abcdef01234567";
const vision = "onnx/vision_model_quantized.onnx";

describe("npm run model", () => {
  let root: string;
  let hub: ModelHub;
  let model: CatalogueModel;
  let printed: string;

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), "atelier-model-"));
    const published = join(root, "published");
    await writeTinyModel(published, { suffix: "_quantized" });
    const files = new Map<string, Uint8Array>();
    for (const entry of await readdir(published, { recursive: true, withFileTypes: true })) {
      const path = join(entry.parentPath, entry.name);
      if (entry.isFile()) files.set(path.slice(published.length + 1), await readFile(path));
    }
    hub = await startModelHub("someone/tiny-clip", revision, files);
    model = {
      name: "tiny",
      title: "Tiny CLIP",
      about: "For tests.",
      repository: "someone/tiny-clip",
      revision,
      files: [...files.keys()].map((path) => ({ path })),
    };
    printed = "";
  });
  afterEach(async () => {
    await hub.close();
    await rm(root, { recursive: true, force: true });
  });

  const told = (thrown: unknown) => {
    const { kind, message } = asAtelierError(thrown);
    return `${kind}: ${message}`;
  };
  const run = (args: readonly string[], { isTTY = false } = {}): Promise<string> =>
    runModelCommand(args, {
      settings: { CLIP_MODEL: "demo", DATA_DIR: root },
      endpoint: hub.endpoint,
      catalogue: [model],
      output: {
        isTTY,
        write: (text) => {
          printed += text;
        },
      },
      now: () => performance.now(),
      signal: AbortSignal.timeout(60_000),
    }).then((lines) => lines.join("\n"), told);
  /** Without loading it afterwards. */
  const pull = ({ endpoint = hub.endpoint, model: used = model } = {}): Promise<string> =>
    pullModel({
      model: used,
      dataDir: root,
      hub: createHub({ endpoint }),
      onProgress: () => undefined,
      signal: AbortSignal.timeout(60_000),
      pauseMs: 5,
    }).then(() => "pulled", told);
  const path = () => join(root, "models/tiny");
  const downloads = () => hub.requests.filter((each) => each.startsWith("GET cdn"));

  it("downloads a model from the hub and its CDN, verifies it and says how to use it", async () => {
    const answer = await run(["pull", "tiny"]);
    expect(answer).toContain(`Tiny CLIP is in ${path()}`);
    expect(answer).toMatch(/dimensions {2}512/u);
    expect(answer).toMatch(/space {7}tiny-[0-9a-f]{8}-p1/u);
    expect(answer).toContain("Set CLIP_MODEL=tiny");
    expect(printed.split("\n").filter((line) => line.includes("100 %"))).toHaveLength(6);
    expect(await readdir(join(root, "models/.pulling"))).toEqual([]);
    expect(await run(["pull", "tiny"])).toContain("already");
    expect(downloads()).toHaveLength(2);
  });

  it("draws a bar on a terminal", async () => {
    const write = (text: string) => {
      printed += text;
    };
    const print = createProgressPrinter({ isTTY: true, write }, () => 0);
    print({ path: "onnx/model.onnx", doneBytes: 38e6, totalBytes: 76e6 });
    print({ path: "onnx/model.onnx", doneBytes: 76e6, totalBytes: 76e6 });
    expect(printed.split("onnx/model.onnx")).toEqual([
      expect.stringMatching(/^\r/u),
      expect.stringMatching(/^ {2}█{12}░{12} {3}50 % {2}38 of 76 MB\r/u),
      expect.stringMatching(/^ {2}█{24} {2}100 % {2}76 of 76 MB\n$/u),
    ]);
  });

  it("goes on where the connection broke", async () => {
    hub.faults.cutAfter = [1_000, 2_000];
    expect(await pull()).toBe("pulled");
    const ranges = downloads().map((each) => each.split(" ").at(-1));
    expect(ranges.filter((range) => range !== "all").length).toBeGreaterThanOrEqual(1);
    expect(ranges.some((range) => /^bytes=[1-9]\d*-$/u.test(range ?? ""))).toBe(true);
  });

  it("goes on in the next run when the network stayed away", async () => {
    hub.faults.statuses = Array<number>(20).fill(503);
    hub.faults.cutAfter = [];
    const part = join(root, "models/.pulling", `tiny-${revision}`, `${vision}.part`);
    const first = pull();
    expect(await first).toMatch(/^unavailable: .*cannot be reached|broke off/u);
    expect(existsSync(path())).toBe(false);
    hub.faults.statuses = [];
    // What an earlier run had received.
    const whole = await readFile(join(root, "published", vision));
    await mkdir(join(part, ".."), { recursive: true });
    await rm(part, { force: true });
    await writeFile(part, whole.subarray(0, 5_000));
    expect(await pull()).toBe("pulled");
    expect(hub.requests).toContain(`GET cdn ${vision} bytes=5000-`);
    expect((await stat(join(path(), vision))).size).toBe(whole.length);
  });

  it("gives up a file that the mirror has only the beginning of", async () => {
    hub.faults.lengthBytes = 5_000;
    expect(await pull()).toMatch(/^unavailable: .* is shorter than the hub says.*that mirror\.$/u);
    expect(downloads().length).toBeLessThan(10);
    const left = await readdir(join(root, "models/.pulling"), { recursive: true });
    expect(left.filter((name) => name.includes(".onnx"))).toEqual([]);
    hub.faults.lengthBytes = Number.POSITIVE_INFINITY;
    expect(await pull()).toBe("pulled");
  });

  it("starts again where the server knows no ranges", async () => {
    hub.faults.hasNoRanges = true;
    hub.faults.cutAfter = [1_000];
    expect(await pull()).toBe("pulled");
  });

  it("keeps nothing whose digest is wrong", async () => {
    hub.faults.isDamaged = true;
    const answer = await pull();
    expect(answer).toMatch(/^unavailable: .*is not the file it should be/u);
    expect(existsSync(path())).toBe(false);
    const left = await readdir(join(root, "models/.pulling"), { recursive: true });
    expect(left.filter((name) => name.includes(".onnx"))).toEqual([]);
    hub.faults.isDamaged = false;
    expect(await pull()).toBe("pulled");
  });

  it("holds a file to its pinned SHA-256 and not to what the hub says", async () => {
    const sha256 = createHash("sha256").update("other weights").digest("hex");
    const files = model.files.map((file) => (file.path === vision ? { ...file, sha256 } : file));
    const answer = await pull({ model: { ...model, files } });
    expect(answer).toContain(`expected ${sha256}`);
    expect(existsSync(path())).toBe(false);
  });

  it("refuses a file that nobody gives a digest for", async () => {
    hub.faults.hasNoDigests = true;
    expect(await pull()).toMatch(/^unavailable: The hub gives no digest/u);
  });

  it("says so when a file or the hub is not there", async () => {
    hub.faults.missing = ["tokenizer.json"];
    expect(await pull()).toMatch(
      /^not_found: someone\/tiny-clip\/tokenizer\.json is not on 127\.0\.0\.1:\d+ \(HTTP 404\)/u,
    );
    const nowhere = `http://127.0.0.1:${await freePort()}`;
    expect(await pull({ endpoint: nowhere })).toMatch(
      /^unavailable: 127\.0\.0\.1:\d+ cannot be reached\. Check the network/u,
    );
    expect(existsSync(path())).toBe(false);
  });

  it.runIf(existsSync("/dev/full"))("says so when the disk is full", async () => {
    const part = join(root, "models/.pulling", `tiny-${revision}`, `${vision}.part`);
    await mkdir(join(part, ".."), { recursive: true });
    await symlink("/dev/full", part);
    expect(await pull()).toMatch(/^unavailable: The disk of .* is full/u);
    expect(existsSync(path())).toBe(false);
  });

  it("verifies against what was recorded, and refuses other weights", {
    timeout: 120_000,
  }, async () => {
    await pull();
    expect(await run(["verify", "tiny"])).toMatch(/golden {6}recorded just now/u);
    expect(await run(["verify", "tiny"])).toMatch(/cosine similarity at least (1\.0000|0\.9999)/u);
    await writeTinyModel(path(), { suffix: "_quantized", seed: 2 });
    expect(await run(["verify", "tiny"])).toMatch(
      /^misconfigured: Tiny CLIP gives other embeddings here/u,
    );
  });

  it("says of a model that is not here where to see what is", async () => {
    expect(await run(["verify", "nonsuch"])).toBe(
      'not_found: There is no model "nonsuch" here. "npm run model -- list" says what there is.',
    );
  });

  it("lists what is here, and removes it", async () => {
    expect(await run(["list"])).toMatch(/^\* demo .*\n {2}tiny +not here {2}For tests\./u);
    await pull();
    expect(await run(["list"])).toMatch(/tiny +\d+ MB/u);
    expect(await run(["remove", "tiny"])).toBe("Removed tiny.");
    expect(existsSync(path())).toBe(false);
    expect(await run(["remove", "tiny"])).toContain("There is no tiny");
    const unfinished = join(root, "models/.pulling", `tiny-${revision}`);
    await mkdir(unfinished, { recursive: true });
    expect(await run(["remove", "tiny"])).toBe("Removed tiny.");
    expect(existsSync(unfinished)).toBe(false);
    expect(await run(["remove", "demo"])).toMatch(/^invalid_input: The demo model is part/u);
  });

  it("explains itself when it is asked something else", async () => {
    expect(await run([])).toMatch(/^invalid_input: npm run model -- pull <name>/u);
    expect(await run(["pull", "gpt"])).toBe(
      'invalid_input: There is no model "gpt" to pull; there are tiny.',
    );
    expect(await run(["remove", "../.."])).toMatch(/^invalid_input/u);
  });

  it("pins every model to a commit and every digest to 64 digits", () => {
    for (const each of modelCatalogue) {
      expect(each.revision).toMatch(/^[0-9a-f]{40}$/u);
      for (const { sha256 = "0".repeat(64) } of each.files)
        expect(sha256).toMatch(/^[0-9a-f]{64}$/u);
    }
  });
});
