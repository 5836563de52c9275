import type { Adapter, Limiter } from "#core";
import { DISCORD_WEBHOOK_PATH } from "../adapters/discord/webhook-path.ts";
import { SLACK_WEBHOOK_PATH } from "../adapters/slack/webhook-path.ts";
import { createAdapterNotes } from "../src/adapter-notes.ts";
import { createLateAdapter } from "./late-adapter.ts";
import type { AdapterParts } from "./services.ts";
import { isOnAws } from "./settings-schema.ts";

/** The chat platforms that the settings turn on. */
export async function createChatAdapters(
  { settings, services, intake, state, clock, log, newId }: AdapterParts,
  {
    newLimiter,
    isOnDemand = false,
  }: {
    /** A limiter of its own for each method of a platform. */
    newLimiter: (id: string) => Promise<Limiter>;
    /** The process is there for a request and sleeps after its answer; each platform is opened late. */
    isOnDemand?: boolean;
  },
): Promise<Adapter[]> {
  const adapters: Adapter[] = [];
  async function add(platform: string, webhookPath: string, open: () => Promise<Adapter>) {
    adapters.push(isOnDemand ? createLateAdapter({ platform, webhookPath, open }) : await open());
  }
  const { SLACK_BOT_TOKEN: botToken, DISCORD_TOKEN: token } = settings;
  const areLinksLocal = settings.PUBLIC_URL === undefined && !isOnAws(settings);
  if (areLinksLocal && (botToken ?? token) !== undefined) {
    log.warn({}, "Links to pictures lead to this machine only; set PUBLIC_URL, or keep them in S3");
  }
  if (botToken !== undefined) {
    await add("slack", SLACK_WEBHOOK_PATH, async () => {
      // Loaded only where it is used: its SDK takes time and memory.
      const { createSlackAdapter } = await import("#adapters/slack");
      return createSlackAdapter({
        botToken,
        appToken: settings.SLACK_APP_TOKEN,
        signingSecret: settings.SLACK_SIGNING_SECRET,
        apiUrl: settings.SLACK_API_URL,
        services,
        intake,
        notes: createAdapterNotes({ state, clock, platform: "slack" }),
        newLimiter,
        isOnDemand,
        clock,
        log,
        newId,
      });
    });
  }
  if (token !== undefined) {
    await add("discord", DISCORD_WEBHOOK_PATH, async () => {
      const { createDiscordAdapter } = await import("#adapters/discord");
      return createDiscordAdapter({
        token,
        applicationId: settings.DISCORD_APPLICATION_ID ?? "",
        publicKey: settings.DISCORD_PUBLIC_KEY,
        spoilers: settings.DISCORD_SPOILERS,
        apiUrl: settings.DISCORD_API_URL,
        services,
        intake,
        notes: createAdapterNotes({ state, clock, platform: "discord" }),
        isOnDemand,
        clock,
        log,
        newId,
      });
    });
  }
  return adapters;
}

/** Begins to load the platform that calls at that path, while something else is waited for. */
export function preloadPlatform(webhookPath: unknown): void {
  const loading =
    webhookPath === SLACK_WEBHOOK_PATH
      ? import("#adapters/slack")
      : webhookPath === DISCORD_WEBHOOK_PATH
        ? import("#adapters/discord")
        : null;
  // Whoever opens it meets what is wrong with it.
  loading?.catch(() => {});
}
