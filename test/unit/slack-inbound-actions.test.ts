import { describe, expect, it } from "vitest";
import { refusalOf, slackHere, slackInbound } from "../fixtures/slack-inbound.ts";

/** As on docs.slack.dev/reference/interaction-payloads/block_actions-payload. */
function press({
  value = "v1.reroll.k3v9x2m4p7q1.0",
  atSeconds = "1780000000.250000",
  ...rest
}: Record<string, unknown> = {}) {
  return {
    type: "block_actions",
    team: { id: "T0001", domain: "example" },
    user: { id: "U1", username: "steve", team_id: "T0001" },
    api_app_id: "A1",
    container: {
      type: "message",
      message_ts: "1779999000.000100",
      channel_id: "C1",
      is_ephemeral: false,
    },
    trigger_id: "12466734323.1395872398",
    channel: { id: "C1", name: "test" },
    message: { type: "message", user: "U0BOT", ts: "1779999000.000100", text: "A red fox" },
    response_url: "https://hooks.slack.com/actions/T0001/1/2",
    actions: [{ type: "button", block_id: "b", action_id: "a", value, action_ts: atSeconds }],
    ...rest,
  };
}

describe("a pressed button", () => {
  it("says what it does, where, and which message it is on", () => {
    expect(slackInbound.readAction(press())).toMatchObject({
      action: "v1.reroll.k3v9x2m4p7q1.0",
      triggerId: "12466734323.1395872398",
      origin: {
        ...slackHere,
        responseUrl: "https://hooks.slack.com/actions/T0001/1/2",
        pressed: { ts: "1779999000.000100", isEphemeral: false },
      },
    });
    expect(slackInbound.readAction(press())?.origin.threadTs).toBeUndefined();
  });

  it("in a thread is answered there, but on the message that a thread hangs on in the channel", () => {
    const message = (threadTs: string) => ({ ts: "1779999000.000100", thread_ts: threadTs });
    const threadOf = (body: unknown) => slackInbound.readAction(body)?.origin.threadTs;
    expect(threadOf(press({ message: message("1779000000.000200") }))).toBe("1779000000.000200");
    expect(threadOf(press({ message: message("1779999000.000100") }))).toBeUndefined();
  });

  it("on an ephemeral message comes without the message", () => {
    const container = {
      type: "message",
      message_ts: "1779999000.000100",
      channel_id: "C1",
      is_ephemeral: true,
      thread_ts: "1779000000.000200",
    };
    expect(slackInbound.readAction(press({ message: undefined, container }))?.origin).toMatchObject(
      {
        pressed: { ts: "1779999000.000100", isEphemeral: true },
        threadTs: "1779000000.000200",
      },
    );
  });

  it("in the App Home is answered in a direct message", () => {
    const container = { type: "view", view_id: "V1" };
    const { channel: _c, message: _m, response_url: _r, ...rest } = press({ container });
    expect(slackInbound.readAction(rest)?.origin).toEqual({ ...slackHere, channel: "U1" });
  });

  it("pressed twice within two seconds is one delivery, or names the other's", () => {
    const at = (atSeconds: string) => {
      const read = slackInbound.readAction(press({ atSeconds, trigger_id: atSeconds }));
      return [read?.deliveryId, read?.earlierDeliveryId];
    };
    const [first] = at("1780000000.100000");
    expect(at("1780000001.900000")[0]).toBe(first);
    const [secondId, earlierId] = at("1780000002.050000");
    expect(secondId).not.toBe(first);
    expect(earlierId).toBe(first);
    expect(at("1780000004.100000")).not.toContain(first);
    expect(at("1780000000")[0]).toBe(first);
  });

  it("is another delivery for another person, button, message or view", () => {
    const view = (id: string) => ({ container: { type: "view", view_id: id } });
    const message = (ts: string) => ({
      container: { type: "message", message_ts: ts, channel_id: "C1" },
    });
    const ids = [
      press(),
      press({ user: { id: "U2" } }),
      press({ value: "v1.reroll.k3v9x2m4p7q1.1" }),
      press(message("1779999000.000101")),
      press(view("V1")),
      press(view("V2")),
    ].map((body) => slackInbound.readAction(body)?.deliveryId);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it("does nothing here when it is a link or a form's field", () => {
    const link = { type: "button", action_id: "a", url: "https://x.example", action_ts: "1.1" };
    const select = { type: "static_select", action_id: "a", action_ts: "1.1" };
    for (const action of [link, { ...link, value: "" }, select]) {
      expect(slackInbound.readAction(press({ actions: [action] }))).toBeNull();
    }
  });

  it("is refused from another workspace, and from a guest of one in a shared channel", () => {
    const foreign = [press({ team: { id: "T2" } }), press({ user: { id: "U9", team_id: "T2" } })];
    for (const body of foreign) {
      expect(refusalOf(() => slackInbound.readAction(body)).kind).toBe("invalid_input");
    }
  });
});
