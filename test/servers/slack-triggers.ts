/** https://docs.slack.dev/interactivity/handling-user-interaction#modal_responses */
const SLACK_TRIGGER_MS = 3000;

export type SlackTriggers = ReturnType<typeof createSlackTriggers>;

/** A trigger_id opens one dialog, and only in the first 3 s. */
export function createSlackTriggers() {
  const known = new Map<string, { madeAtMs: number; isUsed: boolean }>();
  return {
    register(id: unknown): void {
      if (typeof id === "string") known.set(id, { madeAtMs: Date.now(), isUsed: false });
    },
    /** Null where it can be used, which uses it up. */
    refusalOf(id: unknown): string | null {
      const trigger = typeof id === "string" ? known.get(id) : undefined;
      if (trigger === undefined) return "invalid_trigger_id";
      if (trigger.isUsed) return "exchanged_trigger_id";
      if (Date.now() - trigger.madeAtMs > SLACK_TRIGGER_MS) return "expired_trigger_id";
      trigger.isUsed = true;
      return null;
    },
  };
}
