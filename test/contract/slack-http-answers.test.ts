import type { RespondArguments } from "@slack/bolt";
import { beforeEach, describe, expect, it } from "vitest";
import { commandBody, createReceivingApp, eventBody, signed } from "./slack-receiving-app.ts";

let slack: ReturnType<typeof createReceivingApp>;
beforeEach(() => {
  slack = createReceivingApp();
});

describe("what Slack is told", () => {
  it("is what the listener acknowledges: nothing, a text or an object", async () => {
    const answers: (string | RespondArguments | undefined)[] = [
      undefined,
      "",
      "Queued.",
      { response_type: "ephemeral", text: "Queued." },
    ];
    const got: unknown[] = [];
    slack.app.command("/imagine", async ({ ack }) => ack(answers[got.length]));
    for (const _ of answers) {
      const response = await slack.fetch(signed(commandBody));
      got.push([response.status, response.headers.get("Content-Type"), await response.text()]);
    }
    expect(got).toEqual([
      [200, null, ""],
      [200, null, ""],
      [200, "text/plain;charset=UTF-8", "Queued."],
      [200, "application/json", '{"response_type":"ephemeral","text":"Queued."}'],
    ]);
  });

  it("comes at once, whatever the listener does after its acknowledgement, even failing", async () => {
    let finish = () => {};
    const held = new Promise<void>((resolve) => {
      finish = resolve;
    });
    slack.app.command("/imagine", async ({ ack }) => {
      await ack("Queued.");
      await held;
      throw new Error("Broken later.");
    });
    const response = await slack.fetch(signed(commandBody));
    expect(await response.text()).toBe("Queued.");
    finish();
    await expect.poll(() => slack.lines).toContain("error: a listener failed");
  });

  it("is 500 when a listener fails before it acknowledges", async () => {
    slack.app.command("/imagine", async () => {
      throw new Error("Broken.");
    });
    const response = await slack.fetch(signed(commandBody));
    expect([response.status, await response.text()]).toEqual([500, ""]);
    expect(slack.lines).toContain("error: a listener failed");
  });

  it("is nothing for what nobody listens to: it is no better when it comes again", async () => {
    for (const type of ["application/json", undefined]) {
      const body = type === undefined ? commandBody : eventBody;
      const response = await slack.fetch(signed(body, type === undefined ? {} : { type }));
      expect([response.status, await response.text()]).toEqual([200, ""]);
    }
  });

  it("comes within 3 s from a listener that takes longer: nothing for a command, 503 for an event", async () => {
    let late: unknown = "not yet";
    slack.app.command("/imagine", async ({ ack }) => {
      await new Promise((resolve) => setTimeout(resolve, 3_100));
      late = await ack("Too late.");
    });
    slack.app.event("app_mention", () => new Promise((resolve) => setTimeout(resolve, 3_100)));
    const startedMs = Date.now();
    const [forCommand, forEvent] = await Promise.all([
      slack.fetch(signed(commandBody)),
      slack.fetch(signed(eventBody, { type: "application/json" })),
    ]);
    expect(Date.now() - startedMs).toBeLessThan(3_000);
    expect(Date.now() - startedMs).toBeGreaterThan(2_500);
    expect([forCommand.status, await forCommand.text()]).toEqual([200, ""]);
    expect(forEvent.status).toBe(503);
    expect(slack.lines.filter((line) => line.includes("not acknowledged"))).toHaveLength(2);
    await expect.poll(() => late).toBeUndefined();
    expect(slack.lines.some((line) => line.includes("after Slack was answered"))).toBe(true);
  });

  it("is no more than the first acknowledgement; a second one is in the log", async () => {
    slack.app.command("/imagine", async ({ ack }) => {
      await ack("First.");
      await ack("Second.");
    });
    const response = await slack.fetch(signed(commandBody));
    expect(await response.text()).toBe("First.");
    await expect.poll(() => slack.lines.join()).toContain("acknowledged twice");
    expect(slack.lines.join()).not.toContain("a listener failed");
  });

  it("of an event depends on its listeners: 200 once they are done, 500 when one failed, so that it comes again", async () => {
    const done: string[] = [];
    slack.app.event("app_mention", async () => {
      await new Promise((resolve) => setTimeout(resolve, 50));
      done.push("stored");
      if (done.length === 1) throw new Error("The store is away.");
    });
    const again = { "X-Slack-Retry-Num": "1", "X-Slack-Retry-Reason": "http_error" };
    const type = "application/json";
    expect((await slack.fetch(signed(eventBody, { type }))).status).toBe(500);
    expect((await slack.fetch(signed(eventBody, { type, headers: again }))).status).toBe(200);
    expect(done).toHaveLength(2);
  });
});
