import { createHash } from "node:crypto";
import { z } from "zod";
import type { AdapterNotes, Clock } from "#core";
import type { SlackApi, SlackIdentity } from "./slack-api.ts";

/** Renaming the bot shows in its sentences after a day at most. */
const ASKED_EVERY_MS = 24 * 3_600_000;

const noteSchema = z.object({
  team: z.string(),
  botUser: z.string(),
  botName: z.string(),
  askedAtMs: z.number(),
});

/**
 * Whom the bot token belongs to, for processes that start often: Slack is asked once a day, all
 * other starts read it in the notes. `scopes` is known when Slack was asked just now.
 */
export function createRememberedIdentity({
  api,
  botToken,
  notes,
  clock,
}: {
  api: Pick<SlackApi, "identify" | "isNamed">;
  botToken: string;
  notes: AdapterNotes;
  clock: Pick<Clock, "nowMs">;
}): () => Promise<Omit<SlackIdentity, "scopes"> & Partial<Pick<SlackIdentity, "scopes">>> {
  // Another token is perhaps another bot; the token itself is nothing to write down.
  const digest = createHash("sha256").update(botToken).digest("hex");
  const key = `identity#${digest.slice(0, 32)}`;

  return async () => {
    const noted = noteSchema.safeParse(await notes.get(key));
    if (noted.success && clock.nowMs() - noted.data.askedAtMs < ASKED_EVERY_MS) {
      const { team, botUser, botName } = noted.data;
      api.isNamed(botName);
      return { team, botUser, botName };
    }
    const identity = await api.identify();
    const { team, botUser, botName } = identity;
    await notes.put(key, { team, botUser, botName, askedAtMs: clock.nowMs() });
    return identity;
  };
}
