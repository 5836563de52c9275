import { describe, expect, it } from "vitest";
import { localSlackIsInstalled } from "../servers/local-slack.ts";
import { startModelServer } from "../servers/model-server.ts";
import { SLACK_DEFAULT_GRANTS } from "../servers/slack-api-rules.ts";
import { SLACK_APP, SLACK_CHANNELS, SLACK_USERS } from "../servers/slack-workspace.ts";
import { atelierProcesses } from "./atelier-process.ts";
import { onModelServer } from "./on-model-server.ts";
import { slackWorlds } from "./slack-world.ts";

const installed = localSlackIsInstalled();
const needed = installed ? "" : " (needs local-slack: Linux on x64)";
const processes = atelierProcesses();
const worlds = slackWorlds();
const { studio, lobby } = SLACK_CHANNELS;
const { ana, ben } = SLACK_USERS;

describe.skipIf(!installed)(`the start with Slack${needed}`, { timeout: 60_000 }, () => {
  it("ends with a sentence that names the token that Slack does not take", async () => {
    const { environment } = await worlds.start({ transport: "socket" });
    const [bot, app] = await Promise.all([
      processes.startInVain({ environment: { ...environment, SLACK_BOT_TOKEN: "xoxb-wrong-one" } }),
      processes.startInVain({ environment: { ...environment, SLACK_APP_TOKEN: "xapp-wrong-one" } }),
    ]);
    expect(bot.code).toBe(1);
    expect(bot.output).toContain("SLACK_BOT_TOKEN");
    expect(bot.output).not.toContain("wrong-one");
    expect(app.code).toBe(1);
    expect(app.output).toContain("SLACK_APP_TOKEN");
    expect(app.output).toContain("connections:write");
    expect(app.output).not.toContain("wrong-one");
    for (const { output } of [bot, app]) expect(output).not.toMatch(/^\s+at /mu);
  });

  it("ends with that sentence for an app token without its scope, too", async () => {
    const { environment, proxy } = await worlds.start({ transport: "socket" });
    proxy.faults.answerWith("apps.connections.open", "missing_scope", 1);
    const { code, output } = await processes.startInVain({ environment });
    expect(code).toBe(1);
    expect(output).toContain("SLACK_APP_TOKEN");
    expect(output).toContain("connections:write");
  });

  it("while Slack is away serves the page, and signs in by itself later", async () => {
    const slack = await worlds.start({ transport: "socket" });
    await slack.proxy.goAway();
    const atelier = await processes.start({ environment: slack.environment });
    expect((await atelier.request("/")).status).toBe(200);
    expect((await atelier.command("/imagine a page of its own")).status).toBe("done");
    expect(atelier.logs()).toContainEqual(
      expect.objectContaining({ msg: "cannot sign in to Slack; trying again" }),
    );
    await slack.proxy.comeBack();
    const isOn = () => atelier.logs().find(({ msg }) => msg === "Slack is on");
    await slack.waitFor("sign-in", isOn, { withinMs: 30_000 });
    await slack.command(ana, studio, "/imagine a late arrival");
    await slack.waitForMessage(studio, ({ pictureIds }) => pictureIds.length > 0);
  });

  it("while Slack is away for good ends in time all the same", async () => {
    const slack = await worlds.start({ transport: "socket" });
    await slack.proxy.goAway();
    const atelier = await processes.start({ environment: slack.environment });
    const { code, ms } = await atelier.stop();
    expect(code).toBe(0);
    expect(ms).toBeLessThan(5_000);
    await slack.proxy.comeBack();
  });

  it("names the scopes that the app lacks in its log, and works without them", async () => {
    const lacking = ["files:write", "im:write"];
    const scopes = SLACK_DEFAULT_GRANTS.scopes.filter((scope) => !lacking.includes(scope));
    const slack = await worlds.start({ transport: "http", grants: { scopes } });
    const atelier = await processes.start({ environment: slack.environment });
    const warning = atelier.logs().find(({ msg }) => String(msg).includes("lacks scopes"));
    expect(warning).toMatchObject({ level: "warn", missing: expect.arrayContaining(lacking) });
    expect(warning?.missing).toHaveLength(lacking.length);
    await slack.command(ana, studio, "/imagine a bare hook");
    await slack.waitForMessage(studio, "Open picture");
  });
});

describe.skipIf(!installed)(`the stop while Slack hangs${needed}`, { timeout: 60_000 }, () => {
  const HANGS_MS = 60_000;

  it("leaves a running job its grace and puts it back for the next process", async () => {
    const [slack, model] = await Promise.all([
      worlds.start({ transport: "socket" }),
      startModelServer(),
    ]);
    try {
      const { faults, calls, sockets } = slack.proxy;
      const environment = { ...slack.environment, ...onModelServer(model) };
      const atelier = await processes.start({ environment });
      model.setLatencyMs(HANGS_MS);
      const call = model.nextCall();
      await slack.command(ana, studio, "/imagine a heron at dusk");
      await call;
      faults.slow("apps.connections.open", HANGS_MS, 9);
      sockets.cutAll();
      const isHanging = () => calls.of("apps.connections.open").at(1);
      await slack.waitFor("a second connection", isHanging);
      const { code, ms } = await atelier.stop();
      expect(code).toBe(0);
      // Six seconds of grace; past 9.5 s the process would end by force.
      expect(ms).toBeGreaterThan(5_500);
      expect(ms).toBeLessThan(9_000);

      model.setLatencyMs(0);
      faults.clear();
      await processes.start({ environment, dataDir: atelier.dataDir });
      await slack.waitForMessage(studio, ({ pictureIds }) => pictureIds.length > 0);
    } finally {
      await model.close();
    }
  });

  it("does not wait for a person to be told", async () => {
    const slack = await worlds.start({ transport: "socket" });
    const { faults, calls } = slack.proxy;
    const atelier = await processes.start({ environment: slack.environment });
    faults.slow("chat.postEphemeral", HANGS_MS, 9);
    await slack.mention(ben, studio, "imagin a heron");
    await slack.waitFor("words", () => calls.of("chat.postEphemeral").at(0));
    const { code, ms } = await atelier.stop();
    expect(code).toBe(0);
    expect(ms).toBeLessThan(6_000);
  });

  it("does not wait for a sign-in", async () => {
    const slack = await worlds.start({ transport: "socket" });
    const { faults, calls } = slack.proxy;
    await slack.proxy.goAway();
    const atelier = await processes.start({ environment: slack.environment });
    faults.slow("auth.test", HANGS_MS, 9);
    await slack.proxy.comeBack();
    await slack.waitFor("sign-in", () => calls.of("auth.test").at(0), { withinMs: 30_000 });
    const { code, ms } = await atelier.stop();
    expect(code).toBe(0);
    expect(ms).toBeLessThan(6_000);
  });
});

describe.skipIf(!installed).each(["socket", "http"] as const)(
  `what is logged over %s${needed}`,
  { timeout: 60_000 },
  (transport) => {
    it("holds no token, prompt or response_url, whatever goes wrong", async () => {
      const [slack, model] = await Promise.all([worlds.start({ transport }), startModelServer()]);
      try {
        const environment = {
          ...slack.environment,
          ...onModelServer(model),
          LOG_LEVEL: "debug",
        };
        const atelier = await processes.start({ environment });
        const { faults, calls } = slack.proxy;
        const said = "a vermilion gazebo";
        const failed = (user: string, channel: string) =>
          slack.waitForEphemeral(user, channel, ({ shown }) => /operator|invite/u.test(shown));

        faults.failWith("upload", 500, 4);
        faults.rateLimit("chat.update", 1);
        faults.reset("files.info", 1);
        await slack.command(ana, studio, `/imagine ${said} --negative vermilion`);
        await slack.waitForMessage(studio, "Open picture");

        await slack.command(ana, lobby, `/imagine ${said} in the lobby`);
        await failed(ana, lobby);

        model.next({ error: "AccessDeniedException", status: 403 });
        faults.answerWith("response_url", "expired_url", 1);
        await slack.command(ben, studio, `/imagine ${said} denied`);
        await failed(ben, studio);

        faults.answerWith("views.open", "fatal_error", 3);
        await slack.command(ben, studio, "/imagine");
        faults.answerWith("chat.postMessage", `unheard_of_${"x".repeat(20)}`, 1);
        await slack.mention(ben, studio, `imagine ${said} unheard`);
        faults.failWith("chat.postEphemeral", 503, 5);
        faults.failWith("response_url", 503, 5);
        await slack.command(ben, studio, `/imagine ${said} --count nine`);
        await slack.command(ben, studio, `/imagine ${said} --private --seed 3`);
        await slack.directMessage(ben, `tell me of ${said}`);
        await slack.proxy.sendEvent({ type: "message", text: said, channel: studio, user: 5 });
        const ended = () => atelier.output().match(/job finished|job failed/gu) ?? [];
        await slack.waitFor("all to be over", () => (ended().length === 6 ? true : null), {
          withinMs: 25_000,
          instead: async () => atelier.output(),
        });
        await atelier.stop();

        const output = atelier.output();
        expect(calls.of("response_url").length).toBeGreaterThan(0);
        for (const secret of [
          SLACK_APP.botToken,
          SLACK_APP.appToken,
          SLACK_APP.signingSecret,
          "vermilion",
          "_hooks/response",
        ]) {
          expect(output).not.toContain(secret);
        }
      } finally {
        await model.close();
      }
    });
  },
);
