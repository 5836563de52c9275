import { describe, expect, it } from "vitest";
import { valueOfModel } from "../../infra/setting-kinds.ts";
import { loadSettings, readSettings, SettingsError } from "../../infra/settings.ts";

const key = "0123456789abcdef";

function problemsOf(environment: Record<string, string>): readonly string[] {
  try {
    readSettings(environment);
  } catch (thrown) {
    if (thrown instanceof SettingsError) return thrown.problems;
    throw thrown;
  }
  return [];
}

/** The names that the problems begin with, sorted. */
const namedBy = (environment: Record<string, string>) =>
  problemsOf(environment)
    .map((problem) => problem.split(":")[0])
    .sort();

describe("settings", () => {
  it("have a default for everything that one process on one machine needs", () => {
    const { settings, warnings } = readSettings({});
    expect(settings).toMatchObject({
      PORT: 3000,
      HOST: "127.0.0.1",
      DATA_DIR: ".atelier",
      CACHE_TABLE: "image-cache",
      STATE_TABLE: "atelier",
      VIDEOS_TABLE: "videos",
      LINK_TTL_SECONDS: 900,
      CACHE_TTL_SECONDS: 2_592_000,
      IMAGE_MODEL: "sketch",
      BEDROCK_MODEL_ID: "stability.sd3-5-large-v1:0",
      BEDROCK_REGION: "us-west-2",
      API_KEYS: [],
      CORS_ORIGINS: [],
      RATE_MODEL_PER_MINUTE: { standard: 60, exceptions: [{ model: "sketch", value: 6_000 }] },
    });
    expect(settings.STORAGE).toBeUndefined();
    expect(settings.OUTPUT_BUCKET).toBeUndefined();
    expect(warnings).toEqual([]);
  });

  it("are read without the space around them, and an empty one counts as absent", () => {
    const { settings } = readSettings({ PORT: " 8080 ", HOST: "", IMAGE_MODEL: "  " });
    expect(settings).toMatchObject({ PORT: 8080, HOST: "127.0.0.1", IMAGE_MODEL: "sketch" });
  });

  it("read lists, URLs and limits with exceptions", () => {
    const { settings } = readSettings({
      API_KEYS: ` ${key}1, ${key}2 ,`,
      CORS_ORIGINS: "https://a.example,https://b.example",
      PUBLIC_URL: "https://atelier.example.com/",
      RATE_MODEL_PER_MINUTE: "60, Core = 120,ultra=10",
    });
    expect(settings.API_KEYS).toEqual([`${key}1`, `${key}2`]);
    expect(settings.CORS_ORIGINS).toHaveLength(2);
    expect(settings.PUBLIC_URL).toBe("https://atelier.example.com");
    expect(settings.RATE_MODEL_PER_MINUTE).toEqual({
      standard: 60,
      exceptions: [
        { model: "core", value: 120 },
        { model: "ultra", value: 10 },
      ],
    });
  });

  it("read prices with exceptions, of which the built-in model is one", () => {
    const sketch = { id: "sketch", label: "Sketch (built in)" };
    const core = { id: "stability.stable-image-core-v1:1", label: "Stable Image Core" };
    const { PRICE_IMAGE_USD: standard } = readSettings({}).settings;
    expect([sketch, core].map((model) => valueOfModel(standard, model))).toEqual([0, 0.04]);
    const own = readSettings({ PRICE_IMAGE_USD: "0.065, Core=0.03" }).settings.PRICE_IMAGE_USD;
    expect([sketch, core].map((model) => valueOfModel(own, model))).toEqual([0.065, 0.03]);
    expect(namedBy({ PRICE_IMAGE_USD: "8 cents" })).toEqual(["PRICE_IMAGE_USD"]);
  });

  it("ask for a way into Slack only where commands are taken", () => {
    const SLACK_BOT_TOKEN = "xoxb-1-a";
    expect(namedBy({ SLACK_BOT_TOKEN })).toEqual(["SLACK_APP_TOKEN"]);
    const JOB_QUEUE_URL = "https://sqs.us-west-2.amazonaws.com/123456789012/jobs.fifo";
    expect(namedBy({ SLACK_BOT_TOKEN, JOB_QUEUE_URL })).toEqual([]);
    expect(namedBy({ JOB_QUEUE_URL: JOB_QUEUE_URL.replace(".fifo", "") })).toEqual([
      "JOB_QUEUE_URL",
    ]);
  });

  it("that are bad are all named at once, also those that only clash with others", () => {
    const bad = {
      PORT: "http",
      PUBLIC_URL: "atelier.example.com",
      STORAGE: "aws",
      STATE_TABLE: "a",
      LINK_TTL_SECONDS: "700000",
      IMAGE_MODEL: "dall-e",
      HOST: "0.0.0.0",
      RATE_MODEL_PER_MINUTE: "many",
      REDIS_URL: "localhost:6379",
      LOG_LEVEL: "loud",
    };
    const clashing = ["OUTPUT_BUCKET", "INPUT_BUCKET", "API_KEYS"];
    const { STORAGE: _fine, HOST: _fineToo, ...wrong } = bad;
    expect(namedBy(bad)).toEqual([...Object.keys(wrong), ...clashing].sort());
    expect(() => readSettings(bad)).toThrow(/\n {2}- PORT: takes a whole number/u);
  });

  it("never repeat a secret in a complaint", () => {
    const problems = problemsOf({ API_KEYS: "secret1,secret2", HOST: "10.0.0.7" });
    expect(problems).toEqual([expect.stringMatching(/^API_KEYS: .*16 characters/u)]);
    expect(problems.join()).not.toContain("secret");
  });

  it.each([
    [{ STORAGE: "aws" }, ["INPUT_BUCKET", "OUTPUT_BUCKET"]],
    [{ STORAGE: "aws", OUTPUT_BUCKET: "out" }, ["INPUT_BUCKET"]],
    [{ OUTPUT_BUCKET: "out" }, ["INPUT_BUCKET"]],
    [{ OUTPUT_BUCKET: "out", INPUT_BUCKET: "in-put" }, []],
    [{ STORAGE: "local", OUTPUT_BUCKET: "out" }, []],
    [{ IMAGE_MODEL: "sagemaker" }, ["SAGEMAKER_ENDPOINT"]],
    [{ IMAGE_MODEL: "sagemaker", SAGEMAKER_ENDPOINT: "sd" }, []],
    [{ IMAGE_MODEL: "bedrock" }, []],
    [{ CLIP: "lambda" }, ["CLIP_FUNCTION"]],
    [{ CLIP: "lambda", CLIP_FUNCTION: "arn:aws:lambda:us-west-2:123456789012:function:clip" }, []],
    [{ CLIP: "sagemaker" }, ["CLIP_ENDPOINT"]],
    [{ CLIP: "sagemaker", CLIP_ENDPOINT: "team_clip" }, ["CLIP_ENDPOINT"]],
    [{ CLIP: "sagemaker", CLIP_ENDPOINT: "team-clip" }, []],
    [{ CLIP: "gpu", CLIP_MODEL: "../model" }, ["CLIP", "CLIP_MODEL"]],
    [{ HOST: "0.0.0.0" }, ["API_KEYS", "PUBLIC_URL"]],
    [{ HOST: "::", API_KEYS: key }, ["PUBLIC_URL"]],
    [{ HOST: "0.0.0.0", API_KEYS: key, PUBLIC_URL: "https://a.example" }, []],
    [{ HOST: "0.0.0.0", API_KEYS: key, OUTPUT_BUCKET: "out", INPUT_BUCKET: "in-put" }, []],
    [{ HOST: "10.0.0.7" }, ["API_KEYS"]],
    [{ PUBLIC_URL: "https://a.example" }, ["API_KEYS"]],
    [{ PUBLIC_URL: "https://a.example", API_KEYS: key }, []],
    [{ PUBLIC_URL: "http://[::1]:8080" }, []],
    [{ PUBLIC_URL: "http://a.example:99999" }, ["PUBLIC_URL"]],
    [{ PUBLIC_URL: "https://[a", HOST: "0.0.0.0" }, ["API_KEYS", "PUBLIC_URL"]],
    [{ CORS_ORIGINS: "*" }, ["API_KEYS"]],
    [{ CORS_ORIGINS: "https://a.example" }, []],
    [{ CORS_ORIGINS: "*", API_KEYS: key }, []],
    [{ HOST: "127.evil.example" }, ["API_KEYS"]],
    [{ HOST: "0.0.0.0", API_KEYS: key }, ["PUBLIC_URL"]],
    [{ HOST: "::1" }, []],
    [{ HOST: "localhost" }, []],
    [{ HOST: "127.0.0.2" }, []],
    [{ API_KEYS: "short" }, ["API_KEYS"]],
    [{ PORT: "65536" }, ["PORT"]],
    [{ PORT: "0" }, []],
    [{ RATE_MODEL_CONCURRENCY: "0" }, ["RATE_MODEL_CONCURRENCY"]],
    [{ RATE_MODEL_PER_MINUTE: "60,core=0" }, ["RATE_MODEL_PER_MINUTE"]],
    [{ RATE_MODEL_PER_MINUTE: "100,core=20" }, []],
    [{ CACHE_TABLE: "no spaces please" }, ["CACHE_TABLE"]],
    [{ OUTPUT_BUCKET: "Not_A_Bucket", INPUT_BUCKET: "in-put" }, ["OUTPUT_BUCKET"]],
  ])("%j complain about %j", (environment, names) => {
    expect(namedBy(environment as Record<string, string>)).toEqual(names);
  });
});

describe("a variable that is no setting", () => {
  const warningsFor = (...names: string[]) =>
    readSettings(Object.fromEntries(names.map((name) => [name, "1"]))).warnings;

  it.each([
    ["IMAGE_MODLE", "IMAGE_MODEL"],
    ["ATELIER_PORT", "PORT"],
    ["ATELIER_IMAGE_MODEL", "IMAGE_MODEL"],
    ["RATE_MODEL_PER_MINUT", "RATE_MODEL_PER_MINUTE"],
    ["RATE_MODELS_PER_MINUTE", "RATE_MODEL_PER_MINUTE"],
    ["OUTPUT_BUKET", "OUTPUT_BUCKET"],
    ["DATADIR", "DATA_DIR"],
    ["API_KEY", "API_KEYS"],
    ["CORS_ORIGIN", "CORS_ORIGINS"],
  ])("but looks like one, %s, is pointed out", (misspelt, meant) => {
    expect(warningsFor(misspelt)).toEqual([
      `${misspelt} is no setting of Atelier. Did you mean ${meant}?`,
    ]);
  });

  it.each([
    "ATELIER_COLOUR",
    "RATE_OF_CHANGE",
    "BEDROCK_TEMPERATURE",
    "DISCORD_BOT_TOKEN",
    "SLACK_TOKEN",
  ])("but begins like one, %s, is pointed out", (name) => {
    expect(warningsFor(name)).toEqual([expect.stringContaining(`${name} is no setting`)]);
  });

  it("and means something else is left alone", () => {
    const ordinary =
      "HOME PATH NODE_ENV HOSTNAME PORTS HOST_IP USER LOGNAME LANG TERM SHELL PWD TMPDIR TZ CI " +
      "EDITOR DISPLAY NODE_OPTIONS XDG_DATA_DIRS XDG_CONFIG_HOME KUBERNETES_SERVICE_PORT " +
      "AWS_PROFILE AWS_ENDPOINT_URL_S3 AWS_ACCESS_KEY_ID HTTP_PROXY NO_PROXY npm_config_cache " +
      "DATABASE_URL LOG_FORMAT STATE_DIRECTORY CACHE_DIRECTORY";
    expect(warningsFor(...ordinary.split(" "))).toEqual([]);
  });
});

describe("Discord's settings", () => {
  const bot = {
    DISCORD_TOKEN: "MTEw.Gat3Wy.abc-def",
    DISCORD_APPLICATION_ID: "1100000000000000400",
  };

  it("take a token with the app's id, and a public key for HTTP", () => {
    expect(problemsOf(bot)).toEqual([]);
    expect(problemsOf({ ...bot, DISCORD_PUBLIC_KEY: "0f".repeat(32) })).toEqual([]);
    expect(namedBy({ DISCORD_TOKEN: bot.DISCORD_TOKEN })).toEqual(["DISCORD_APPLICATION_ID"]);
    expect(namedBy({ DISCORD_PUBLIC_KEY: "0f".repeat(32) })).toEqual(["DISCORD_TOKEN"]);
  });

  it("name what is no token, id or key", () => {
    const wrong = {
      DISCORD_TOKEN: "your token",
      DISCORD_APPLICATION_ID: "atelier",
      DISCORD_PUBLIC_KEY: "key",
      DISCORD_GUILD_ID: "my server",
    };
    expect(namedBy(wrong)).toEqual(Object.keys(wrong).sort());
  });
});

describe("Slack's settings", () => {
  const bot = { SLACK_BOT_TOKEN: "xoxb-1-2-abc" };

  it("take a bot token with an app token, or with a signing secret", () => {
    expect(problemsOf({ ...bot, SLACK_APP_TOKEN: "xapp-1-A1-2-abc" })).toEqual([]);
    expect(problemsOf({ ...bot, SLACK_SIGNING_SECRET: key })).toEqual([]);
    expect(problemsOf(bot)).toEqual([
      "SLACK_APP_TOKEN: is needed beside SLACK_BOT_TOKEN, for Socket Mode; or SLACK_SIGNING_SECRET for HTTP",
    ]);
    expect(namedBy({ SLACK_APP_TOKEN: "xapp-1-A1-2-abc" })).toEqual(["SLACK_BOT_TOKEN"]);
    expect(namedBy({ SLACK_SIGNING_SECRET: key })).toEqual(["SLACK_BOT_TOKEN"]);
  });

  it("name a token that stands in the other's place", () => {
    const swapped = { SLACK_BOT_TOKEN: "xapp-1-A1-2-abc", SLACK_APP_TOKEN: "xoxb-1-2-abc" };
    expect(namedBy(swapped)).toEqual(["SLACK_APP_TOKEN", "SLACK_BOT_TOKEN"]);
  });
});

describe("loading the settings", () => {
  it("keeps onnxruntime from collecting usage data, unless someone wants it to", () => {
    delete process.env.ORT_DISABLE_TELEMETRY;
    loadSettings();
    expect(process.env.ORT_DISABLE_TELEMETRY).toBe("1");
    process.env.ORT_DISABLE_TELEMETRY = "0";
    loadSettings();
    expect(process.env.ORT_DISABLE_TELEMETRY).toBe("0");
  });
});
