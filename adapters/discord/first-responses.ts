import type { Clock } from "#core";

/** From an answer to Discord's HTTP request until Discord has made the message that it speaks of. */
const ON_ITS_WAY_MS = 150;
/** Nothing waits longer: past its 3 s an interaction is dead. */
const WAIT_MAX_MS = 3_500;

/**
 * Which interactions are not answered yet. A job may begin before its interaction's first
 * response has reached Discord, which knows of no message to change until then.
 */
export function createFirstResponses({ clock }: { clock: Clock }) {
  const open = new Map<
    string,
    { sent: Promise<void>; settle: () => void; timer: AbortController }
  >();

  return {
    /** From now on whoever asks for this token waits. */
    expect(token: string): void {
      // Delivered twice: whoever waits for the first time must still be told.
      if (open.has(token)) return;
      let settle = () => {};
      const sent = new Promise<void>((resolve) => {
        settle = resolve;
      });
      const timer = new AbortController();
      open.set(token, { sent, settle, timer });
      clock.sleep(WAIT_MAX_MS, timer.signal).then(
        () => this.done(token),
        () => {
          // It was answered before.
        },
      );
    },

    /** Discord has the response. */
    done(token: string): void {
      const answered = open.get(token);
      if (answered === undefined) return;
      open.delete(token);
      answered.timer.abort("over");
      answered.settle();
    },

    /** The response is on its way. */
    async leaving(token: string): Promise<void> {
      await clock.sleep(ON_ITS_WAY_MS);
      this.done(token);
    },

    /** Resolves when there is a message to change. */
    async sent(token: string): Promise<void> {
      await open.get(token)?.sent;
    },
  };
}
