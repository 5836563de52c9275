import { tmpdir } from "node:os";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  type DeployedFunction,
  loadDeployedSettings,
} from "../../infra/deployed/deployed-settings.ts";
import { type SsmServer, startSsmServer } from "../servers/ssm-server.ts";

const bucketed = {
  AWS_REGION: "us-west-2",
  STORAGE: "aws",
  OUTPUT_BUCKET: "atelier-outputs",
  INPUT_BUCKET: "atelier-inputs",
};
const queued = {
  ...bucketed,
  JOB_QUEUE_URL: "https://sqs.us-west-2.amazonaws.com/123456789012/atelier-jobs.fifo",
};
const slack = { SLACK_BOT_TOKEN: "xoxb-1-a", SLACK_SIGNING_SECRET: "0123456789abcdef" };

describe("the settings of a deployed function", () => {
  let ssm: SsmServer;

  beforeAll(async () => {
    ssm = await startSsmServer();
    Object.assign(process.env, {
      AWS_ENDPOINT_URL_SSM: ssm.endpoint,
      AWS_ACCESS_KEY_ID: "test",
      AWS_SECRET_ACCESS_KEY: "test",
    });
    for (const [name, value] of Object.entries(slack)) ssm.put(`/atelier/${name}`, value);
  });
  afterAll(() => ssm.close());

  const problemOf = (name: DeployedFunction, environment: Record<string, string>) =>
    loadDeployedSettings(name, environment).then(
      () => "none",
      (thrown: Error) => thrown.message,
    );

  it("come from its environment and from the parameters that it names", async () => {
    const before = ssm.reads();
    const SECRET_PARAMETERS = "/atelier/SLACK_BOT_TOKEN, /atelier/SLACK_SIGNING_SECRET";
    const { settings } = await loadDeployedSettings("webhook", { ...queued, SECRET_PARAMETERS });
    expect(settings).toMatchObject(slack);
    expect(settings.DATA_DIR.startsWith(tmpdir())).toBe(true);
    expect(ssm.reads()).toBe(before + 1);
  });

  it("ask nobody where no parameter is named", async () => {
    const before = ssm.reads();
    await loadDeployedSettings("webhook", { ...queued, ...slack });
    expect(ssm.reads()).toBe(before);
  });

  it("name the parameters that are missing", async () => {
    const SECRET_PARAMETERS = "/atelier/SLACK_BOT_TOKEN,/other/API_KEYS,/other/DISCORD_TOKEN";
    const problem = await problemOf("webhook", { ...queued, SECRET_PARAMETERS });
    expect(problem).toContain("/other/API_KEYS, /other/DISCORD_TOKEN");
    expect(problem).not.toContain("/atelier/SLACK_BOT_TOKEN");
    expect(problem).toContain("SecureString");
  });

  it("name a parameter that holds no setting, and a setting that two hold", async () => {
    const unknown = await problemOf("webhook", { ...queued, SECRET_PARAMETERS: "/atelier/SLACK" });
    expect(unknown).toContain("/atelier/SLACK, but there is no setting SLACK");
    const SECRET_PARAMETERS = "/a/SLACK_BOT_TOKEN,/b/SLACK_BOT_TOKEN";
    const double = await problemOf("webhook", { ...queued, SECRET_PARAMETERS });
    expect(double).toContain("SLACK_BOT_TOKEN more than once");
  });

  it("keep what is wrong with a secret's value to themselves", async () => {
    ssm.put("/bad/SLACK_BOT_TOKEN", "a-secret-that-is-none");
    const SECRET_PARAMETERS = "/bad/SLACK_BOT_TOKEN,/atelier/SLACK_SIGNING_SECRET";
    const problem = await problemOf("webhook", { ...queued, SECRET_PARAMETERS });
    expect(problem).toContain("SLACK_BOT_TOKEN: takes the Bot User OAuth Token");
    expect(problem).not.toContain("a-secret-that-is-none");
  });

  it("say that SSM does not answer, so that the next start tries again", async () => {
    const endpoint = process.env.AWS_ENDPOINT_URL_SSM;
    process.env.AWS_ENDPOINT_URL_SSM = "http://127.0.0.1:9";
    const SECRET_PARAMETERS = "/atelier/SLACK_BOT_TOKEN";
    const loading = loadDeployedSettings("webhook", { ...queued, SECRET_PARAMETERS });
    await expect(loading).rejects.toMatchObject({ kind: "unavailable" });
    process.env.AWS_ENDPOINT_URL_SSM = endpoint;
  });

  const refused: [DeployedFunction, Record<string, string>, string][] = [
    ["webhook", { ...slack }, "STORAGE: is aws"],
    ["webhook", { ...queued, STORAGE: "local", ...slack }, "STORAGE: is aws"],
    ["webhook", { ...bucketed, ...slack }, "JOB_QUEUE_URL: is needed"],
    ["webhook", queued, "no chat platform is turned on"],
    ["webhook", { ...queued, ...slack, SLACK_APP_TOKEN: "xapp-1-a" }, "SLACK_APP_TOKEN: is for"],
    [
      "webhook",
      { ...queued, SLACK_BOT_TOKEN: slack.SLACK_BOT_TOKEN },
      "SLACK_SIGNING_SECRET: is needed",
    ],
    [
      "webhook",
      { ...queued, DISCORD_TOKEN: "a.b.c", DISCORD_APPLICATION_ID: "123456789012345678" },
      "DISCORD_PUBLIC_KEY: is needed",
    ],
    ["worker", queued, "IMAGE_MODEL: is bedrock or sagemaker"],
    ["generate", bucketed, "IMAGE_MODEL: is bedrock or sagemaker"],
    [
      "worker",
      { ...queued, IMAGE_MODEL: "bedrock", MEDIA_BUCKET: "atelier-media" },
      "CLIP: is lambda or sagemaker",
    ],
    ["worker", { ...queued, JOB_QUEUE_URL: "https://sqs.example/1/jobs" }, "ends in .fifo"],
  ];
  it.each(refused)("refuse what %s has no place for (%#)", async (name, environment, sentence) => {
    expect(await problemOf(name, environment)).toContain(sentence);
  });

  it("ask a function that only answers for no way in", async () => {
    const { SLACK_BOT_TOKEN } = slack;
    const answers = { ...queued, SLACK_BOT_TOKEN, IMAGE_MODEL: "bedrock" };
    expect(await problemOf("worker", answers)).toBe("none");
    expect(await problemOf("dead-letter", { ...queued, SLACK_BOT_TOKEN })).toBe("none");
  });
});
