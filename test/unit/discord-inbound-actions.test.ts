import { describe, expect, it } from "vitest";
import {
  discordHere,
  discordInbound,
  discordNowMs,
  discordRefusalOf,
  idAt,
  interaction,
  readAs,
} from "../fixtures/discord-inbound.ts";

const REROLL = "v1.reroll.k3v9x2m4p7q1.0";

function press(
  action = REROLL,
  { atMs = discordNowMs, flags = 0, message = "500", user = "300" } = {},
) {
  const button = { custom_id: action, component_type: 2, id: 7 };
  return interaction(3, button, {
    id: idAt(atMs, 1),
    message: { id: message, flags, attachments: [], embeds: [], components: [] },
    member: { user: { id: user } },
  });
}

const pressed = (...given: Parameters<typeof press>) => readAs("action", press(...given));

describe("a pressed button", () => {
  it("says what it does, where, and which message it is on", () => {
    expect(pressed()).toMatchObject({
      action: REROLL,
      origin: {
        ...discordHere,
        response: "public",
        pressed: { id: "500", isEphemeral: false },
      },
    });
  });

  it("is answered for its person alone, unless the command is for everyone there", () => {
    const responseTo = (name: string, flags = 0) =>
      pressed(`v1.${name}.k3v9x2m4p7q1.0`, { flags }).origin.response;
    expect(responseTo("info")).toBe("ephemeral");
    expect(responseTo("reroll")).toBe("public");
    expect(responseTo("nothing")).toBe("ephemeral");
  });

  it("on what one person sees stays with that person, unless it publishes", () => {
    const onEphemeral = (name: string) =>
      pressed(`v1.${name}.k3v9x2m4p7q1.0`, { flags: 64 | 32768 });
    expect(onEphemeral("reroll").origin).toMatchObject({
      response: "ephemeral",
      pressed: { isEphemeral: true },
    });
    expect(onEphemeral("share").origin.response).toBe("public");
  });

  it("on what one person sees leaves that to be changed when its answer comes at once", () => {
    for (const name of ["delete", "info", "link", "cancel"]) {
      const { origin } = pressed(`v1.${name}.k3v9x2m4p7q1.0`, { flags: 64 });
      expect(origin.response).toBe("update");
    }
  });

  it("pressed twice within two seconds is one delivery, or names the other's", () => {
    const at = (afterMs: number) => {
      const { deliveryId, earlierDeliveryId } = pressed(REROLL, { atMs: discordNowMs + afterMs });
      return [deliveryId, earlierDeliveryId];
    };
    const [first] = at(100);
    expect(at(1_900)[0]).toBe(first);
    const [secondId, earlierId] = at(2_050);
    expect(secondId).not.toBe(first);
    expect(earlierId).toBe(first);
    expect(at(4_100)).not.toContain(first);
  });

  it("is another delivery for another person, button or message", () => {
    const ids = [
      pressed(),
      pressed(REROLL, { user: "301" }),
      pressed("v1.reroll.k3v9x2m4p7q1.1"),
      pressed(REROLL, { message: "501" }),
    ].map(({ deliveryId }) => deliveryId);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it("that this or an earlier version did not make is refused", () => {
    const { kind, message } = discordRefusalOf(() => discordInbound.read(press("somebody-elses")));
    expect(kind).toBe("invalid_input");
    expect(message).toContain("not one of mine");
  });
});
