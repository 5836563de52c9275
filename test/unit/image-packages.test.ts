import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { nativePackages, writeNativeManifest } from "../../infra/bundle/native-packages.ts";
import { repositoryRoot } from "../../infra/bundle/options.ts";
import { type JsonRecord, parseJson, recordOf } from "../servers/json-record.ts";

const run = promisify(execFile);

describe("what the image installs itself", () => {
  let folder: string;
  let locked: JsonRecord;
  const read = async (path: string) => recordOf(parseJson(await readFile(path, "utf8")));

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "atelier-image-"));
    await writeNativeManifest(folder);
    locked = recordOf((await read(join(folder, "package-lock.json"))).packages);
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it("is the native packages, in the versions of this repository", async () => {
    const ours = recordOf((await read(join(repositoryRoot, "package.json"))).dependencies);
    const { dependencies } = await read(join(folder, "package.json"));
    expect(dependencies).toEqual(
      Object.fromEntries(nativePackages.map((name) => [name, ours[name]])),
    );
  });

  it("holds machine code for both of AWS's processors, and no package that is bundled", () => {
    const paths = Object.keys(locked);
    expect(paths).toContain("node_modules/@img/sharp-linux-arm64");
    expect(paths).toContain("node_modules/@img/sharp-linux-x64");
    expect(paths.filter((path) => /node_modules\/(zod|@aws-sdk|@slack|pino)/u.test(path))).toEqual(
      [],
    );
  });

  it("is pinned to the byte", () => {
    const packages = Object.entries(locked).filter(([path]) => path !== "");
    const loose = packages.filter(([, each]) => typeof recordOf(each).integrity !== "string");
    expect(loose.map(([path]) => path)).toEqual([]);
  });

  it("is a lock that npm takes, with nothing missing", async () => {
    const { stdout } = await run("npm", ["ls", "--all", "--package-lock-only", "--json"], {
      cwd: folder,
    });
    expect(recordOf(parseJson(stdout)).problems).toBeUndefined();
  });
});
