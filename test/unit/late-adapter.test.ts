import { describe, expect, it } from "vitest";
import type { Adapter } from "#core";
import { createLateAdapter } from "../../infra/late-adapter.ts";

const own = () => new Request("https://api.example.com/slack/events", { method: "POST" });
const another = () => new Request("https://api.example.com/discord/interactions");

/** An adapter that notes what it is asked, behind one that opens it late. */
function desk({ failures = 0 } = {}) {
  const asked: string[] = [];
  let failuresLeft = failures;
  const adapter: Adapter = {
    platform: "slack",
    start: async () => void asked.push("start"),
    async fetch() {
      asked.push("fetch");
      return new Response("taken");
    },
    settled: async () => void asked.push("settled"),
    close: async () => void asked.push("close"),
    openAttachment: () => Promise.reject(new Error("Nothing came along.")),
    saveVideo: () => Promise.reject(new Error("Nothing came along.")),
  };
  const late = createLateAdapter({
    platform: "slack",
    webhookPath: "/slack/events",
    async open() {
      asked.push("open");
      failuresLeft -= 1;
      if (failuresLeft >= 0) throw new Error("The store is away.");
      return adapter;
    },
  });
  return { late, asked };
}

describe("an adapter that is opened late", () => {
  it("is not opened by another platform's request, nor by waiting for what it does", async () => {
    const { late, asked } = desk();
    expect(await late.fetch?.(another())).toBeNull();
    await late.settled?.();
    await late.close?.();
    expect(asked).toEqual([]);
  });

  it("is opened and started once, before its first request is handed over", async () => {
    const { late, asked } = desk();
    const answers = await Promise.all([late.fetch?.(own()), late.fetch?.(own())]);
    expect(await answers[0]?.text()).toBe("taken");
    await late.settled?.();
    expect(asked).toEqual(["open", "start", "fetch", "fetch", "settled"]);
  });

  it("is opened by the next request when the one before could not", async () => {
    const { late, asked } = desk({ failures: 1 });
    await expect(late.fetch?.(own())).rejects.toThrow("The store is away.");
    expect((await late.fetch?.(own()))?.status).toBe(200);
    expect(asked).toEqual(["open", "open", "start", "fetch"]);
  });
});
