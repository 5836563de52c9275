import sharp from "sharp";
import { beforeAll, describe, expect, it } from "vitest";
import { readRecipe } from "../../src/recipe-metadata/index.ts";
import { digestOf, fetchBytes } from "./atelier-client.ts";
import { type AtelierProcess, atelierProcesses, START_TIMEOUT_MS } from "./atelier-process.ts";

const processes = atelierProcesses();
const KEY = "first-key-of-the-team";
const OTHER_KEY = "second-key-of-the-team";
let atelier: AtelierProcess;
beforeAll(async () => {
  atelier = await processes.start({
    environment: {
      API_KEYS: `${KEY}, ${OTHER_KEY}`,
      CORS_ORIGINS: "https://app.example",
      LINK_TTL_SECONDS: "600",
    },
  });
}, START_TIMEOUT_MS);

const generate = (body: unknown, headers: Record<string, string> = { "x-api-key": KEY }) =>
  atelier.postJson("/generate", body, headers);

describe("POST /generate", () => {
  it("answers with the fields that callers know", async () => {
    const { status, body } = await generate({ prompt: "a red fox", seed: 7 });
    expect(status).toBe(200);
    const { key, url } = body as { key: string; url: string };
    const day = new Date().toISOString().slice(0, 10).replaceAll("-", "/");
    expect(key).toMatch(/^outputs\/\d{4}\/\d\d\/\d\d\/[0-9a-z]{12}-1\.jpeg$/u);
    expect(key).toContain(day);
    expect(body).toEqual({
      message: "Image generated successfully",
      s3_url: `s3://local/${key}`,
      bucket: "local",
      key,
      filename: key.split("/").at(-1),
      parameters: { prompt: "a red fox", model: "sketch", aspect_ratio: "16:9", seed: 7 },
      url,
      expires_in: 600,
      cached: false,
      finish_reason: null,
    });
    const { format, width = 0, height = 1 } = await sharp(await fetchBytes(url)).metadata();
    expect(format).toBe("jpeg");
    expect(width / height).toBeCloseTo(16 / 9, 1);
  });

  it("takes every field", async () => {
    const { status, body } = await generate({
      prompt: "  a  blue fox ",
      aspect_ratio: "9:21",
      seed: 4_294_967_294,
      model: "sketch",
      negative_prompt: "snow",
      output_format: "png",
      strength: 0.5,
      init_image_s3: null,
    });
    expect([status, body.message]).toEqual([200, "Image generated successfully"]);
    const bytes = await fetchBytes(String(body.url));
    const { format, width = 0, height = 1 } = await sharp(bytes).metadata();
    expect([format, (width / height).toFixed(2)]).toEqual(["png", (9 / 21).toFixed(2)]);
    expect(readRecipe(bytes)).toMatch(
      /^\/imagine a blue fox --ar 9:21 --seed 4294967294 --no snow/u,
    );
  });

  it("chooses a seed for 0 and for none, and says which", async () => {
    for (const seed of [{ seed: 0 }, {}]) {
      const { body } = await generate({ prompt: `chance ${JSON.stringify(seed)}`, ...seed });
      const { seed: used } = body.parameters as { seed: number };
      expect(used).toBeGreaterThan(0);
      const again = await generate({ prompt: `chance ${JSON.stringify(seed)}`, seed: used });
      expect(again.body).toMatchObject({ cached: true, key: body.key });
    }
  });

  it("says cached the second time, to every key of the team", async () => {
    const ask = (key: string) => generate({ prompt: "twice" }, { Authorization: `Bearer ${key}` });
    const first = await ask(KEY);
    const second = await ask(OTHER_KEY);
    expect([first.body.cached, second.body.cached]).toEqual([false, true]);
    expect(second.body.s3_url).toBe(first.body.s3_url);
    expect(second.body.parameters).toEqual(first.body.parameters);
  });

  it("starts from a picture of the input bucket", async () => {
    const create = { width: 200, height: 100, channels: 3 as const, background: "#3366cc" };
    const picture = await sharp({ create }).png().toBuffer();
    const attached = await atelier.postAttachment(picture);
    expect(attached.status).toBe(201);
    const from = (uri: string) => generate({ prompt: "in oil", init_image_s3: uri, seed: 1 });
    const { status, body } = await from(`s3://local/inputs/${attached.body.id}.png`);
    expect([status, body.cached]).toEqual([200, false]);
    const { width = 0, height = 1 } = await sharp(await fetchBytes(String(body.url))).metadata();
    expect(width / height).toBeCloseTo(2, 1);
    // A picture that was made here is in the same store.
    expect((await from(String(body.s3_url))).status).toBe(200);

    const missing = await from(`s3://local/inputs/${"0".repeat(64)}.png`);
    expect([missing.status, missing.body.error]).toEqual([404, "NoSuchKey"]);
    const gone = await from("s3://local/uploads/nothing.png");
    expect([gone.status, gone.body.error]).toEqual([404, "NoSuchKey"]);
    const foreign = await from("s3://someone-else/a.png");
    expect(foreign.status).toBeGreaterThanOrEqual(400);
    expect(foreign.body.message).toContain("s3://local/");
    for (const odd of ["s3://local/../signing.key", "s3://local/a/../../b", "s3://local//etc"]) {
      const answer = await from(odd);
      expect([odd, Math.floor(answer.status / 100)]).toEqual([odd, 4]);
    }
  });

  it("with one Idempotency-Key is one picture, and another request is another one", async () => {
    const ask = (prompt: string, format = "jpeg") =>
      generate({ prompt, output_format: format }, { "x-api-key": KEY, "Idempotency-Key": "i-1" });
    const [one, two] = await Promise.all([ask("idempotent"), ask("idempotent")]);
    expect(two.body.key).toBe(one.body.key);
    const before = digestOf(await fetchBytes(String(one.body.url)));
    const other = await ask("something else");
    expect(other.status).toBe(200);
    expect(digestOf(await fetchBytes(String(one.body.url)))).toBe(before);
  });
});

describe("GET /generate", () => {
  it("answers a link with the short form", async () => {
    const response = await atelier.request(
      "/generate?prompt=a%20small%20house&seed=5&aspect_ratio=1:1&strength=0.3",
      { headers: { "x-api-key": KEY } },
    );
    const body = (await response.json()) as { url: string };
    expect(response.status).toBe(200);
    expect(body).toEqual({ url: body.url, prompt: "a small house" });
    expect(readRecipe(await fetchBytes(body.url))).toContain("--ar 1:1 --seed 5");
  });

  it("draws nothing for whoever only looks at the link", async () => {
    const response = await atelier.request("/generate?prompt=a%20small%20house", {
      method: "HEAD",
      headers: { "x-api-key": KEY },
    });
    expect(response.status).toBe(405);
  });

  it("refuses what is wrong in the same words", async () => {
    for (const [query, message] of [
      ["", "prompt must be text"],
      ["prompt=a&seed=x", "seed must be a whole number"],
      ["prompt=a&aspect_ratio=2:1", "aspect_ratio must be one of"],
    ] as const) {
      const response = await atelier.request(`/generate?${query}`, {
        headers: { "x-api-key": KEY },
      });
      expect(response.status).toBe(400);
      expect(await response.json()).toEqual({
        error: "InvalidRequest",
        message: expect.stringContaining(message),
      });
    }
  });
});

describe("a request that is wrong", () => {
  it.each([
    ["no prompt", {}, /^prompt must be text of 1 to 10,000 characters\.$/],
    ["an empty prompt", { prompt: "" }, /^prompt must be/],
    ["a blank prompt", { prompt: "  \n" }, /Say what to draw/],
    ["a prompt that is too long", { prompt: "x".repeat(10_001) }, /^prompt must be/],
    ["a number for a prompt", { prompt: 7 }, /^prompt must be/],
    [
      "a ratio that is none",
      { prompt: "a", aspect_ratio: "4:3" },
      /aspect_ratio must be one of 1:1/,
    ],
    ["a seed that is too large", { prompt: "a", seed: 4_294_967_295 }, /seed must be/],
    ["a seed that is text", { prompt: "a", seed: "7" }, /seed must be/],
    ["a strength over 1", { prompt: "a", strength: 1.1 }, /strength must be a number from 0 to 1/],
    [
      "a format that is none",
      { prompt: "a", output_format: "gif" },
      /output_format must be one of/,
    ],
    [
      "a source that is no S3 URI",
      { prompt: "a", init_image_s3: "http://x/y" },
      /s3:\/\/bucket\/key/,
    ],
    ["two mistakes", { seed: -1 }, /prompt must.*; seed must/],
    ["a list", [], /Send a JSON object/],
    ["text", '"a red fox"', /Send a JSON object/],
    ["no JSON", "prompt=a", /not valid JSON/],
  ])("with %s gets 400 and a sentence", async (_name, request, message) => {
    const { status, body } = await generate(request);
    expect(status).toBe(400);
    expect(body).toEqual({ error: "InvalidRequest", message: expect.stringMatching(message) });
  });

  it("with a model that is not enabled gets 404", async () => {
    const { status, body } = await generate({ prompt: "a", model: "stability.sdxl-v9" });
    expect(status).toBe(404);
    expect(body).toEqual({
      error: "ModelNotFound",
      message: "The model stability.sdxl-v9 is not enabled here. Enabled: sketch.",
    });
  });

  it("with a body that is too large gets a sentence", async () => {
    for (const size of [300_000, 3_000_000]) {
      const { status, body } = await generate({ prompt: "x".repeat(size) });
      expect([status, body.error]).toEqual([400, "InvalidRequest"]);
      expect(body.message).toContain("256 kB");
      // The connection is still good.
      expect((await generate({ prompt: "" })).status).toBe(400);
    }
  });

  it("without a key, or with a wrong one, gets 401", async () => {
    for (const headers of [
      {},
      { "x-api-key": "wrong-key-of-the-team" },
      { "x-api-key": "" },
      { Authorization: `Bearer ${KEY}x` },
      { Authorization: KEY },
    ] as Record<string, string>[]) {
      const { status, body } = await generate({ prompt: "a" }, headers);
      expect([status, body.error]).toEqual([401, "Unauthorized"]);
      expect((await atelier.request("/generate?prompt=a", { headers })).status).toBe(401);
    }
  });
});

describe("CORS", () => {
  const preflight = (origin: string, path = "/generate") =>
    atelier.request(path, {
      method: "OPTIONS",
      headers: {
        Origin: origin,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "content-type,x-api-key",
      },
    });

  it("lets the origins of the setting ask, with the methods of the contract", async () => {
    const allowed = await preflight("https://app.example");
    expect(allowed.status).toBe(204);
    expect(allowed.headers.get("Access-Control-Allow-Origin")).toBe("https://app.example");
    expect(allowed.headers.get("Access-Control-Allow-Methods")).toBe("POST,GET,OPTIONS");
    expect(allowed.headers.get("Access-Control-Allow-Headers")?.toLowerCase()).toContain(
      "x-api-key",
    );
    const real = await generate(
      { prompt: "from a page" },
      { "x-api-key": KEY, Origin: "https://app.example" },
    );
    expect(real.status).toBe(200);
    expect(real.headers.get("Access-Control-Allow-Origin")).toBe("https://app.example");
    expect(real.headers.get("Access-Control-Expose-Headers")).toContain("Retry-After");
  });

  it("gives nothing to other origins, and nothing but /generate to these", async () => {
    const other = await preflight("https://evil.example");
    expect(other.headers.get("Access-Control-Allow-Origin")).toBe(null);
    const page = await preflight("https://app.example", "/api/commands");
    expect(page.headers.get("Access-Control-Allow-Origin")).toBe(null);
  });
});
