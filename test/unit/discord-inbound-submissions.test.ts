import { describe, expect, it } from "vitest";
import type { AdapterNotes, JsonValue } from "#core";
import { DISCORD_CUSTOM_ID_MAX } from "../../adapters/discord/components/limits.ts";
import { createModalMetadata } from "../../adapters/discord/inbound/modal-metadata.ts";
import {
  discordAttachment,
  discordHere,
  interaction,
  readAs,
} from "../fixtures/discord-inbound.ts";

const inLabel = (component: Readonly<Record<string, unknown>>) => ({ type: 18, id: 1, component });

function world() {
  const kept = new Map<string, JsonValue>();
  const notes: AdapterNotes = {
    get: async (key) => kept.get(key) ?? null,
    put: async (key, value) => void kept.set(key, value),
    putNew: async () => true,
    delete: async (key) => void kept.delete(key),
  };
  let next = 0;
  const newId = () => `id${++next}`;
  return { kept, metadata: createModalMetadata({ notes, newId }) };
}

describe("a modal that was sent", () => {
  it("brings each field as it was filled in", () => {
    const components = [
      inLabel({ type: 4, custom_id: "prompt", value: "a red fox" }),
      inLabel({ type: 4, custom_id: "negative", value: "" }),
      inLabel({ type: 3, custom_id: "style", values: ["ink"] }),
      inLabel({ type: 21, custom_id: "ratio", value: null }),
      inLabel({ type: 23, custom_id: "private", value: true }),
      { type: 10, id: 9 },
      { type: 1, components: [{ type: 4, custom_id: "seed", value: "7" }] },
    ];
    const body = interaction(5, { custom_id: "form:x", components });
    const read = readAs("submission", body);
    expect(read).toMatchObject({ deliveryId: body.id, customId: "form:x", files: {} });
    expect(read.values).toEqual({
      prompt: "a red fox",
      negative: "",
      style: ["ink"],
      ratio: "",
      private: true,
      seed: "7",
    });
    expect(read.origin).toMatchObject({ ...discordHere, response: "ephemeral" });
    expect(read.origin.pressed).toBeUndefined();
  });

  it("is for its person alone when that is ticked, or was decided before it opened", async () => {
    const responseTo = (custom_id: string, value: boolean) => {
      const components = [inLabel({ type: 23, custom_id: "private", value })];
      return readAs("submission", interaction(5, { custom_id, components })).origin.response;
    };
    expect([responseTo("form:x", false), responseTo("form:x", true)]).toEqual([
      "public",
      "ephemeral",
    ]);
    const { metadata } = world();
    for (const prompt of ["a fox", "a fox ".repeat(30)]) {
      const given = { command: "imagine", fixedArgs: { prompt, private: "true" } };
      const customId = await metadata.write(given, { isPrivate: true });
      expect(customId.length).toBeLessThanOrEqual(DISCORD_CUSTOM_ID_MAX);
      expect(responseTo(customId, false)).toBe("ephemeral");
      expect(await metadata.read(customId)).toEqual(given);
    }
  });

  it("brings the files that were chosen, and the message that it was opened from", () => {
    const components = [
      inLabel({ type: 19, custom_id: "image", values: ["77"] }),
      inLabel({ type: 19, custom_id: "other", values: [] }),
    ];
    const resolved = { attachments: { "77": discordAttachment("77") } };
    const message = { id: "500", flags: 64 };
    const body = interaction(5, { custom_id: "form:x", components, resolved }, { message });
    const { files, values, origin } = readAs("submission", body);
    expect(files.image).toMatchObject([
      { attachment: discordAttachment("77").url, name: "fox.png" },
    ]);
    expect(files.other).toEqual([]);
    expect(values).toEqual({});
    expect(origin.pressed).toEqual({ id: "500", isEphemeral: true });
  });
});

describe("what a modal keeps", () => {
  it("comes back whole from the custom_id when it is small", async () => {
    const { kept, metadata } = world();
    const given = { command: "restyle", fixedArgs: { from: "k3v9x2m4p7q1#2" } };
    const customId = await metadata.write(given);
    expect(customId.length).toBeLessThanOrEqual(DISCORD_CUSTOM_ID_MAX);
    expect(await metadata.read(customId)).toEqual(given);
    expect(kept.size).toBe(0);
  });

  it("is noted when it is not, and comes back all the same, after a restart too", async () => {
    const { kept, metadata } = world();
    const given = { command: "restyle", attachments: [discordAttachment("1").url] };
    const customId = await metadata.write(given);
    expect(customId.length).toBeLessThanOrEqual(DISCORD_CUSTOM_ID_MAX);
    expect(kept.size).toBe(1);
    expect(await metadata.read(customId)).toEqual(given);
    const other = await metadata.write({ ...given, attachments: [discordAttachment("2").url] });
    expect(other).not.toBe(customId);
  });

  it("fits for every length around the limit", async () => {
    const { metadata } = world();
    for (let length = 40; length < 120; length++) {
      const given = { command: "restyle", fixedArgs: { from: "x".repeat(length) } };
      const customId = await metadata.write(given);
      expect(customId.length).toBeLessThanOrEqual(DISCORD_CUSTOM_ID_MAX);
      expect(await metadata.read(customId)).toEqual(given);
    }
  });

  it("is refused when it is nobody's", async () => {
    const { metadata } = world();
    for (const customId of ["", "form:", "form:{}", 'form:{"command":1}', "note:gone", "else"]) {
      await expect(metadata.read(customId)).rejects.toMatchObject({ kind: "invalid_input" });
    }
  });
});
