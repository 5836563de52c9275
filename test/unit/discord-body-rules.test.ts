import { describe, expect, it } from "vitest";
import { bodyProblems, type DiscordBodyKind } from "../servers/discord-body-rules.ts";

const text = { type: 10, content: "a fox" };
const buttonOf = (style: unknown) => ({ type: 2, style, label: "Go", custom_id: "go" });
const said = (style: unknown = 2) => ({
  flags: 1 << 15,
  components: [text, { type: 1, components: [buttonOf(style)] }],
  allowed_mentions: { parse: [] },
});
const modal = (style: unknown) => ({
  custom_id: "form",
  title: "/imagine",
  components: [
    { type: 18, label: "Prompt", component: { type: 4, custom_id: "prompt", style } },
    {
      type: 18,
      label: "Image",
      component: { type: 19, custom_id: "image", file_types: ["image"] },
    },
  ],
});
const LONG = "x".repeat(101);
const command = (name: unknown) => ({ type: 1, name, description: "Draw" });

/** A body that Discord takes and one that only its own specification refuses, of every kind that leaves. */
const bodies: [string, DiscordBodyKind, object, object][] = [
  ["a message", "create_message", said(), said("green")],
  ["an edit", "edit_message", said(), said("green")],
  ["a follow-up", "follow_up", said(), said("green")],
  ["an edited response", "edit_response", said(), said("green")],
  ["mentions", "create_message", said(), { ...said(), allowed_mentions: { parse: ["all"] } }],
  ["a nonce", "create_message", { ...said(), nonce: "1" }, { ...said(), nonce: "x".repeat(26) }],
  [
    "an alternative text",
    "edit_response",
    { ...said(), attachments: [{ id: 0, description: "a fox" }] },
    { ...said(), attachments: [{ id: 0, description: "x".repeat(1025) }] },
  ],
  ["a first response", "callback", { type: 4, data: said() }, { type: 4, data: said("green") }],
  ["a changed message", "callback", { type: 7, data: said() }, { type: 7, data: said("green") }],
  [
    "a deferral",
    "callback",
    { type: 5, data: { flags: 64 } },
    { type: 5, data: { flags: "ephemeral" } },
  ],
  ["a form", "callback", { type: 9, data: modal(1) }, { type: 9, data: modal("short") }],
  [
    "proposals",
    "callback",
    { type: 8, data: { choices: [{ name: "Ink", value: "ink" }] } },
    { type: 8, data: { choices: [{ name: "Ink", value: {} }] } },
  ],
  ["a direct channel", "create_dm", { recipient_id: "301" }, { recipient_id: "ana" }],
  ["a command", "command", command("draw"), { ...command("draw"), description: LONG }],
  [
    "commands",
    "commands",
    [command("draw")],
    [command("draw"), { ...command("see"), description: LONG }],
  ],
  ["a changed command", "command_change", { description: "Draw" }, { description: LONG }],
  [
    "where a command works",
    "commands",
    [{ ...command("draw"), contexts: [0, 1, 2], integration_types: [0, 1] }],
    [{ ...command("draw"), contexts: [7] }],
  ],
  [
    "the files of an option",
    "commands",
    [{ ...command("draw"), options: [imageOption(["image"])] }],
    [{ ...command("draw"), options: [imageOption(["a-filter-that-is-too-long"])] }],
  ],
];

function imageOption(file_types: readonly string[]) {
  return { type: 11, name: "image", description: "A picture", file_types };
}

describe("what Discord's own specification says of a body", () => {
  it.each(bodies)("is heard: %s", (_, kind, right, wrong) => {
    expect(bodyProblems(kind, right)).toEqual([]);
    const problems = bodyProblems(kind, wrong);
    expect(problems.map(({ message }) => message).join()).toContain("(Discord's specification)");
  });

  it("tells where it is wrong", () => {
    const [problem] = bodyProblems("callback", { type: 4, data: said("green") });
    expect(problem?.path.join(".")).toBe("data.components.1.components.0.style");
  });

  it("knows no other first response", () => {
    expect(bodyProblems("callback", { type: 3 })).toHaveLength(1);
    expect(bodyProblems("callback", {})).toHaveLength(1);
  });
});
