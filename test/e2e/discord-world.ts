import { afterAll } from "vitest";
import {
  type DiscordProxy,
  type DiscordProxyOptions,
  startDiscordProxy,
} from "../servers/discord-proxy.ts";
import { DISCORD_APP, DISCORD_GUILD } from "../servers/discord-workspace.ts";
import { freePort } from "../servers/free-port.ts";
import { createDiscordPeople, type DiscordPeople } from "./discord-people.ts";
import { createDiscordScreen, type DiscordScreen } from "./discord-screen.ts";

export interface DiscordWorld extends DiscordPeople, DiscordScreen {
  /**
   * What connects an Atelier process to it. Over HTTP it holds a `PORT` too, so that Discord knows
   * the address before the process runs, and still does after a restart.
   */
  environment: Readonly<Record<string, string>>;
  /** Discord's rules, faults and records. */
  proxy: DiscordProxy;
}

/** To call once in a suite: the servers that it starts are gone after the suite. */
export function discordWorlds() {
  const proxies: DiscordProxy[] = [];

  afterAll(async () => {
    await Promise.all(proxies.map((proxy) => proxy.close()));
  });

  return {
    /** A server of its own: who and what is in it says discord-workspace.ts. */
    async start(options: DiscordProxyOptions): Promise<DiscordWorld> {
      const port = await freePort();
      const proxy = await startDiscordProxy({
        endpointUrl: `http://127.0.0.1:${port}/discord/interactions`,
        ...options,
      });
      proxies.push(proxy);
      const ofTransport: Record<string, string> =
        options.transport === "http"
          ? { DISCORD_PUBLIC_KEY: DISCORD_APP.publicKey, PORT: String(port) }
          : {};
      const screen = createDiscordScreen(proxy);
      return {
        environment: {
          DISCORD_TOKEN: DISCORD_APP.botToken,
          DISCORD_APPLICATION_ID: DISCORD_APP.id,
          DISCORD_GUILD_ID: DISCORD_GUILD.id,
          DISCORD_API_URL: proxy.apiUrl,
          ...ofTransport,
        },
        proxy,
        ...screen,
        ...createDiscordPeople(proxy, screen),
      };
    },
  };
}
