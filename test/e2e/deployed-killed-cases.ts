import { expect, it } from "vitest";
import { until } from "../fixtures/until.ts";
import { SLACK_USERS } from "../servers/slack-workspace.ts";
import type { Chat } from "./chat-tables.ts";
import type { DeployedAtelier } from "./deployed-atelier.ts";
import { drawnOf } from "./deployed-chat-cases.ts";

const PROMPT = "a bridge that is begun twice";
/** Its message comes back a minute after its last renewal, its heartbeat is over before. */
const BACK_WITHIN_MS = 100_000;

/**
 * A worker that is killed: its job comes back when its message does, which takes its time, so that
 * other cases run between the two halves.
 */
export function deployedKilledCases(running: () => DeployedAtelier, chatOf: () => Chat) {
  const paidFor = () =>
    running().model.calls.filter(({ body }) => String(body.prompt).startsWith(PROMPT)).length;

  return {
    begin(): void {
      it("has paid for one picture and holds its job", { timeout: 60_000 }, async () => {
        const { model } = running();
        const { studio, command, waitFor } = chatOf();
        model.next({}, { delayMs: 120_000 });
        try {
          await command(SLACK_USERS.cleo, studio, `/imagine ${PROMPT} --count 2 --seed 31`);
          await until(() => paidFor() === 2, 30_000);
          await waitFor(studio, (m) => m.shown.includes(PROMPT) && /1 of 2/u.test(m.shown));
          expect(await running().function("atelier-worker").killBusy()).toBe(1);
        } finally {
          model.reset();
        }
      });
    },

    end(): void {
      it("is drawn to its end, shown once, and one picture is paid for once more", {
        timeout: BACK_WITHIN_MS + 10_000,
      }, async () => {
        const { studio, messages } = chatOf();
        const isDone = async () => (await messages(studio)).some(drawnOf(PROMPT));
        await until(isDone, BACK_WITHIN_MS);
        const shown = (await messages(studio)).filter((m) => m.shown.includes(PROMPT));
        expect(shown.map(({ pictureIds }) => pictureIds.length)).toEqual([2]);
        // What was stored is not paid for again; what was under way is.
        expect(paidFor()).toBe(1);
      });
    },
  };
}
