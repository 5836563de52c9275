import { beforeAll, describe, expect, it } from "vitest";
import type { JobView } from "../../adapters/playground/job-view.ts";
import { buttonOf, fieldOf, until } from "./atelier-client.ts";
import { type AtelierProcess, atelierProcesses, START_TIMEOUT_MS } from "./atelier-process.ts";

const processes = atelierProcesses();
let atelier: AtelierProcess;
let secret: JobView;
let watchers: { ana: readonly JobView[]; ben: readonly JobView[] };
const SECRET = "/imagine a surprise party --private";

beforeAll(async () => {
  atelier = await processes.start();
  const ana = await atelier.watchChannel("general", "ana");
  const ben = await atelier.watchChannel("general", "ben");
  watchers = { ana: ana.seen, ben: ben.seen };
  secret = await atelier.command(SECRET, { user: "ana" });
  return async () => {
    await ana.close();
    await ben.close();
  };
}, START_TIMEOUT_MS);

describe("what one person made in private", () => {
  it("is shown to that person", async () => {
    expect(secret).toMatchObject({ status: "done", is_private: true });
    const { jobs } = await atelier.channel("general", { user: "ana" });
    expect(jobs.map(({ job_id }) => job_id)).toContain(secret.job_id);
    expect((await atelier.command("/history", { user: "ana" })).card?.fields[0]?.label).toBe(
      secret.job_id,
    );
    expect((await atelier.press(buttonOf(secret, "Info"), { user: "ana" })).status).toBe("done");
  });

  it("is in nobody else's channel, and in nobody else's events", async () => {
    for (const query of [{ user: "ben" }, {}, { user: "ana " }]) {
      const { jobs } = await atelier.channel("general", { ...query });
      const isAna = query.user?.trim() === "ana";
      expect(jobs.some(({ job_id }) => job_id === secret.job_id)).toBe(isAna);
    }
    const open = await atelier.command("/imagine for everyone", { user: "ana" });
    await until("both saw the public job", () =>
      [watchers.ana, watchers.ben].every((seen) =>
        seen.some((view) => view.job_id === open.job_id && view.status === "done"),
      ),
    );
    expect(watchers.ana.some(({ job_id }) => job_id === secret.job_id)).toBe(true);
    expect(watchers.ben.some((view) => view.is_private || view.text === SECRET)).toBe(false);
  });

  it("does not exist for the buttons and the words of others", async () => {
    for (const button of secret.card?.buttons ?? []) {
      const answer = await atelier.postAction(button.action, { user: "ben" });
      expect([button.label, answer.status]).toEqual([button.label, 404]);
    }
    for (const text of [
      `/show ${secret.job_id}`,
      `/cancel ${secret.job_id}`,
      `/restyle --from ${secret.job_id}#1 -- in blue`,
    ]) {
      const view = await atelier.command(text, { user: "ben" });
      expect(view).toMatchObject({ status: "failed", error: { kind: "not_found" } });
      expect(JSON.stringify(view.error)).not.toContain("party");
    }
    const history = await atelier.command("/history", { user: "ben" });
    expect(JSON.stringify(history.card)).not.toContain("party");
  });

  it("is not the last picture of the channel for others", async () => {
    const channel = "quiet";
    const own = await atelier.command("/imagine a hidden door --private", { user: "ana", channel });
    expect(own.status).toBe("done");
    const others = await atelier.command("/restyle in blue", { user: "ben", channel });
    expect(others).toMatchObject({ status: "failed", error: { kind: "invalid_input" } });
    // Nor for its own person, where the answer would be for everyone.
    const open = await atelier.command("/restyle in blue", { user: "ana", channel });
    expect(open).toMatchObject({ status: "failed", error: { kind: "invalid_input" } });
    const restyled = await atelier.command("/restyle in blue --private", { user: "ana", channel });
    expect(restyled).toMatchObject({ status: "done", error: null });
  });

  it("is never served to another from the cache, whichever of the two asks in private", async () => {
    const [own, others, open] = [
      await atelier.command(SECRET, { user: "ana" }),
      await atelier.command(SECRET, { user: "ben" }),
      await atelier.command("/imagine a surprise party", { user: "ana" }),
    ];
    expect(fieldOf(own, "From the cache")).toBe("yes");
    expect(fieldOf(others, "From the cache")).toBe("no");
    expect(fieldOf(open, "From the cache")).toBe("no");
  });

  it("stays private when it is drawn again", async () => {
    const rerolled = await atelier.press(buttonOf(secret, "Re-roll"), { user: "ana" });
    expect(rerolled).toMatchObject({ status: "done", is_private: true });
    const { jobs } = await atelier.channel("general", { user: "ben" });
    expect(jobs.some(({ job_id }) => job_id === rerolled.job_id)).toBe(false);
  });

  it("also holds for answers that only one person asked for", async () => {
    const help = await atelier.command("/help", { user: "ana" });
    const { jobs } = await atelier.channel("general", { user: "ben" });
    expect(jobs.some(({ job_id }) => job_id === help.job_id)).toBe(false);
  });
});

describe("a channel", () => {
  it("is read page by page, oldest first, without a gap", async () => {
    const channel = "pages";
    const ids: string[] = [];
    for (const number of [1, 2, 3, 4, 5]) {
      const text = number % 2 === 0 ? "/help" : `/imagine page ${number}`;
      ids.push((await atelier.command(text, { user: "ana", channel })).job_id);
    }
    const seen: string[] = [];
    let before: Record<string, string> = {};
    for (let pages = 0; pages < 5; pages += 1) {
      const { jobs, cursor } = await atelier.channel(channel, {
        user: "ana",
        limit: "2",
        ...before,
      });
      seen.unshift(...jobs.map(({ job_id }) => job_id));
      if (cursor === null) break;
      before = { before: cursor };
    }
    expect(seen).toEqual(ids);
  });

  it("keeps to itself", async () => {
    await atelier.command("/imagine elsewhere", { channel: "other" });
    const { jobs } = await atelier.channel("general");
    expect(jobs.some(({ text }) => text === "/imagine elsewhere")).toBe(false);
  });
});
