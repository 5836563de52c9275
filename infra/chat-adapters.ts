import type { Adapter, Clock, Intake, Limiter, Log, NewId, Services, StateStore } from "#core";
import { createAdapterNotes } from "../src/adapter-notes.ts";
import { createBottleneckLimiter } from "../src/drivers/bottleneck/bottleneck-limiter.ts";
import type { Settings } from "./settings.ts";

/**
 * No limit of a platform: they change, and each says itself when a method was called too often.
 * These only spread a burst.
 */
const CALLS_PER_MINUTE = 1_200;
const CALLS_AT_ONCE = 16;

/** The chat platforms that the settings turn on. */
export async function createChatAdapters({
  settings,
  services,
  intake,
  state,
  clock,
  log,
  newId,
}: {
  settings: Settings;
  services: Services;
  intake: Intake;
  state: StateStore;
  clock: Clock;
  log: Log;
  newId: NewId;
}): Promise<Adapter[]> {
  const adapters: Adapter[] = [];
  const newLimiter = (id: string): Promise<Limiter> =>
    createBottleneckLimiter({
      id,
      requestsPerMinute: CALLS_PER_MINUTE,
      concurrency: CALLS_AT_ONCE,
      log,
    });
  const { SLACK_BOT_TOKEN: botToken, DISCORD_TOKEN: token } = settings;
  const areLinksLocal = settings.PUBLIC_URL === undefined && settings.OUTPUT_BUCKET === undefined;
  if (areLinksLocal && (botToken ?? token) !== undefined) {
    log.warn({}, "Links to pictures lead to this machine only; set PUBLIC_URL, or keep them in S3");
  }
  if (botToken !== undefined) {
    // Loaded only where it is used: its SDK takes time and memory.
    const { createSlackAdapter } = await import("#adapters/slack");
    adapters.push(
      createSlackAdapter({
        botToken,
        appToken: settings.SLACK_APP_TOKEN,
        signingSecret: settings.SLACK_SIGNING_SECRET,
        apiUrl: settings.SLACK_API_URL,
        services,
        intake,
        notes: createAdapterNotes({ state, clock, platform: "slack" }),
        newLimiter,
        clock,
        log,
        newId,
      }),
    );
  }
  if (token !== undefined) {
    const { createDiscordAdapter } = await import("#adapters/discord");
    adapters.push(
      createDiscordAdapter({
        token,
        applicationId: settings.DISCORD_APPLICATION_ID ?? "",
        publicKey: settings.DISCORD_PUBLIC_KEY,
        spoilers: settings.DISCORD_SPOILERS,
        apiUrl: settings.DISCORD_API_URL,
        services,
        intake,
        notes: createAdapterNotes({ state, clock, platform: "discord" }),
        clock,
        log,
        newId,
      }),
    );
  }
  return adapters;
}
