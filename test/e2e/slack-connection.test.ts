import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { localSlackIsInstalled } from "../servers/local-slack.ts";
import { type ModelServer, startModelServer } from "../servers/model-server.ts";
import { SLACK_CHANNELS, SLACK_USERS } from "../servers/slack-workspace.ts";
import { type AtelierProcess, atelierProcesses } from "./atelier-process.ts";
import { onModelServer } from "./on-model-server.ts";
import { type SlackWorld, slackWorlds } from "./slack-world.ts";

const installed = localSlackIsInstalled();
const needed = installed ? "" : " (needs local-slack: Linux on x64)";
const processes = atelierProcesses();
const worlds = slackWorlds();
const { studio } = SLACK_CHANNELS;
const { ana, ben, cleo } = SLACK_USERS;

describe.skipIf(!installed)(`the socket${needed}`, { timeout: 60_000 }, () => {
  let slack: SlackWorld;
  let model: ModelServer;
  let atelier: AtelierProcess;

  beforeAll(async () => {
    const start = worlds.start({ transport: "socket" });
    [slack, model] = await Promise.all([start, startModelServer()]);
    atelier = await processes.start({
      environment: { ...slack.environment, ...onModelServer(model) },
    });
    return () => model.close();
  });
  beforeEach(() => {
    model.reset();
    model.setLatencyMs(0);
    slack.proxy.faults.clear();
    slack.proxy.calls.clear();
  });
  afterEach(() => {
    expect(slack.proxy.calls.refusals()).toEqual([]);
    // Of its own accord it took each envelope once, whatever became of the lines.
    expect(slack.proxy.sockets.unacknowledged()).toEqual([]);
  });

  const pictured = (prompt: string) =>
    slack.waitForMessage(studio, (m) => m.shown.includes(prompt) && m.pictureIds.length > 0);
  const paidFor = (prompt: string) =>
    model.calls.filter(({ body }) => String(body.prompt).includes(prompt)).length;

  // First: after connections that soon ended it waits longer, and Slack would be away too long
  // for the picture to be uploaded.
  it("breaks because Slack is gone altogether: it is back when Slack is, and loses nothing", async () => {
    model.setLatencyMs(1_000);
    const call = model.nextCall();
    await slack.command(ana, studio, "/imagine a long eclipse");
    await call;
    const connections = slack.proxy.sockets.connections();
    await slack.proxy.goAway();
    const tried = () => atelier.logs().filter(({ msg }) => String(msg).includes("trying again"));
    const before = tried().length;
    await slack.waitFor("tries in vain", () => (tried().length > before + 1 ? true : null));
    await slack.proxy.comeBack();
    const isBack = () => (slack.proxy.sockets.connections() > connections ? true : null);
    await slack.waitFor("connection", isBack);
    await slack.command(ben, studio, "/imagine after the eclipse");
    await pictured("after the eclipse");
    // It was drawn while nothing could be shown.
    await pictured("a long eclipse");
    expect(paidFor("a long eclipse")).toBe(1);
  });

  it("breaks in mid-job: the result comes, and what was typed meanwhile is taken", async () => {
    const connections = slack.proxy.sockets.connections();
    model.setLatencyMs(2_000);
    const call = model.nextCall();
    await slack.command(ana, studio, "/imagine a torn sail");
    await call;
    slack.proxy.sockets.cutAll();
    const meanwhile = slack.command(ben, studio, "/imagine a mended sail");
    await pictured("a torn sail");
    await pictured("a mended sail");
    const { tookMs } = await meanwhile;
    expect(tookMs).toBeLessThan(3_000);
    expect(slack.proxy.sockets.connections()).toBe(connections + 1);
    expect(paidFor("sail")).toBe(2);
  });

  it("breaks while Slack gives no other: it tries until there is one", async () => {
    const { faults, sockets, calls } = slack.proxy;
    faults.failWith("apps.connections.open", 500, 1);
    faults.rateLimit("apps.connections.open", 1);
    faults.reset("apps.connections.open", 1);
    sockets.cutAll();
    await slack.command(ana, studio, "/imagine a patient heron");
    await slack.waitForMessage(studio, "a patient heron", { withinMs: 30_000 });
    await pictured("a patient heron");
    expect(calls.of("apps.connections.open")).toHaveLength(4);
    expect(atelier.logs().filter(({ level }) => level === "error")).toEqual([]);
  });

  it("is asked to change over while commands come: each of them runs once", async () => {
    const people = [ana, ben, cleo, ana, ben, cleo];
    const typed = people.map((user, n) => slack.command(user, studio, `/imagine moved ${n}`));
    slack.proxy.sockets.refreshAll();
    await Promise.all(typed);
    await Promise.all(people.map((_, n) => pictured(`moved ${n}`)));
    expect(paidFor("moved")).toBe(people.length);
    expect(slack.proxy.sockets.open()).toBe(1);
  });

  it("and all that went wrong with it left the process alive", async () => {
    expect((await atelier.request("/healthz")).status).toBe(200);
    expect(slack.proxy.deliveries.all.filter(({ attempt }) => attempt > 0)).toEqual([]);
  });
});
