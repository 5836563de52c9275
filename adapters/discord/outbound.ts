import type { AdapterNotes, Clock, Log, Services } from "#core";
import { createDiscordAttachments } from "./api/attachments.ts";
import { createDiscordApi } from "./api/discord-api.ts";
import { discordErrorCode } from "./api/discord-errors.ts";
import { createDiscordDelivery } from "./delivery/delivery.ts";

/** What a redelivered interaction says: its first response was given already. */
const DISCORD_ALREADY_ACKNOWLEDGED = 40_060;

/**
 * All that calls Discord. The adapter loads this file when it first has something to say there:
 * over HTTP the first responses are the answers to Discord's own requests, and whoever gives
 * nothing else needs no REST client.
 */
export function createOutbound({
  token,
  applicationId,
  apiUrl,
  services,
  notes,
  spoilers,
  clock,
  log,
}: {
  token: string;
  applicationId: string;
  apiUrl: string;
  services: Services;
  notes: AdapterNotes;
  spoilers: readonly string[];
  clock: Clock;
  log: Log;
}) {
  const api = createDiscordApi({ token, applicationId, apiUrl, log, clock });
  return {
    delivery: createDiscordDelivery({ api, notes, services, spoilers, clock, log }),
    attachments: createDiscordAttachments({ api, notes, services, log }),

    /** The first response over the gateway; that it was given before is no error. */
    async respond(interaction: { id: string; token: string }, body: object): Promise<void> {
      try {
        await api.respond(interaction, { body });
      } catch (thrown) {
        if (discordErrorCode(thrown) !== DISCORD_ALREADY_ACKNOWLEDGED) throw thrown;
      }
    },

    close: () => api.close(),
  };
}

export type Outbound = ReturnType<typeof createOutbound>;
