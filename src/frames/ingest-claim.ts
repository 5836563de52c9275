import type { Clock, StateStore, WriteCondition } from "../ports/index.ts";

const CLAIM_SECONDS = 60;
export const CLAIM_RENEWED_MS = 15_000;

/** Who works on which video; one process at a time. A claim that is not renewed ends. */
export function createIngestClaims({
  state,
  clock,
  owner,
}: {
  state: StateStore;
  clock: Clock;
  owner: string;
}) {
  const itemOf = (videoId: string) => ({
    pk: `ingest#${videoId}`,
    owner,
    expires_at: Math.ceil(clock.nowMs() / 1000) + CLAIM_SECONDS,
  });
  const isMine: WriteCondition = { kind: "equals", attributes: { owner } };

  return {
    /** Takes the claim, unless another process has it. */
    take: (videoId: string): Promise<boolean> =>
      state.put("state", itemOf(videoId), [{ kind: "absent" }, { kind: "expired" }, isMine]),

    /** Whether some process has the claim now. */
    isHeld: async (videoId: string): Promise<boolean> =>
      (await state.get("state", itemOf(videoId).pk)) !== null,

    /** False when it was lost: the work must end without another write. */
    renew: (videoId: string): Promise<boolean> => state.put("state", itemOf(videoId), [isMine]),

    /** Takes it from whoever has it; says whether another process had it until now. */
    async seize(videoId: string): Promise<boolean> {
      const item = await state.get("state", itemOf(videoId).pk);
      await state.put("state", itemOf(videoId));
      return item !== null && item.owner !== owner;
    },

    async release(videoId: string): Promise<void> {
      await state.delete("state", itemOf(videoId).pk, [isMine]);
    },
  };
}
