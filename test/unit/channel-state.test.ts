import { describe, expect, it } from "vitest";
import type { CardView, JobView } from "../../adapters/playground/job-view.ts";
import {
  areLinksOld,
  type ChannelChange,
  emptyChannel,
  reduceChannel,
  resultSentence,
  visibleMessages,
} from "../../adapters/playground/page/channel-state.ts";

function job(id: string, parts: Partial<JobView> = {}): JobView {
  return {
    job_id: id,
    status: "queued",
    card: null,
    error: null,
    user: "ana",
    text: "/imagine a fox",
    is_private: false,
    created_at: `2026-01-01T00:00:${id.padStart(2, "0")}Z`,
    ...parts,
  };
}

function card(parts: Partial<CardView> = {}): CardView {
  return { text: "", images: [], fields: [], buttons: [], notices: [], ...parts };
}

function stateAfter(...changes: ChannelChange[]) {
  return changes.reduce(reduceChannel, emptyChannel);
}

const nowMs = Date.parse("2026-01-01T00:00:30Z");
const sent = (key: string): ChannelChange => ({
  type: "sent",
  key,
  text: "/imagine a fox",
  user: "ana",
  nowMs,
});
const received = (view: JobView): ChannelChange => ({ type: "received", job: view, nowMs });
const loaded = (
  part: "latest" | "older",
  jobs: JobView[],
  cursor: string | null = null,
): ChannelChange => ({ type: "loaded", part, view: { jobs, cursor }, nowMs });

const ids = (state: ReturnType<typeof stateAfter>) => state.messages.map((each) => each.job.job_id);

describe("a message that is sent", () => {
  it("shows at once as queued, and keeps its place and key when it is accepted", () => {
    const state = stateAfter(sent("k1"), { type: "accepted", key: "k1", jobId: "31" });
    expect(stateAfter(sent("k1")).messages[0]).toMatchObject({
      isSending: true,
      job: { status: "queued" },
    });
    expect(state.messages).toMatchObject([{ key: "k1", isSending: false, job: { job_id: "31" } }]);
  });

  it("is one message although its event comes before the answer", () => {
    const running = job("31", { status: "running" });
    const state = stateAfter(sent("k1"), received(running), {
      type: "accepted",
      key: "k1",
      jobId: "31",
    });
    expect(state.messages).toMatchObject([{ key: "k1", isSending: false, job: running }]);
  });

  it("takes in its job when the server has written the text differently", () => {
    const running = job("31", { status: "running", text: "/imagine a fox --seed 1" });
    const state = stateAfter(sent("k1"), received(running), {
      type: "accepted",
      key: "k1",
      jobId: "31",
    });
    expect(state.messages).toMatchObject([{ key: "k1", job: running }]);
  });

  it("is told apart from an equal one that is sent at the same time", () => {
    const state = stateAfter(
      sent("k1"),
      sent("k2"),
      received(job("32")),
      received(job("31")),
      { type: "accepted", key: "k1", jobId: "31" },
      { type: "accepted", key: "k2", jobId: "32" },
    );
    expect(state.messages).toMatchObject([
      { key: "k1", job: { job_id: "31" }, isSending: false },
      { key: "k2", job: { job_id: "32" }, isSending: false },
    ]);
  });

  it("goes away when it is withdrawn, and says why when it is rejected", () => {
    expect(stateAfter(sent("k1"), { type: "withdrawn", key: "k1" }).messages).toEqual([]);
    const rejected = stateAfter(sent("k1"), {
      type: "rejected",
      key: "k1",
      kind: "invalid_input",
      message: "No.",
    });
    expect(rejected.messages).toMatchObject([
      { isSending: false, job: { status: "failed", error: { message: "No." } } },
    ]);
  });
});

describe("what the server says", () => {
  it("is in the order in which it was asked, whatever the order of the events", () => {
    expect(ids(stateAfter(received(job("3")), received(job("1")), received(job("2"))))).toEqual([
      "1",
      "2",
      "3",
    ]);
  });

  it("does not take a finished job back to running", () => {
    const done = job("1", { status: "done", card: card() });
    const state = stateAfter(received(done), loaded("latest", [job("1", { status: "running" })]));
    expect(state.messages[0]?.job.status).toBe("done");
  });

  it("goes back to queued when a running job is put back", () => {
    const state = stateAfter(received(job("1", { status: "running" })), received(job("1")));
    expect(state.messages[0]?.job.status).toBe("queued");
  });

  it("changes the card of a finished job", () => {
    const state = stateAfter(
      received(job("1", { status: "done", card: card({ text: "old" }) })),
      received(job("1", { status: "done", card: card({ text: "new", replaces: "1" }) })),
    );
    expect(visibleMessages(state)).toMatchObject([{ job: { card: { text: "new" } } }]);
  });

  it("does not show a card by itself that another job shows", () => {
    const state = stateAfter(
      received(job("1", { status: "done", card: card() })),
      received(job("2", { status: "done", card: card({ replaces: "1" }) })),
    );
    expect(visibleMessages(state).map((each) => each.job.job_id)).toEqual(["1"]);
  });
});

describe("pages of a channel", () => {
  it("puts older messages in front and moves the cursor", () => {
    const state = stateAfter(
      loaded("latest", [job("3"), job("4")], "c3"),
      loaded("older", [job("1"), job("2")]),
    );
    expect(ids(state)).toEqual(["1", "2", "3", "4"]);
    expect(state.cursor).toBeNull();
  });

  it("keeps what was loaded and its cursor when the latest page is fetched again", () => {
    const state = stateAfter(
      loaded("latest", [job("3"), job("4")], "c3"),
      loaded("older", [job("2")], "c2"),
      loaded("latest", [job("4"), job("5")], "c4"),
    );
    expect(ids(state)).toEqual(["2", "3", "4", "5"]);
    expect(state.cursor).toBe("c2");
  });

  it("starts again from the latest page when more was missed than it holds", () => {
    const state = stateAfter(
      loaded("latest", [job("1"), job("2")]),
      received(job("9")),
      loaded("latest", [job("8"), job("9")], "c8"),
    );
    expect(ids(state)).toEqual(["8", "9"]);
    expect(state.cursor).toBe("c8");
  });

  it("forgets everything on reset", () => {
    expect(stateAfter(loaded("latest", [job("1")], "c"), { type: "reset" })).toEqual(emptyChannel);
  });
});

describe("what a screen reader hears", () => {
  it("names who asked, the answer and the first picture", () => {
    const image = { url: "/p", alt: "A fox.", width_px: 1, height_px: 1, media_type: "image/png" };
    const done = job("1", { status: "done", card: card({ images: [image, image] }) });
    expect(resultSentence(done)).toBe("ana, /imagine a fox: 2 pictures. A fox.");
  });

  it("says why a job failed, or that it was cancelled", () => {
    const error = { kind: "unavailable", message: "Busy." };
    expect(resultSentence(job("1", { status: "failed", error }))).toBe(
      "ana, /imagine a fox: Busy.",
    );
    expect(resultSentence(job("1", { status: "cancelled" }))).toBe(
      "ana, /imagine a fox: cancelled.",
    );
  });
});

describe("the links of a card", () => {
  const receivedAtMs = nowMs;
  const isOldAfter = (seconds: number, parts: Partial<JobView>) =>
    areLinksOld({ job: job("1", parts), receivedAtMs }, nowMs + seconds * 1000);

  it.each([10, 900, 604_800])("are old after four fifths of %i s", (ttlSeconds) => {
    const links_expire_at = new Date(nowMs + ttlSeconds * 1000).toISOString();
    expect(isOldAfter(0, { links_expire_at })).toBe(false);
    expect(isOldAfter(0.79 * ttlSeconds, { links_expire_at })).toBe(false);
    expect(isOldAfter(0.8 * ttlSeconds, { links_expire_at })).toBe(true);
  });

  it("are old at once where the browser's clock is ahead, and never where there are none", () => {
    const links_expire_at = new Date(nowMs - 1).toISOString();
    expect(isOldAfter(0, { links_expire_at })).toBe(true);
    expect(isOldAfter(1e6, {})).toBe(false);
  });
});
