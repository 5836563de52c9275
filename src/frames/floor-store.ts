import { z } from "zod";
import type { Clock, StateStore } from "../ports/index.ts";
import type { FloorStore } from "./floors.ts";

/** What is measured changes with the videos, slowly. */
const KEPT_SECONDS = 7 * 24 * 3600;

const itemSchema = z.object({ maybe: z.number(), strong: z.number() });

/** Measured floors for every process: of a hundred short ones, one measures. */
export function createFloorStore({
  state,
  clock,
}: {
  state: StateStore;
  clock: Clock;
}): FloorStore {
  const keyOf = (name: string) => `floors#${name}`;
  return {
    async find(name) {
      const parsed = itemSchema.safeParse(await state.get("state", keyOf(name)));
      return parsed.success ? parsed.data : null;
    },
    async keep(name, { maybe, strong }) {
      const expires_at = Math.ceil(clock.nowMs() / 1000) + KEPT_SECONDS;
      await state.put("state", { pk: keyOf(name), maybe, strong, expires_at });
    },
  };
}
