import { describe, expect, it } from "vitest";
import { commands } from "#commands";
import { createCard, type JobRecord, type JobStatus, type SignedCard } from "#core";
import { previewMessage } from "../../adapters/slack/preview.ts";
import { loadedWith } from "../fixtures/loaded-with.ts";

const queued: JobRecord = {
  id: "k3v9",
  command: "imagine",
  args: { prompt: "a red fox", ratio: "16:9" },
  user: "playground:local:ana",
  platform: "playground",
  place: "playground:local:general",
  isPrivate: false,
  target: { text: "/imagine a red fox --ar 16:9" },
  createdAtMs: 0,
  expiresAtMs: 1,
  status: "queued",
  owner: "here",
  attempts: 0,
  card: null,
  failure: null,
  ending: null,
  pictures: [],
  finishedAtMs: null,
};
const card: SignedCard = { ...createCard({ text: "a red fox" }), images: [] };

function preview(
  change: Partial<JobRecord> & { status: JobStatus },
  shown: SignedCard | null = null,
) {
  const record = { ...queued, ...change };
  const progress = { done: 1, total: 4 };
  return previewMessage({ record, card: shown, position: null, progress, commands });
}

describe("the preview of a job in Slack", () => {
  it("loads the renderer, and nothing of Slack's SDK", () => {
    const loaded = [...loadedWith("adapters/slack/preview.ts")];
    expect(loaded).toContain("adapters/slack/render.ts");
    const packages = loaded.filter((each) => !each.endsWith(".ts") && !each.startsWith("node:"));
    expect(packages).toEqual(["zod"]);
  });

  it("mentions people of other platforms by a stand-in, and those of Slack by their id", () => {
    const here = preview({ status: "delivered" }, { ...card, askedBy: "playground:local:ana" });
    expect(here.names).toEqual({ U0PREVIEW: "ana" });
    expect(here.text).toBe("<@U0PREVIEW>: a red fox");
    const there = preview({ status: "delivered" }, { ...card, askedBy: "slack:T1:U024BE7LH" });
    expect(there.text).toBe("<@U024BE7LH>: a red fox");
    expect(preview({ status: "delivered" }, card).text).toBe("a red fox");
  });

  it("says how far a running job is to everyone, and of a private one to nobody", () => {
    const open = preview({ status: "running" });
    expect(JSON.stringify(open.blocks)).toContain('": a red fox"');
    expect(JSON.stringify(open.blocks)).toContain("Drawing… 1 of 4");
    expect(open.isForPersonOnly).toBe(false);
    const hidden = preview({ status: "running", isPrivate: true });
    expect([hidden.text, hidden.isForPersonOnly]).toEqual(["Got it, starting now.", true]);
  });
});
