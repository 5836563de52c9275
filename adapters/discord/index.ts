import {
  type Adapter,
  type AdapterNotes,
  AtelierError,
  type Clock,
  type Intake,
  type Log,
  type NewId,
  type Services,
} from "#core";
import { createDiscordAttachments, isAttachmentUrl } from "./api/attachments.ts";
import { createDiscordApi } from "./api/discord-api.ts";
import { discordErrorCode } from "./api/discord-errors.ts";
import { createDiscordDelivery } from "./delivery/delivery.ts";
import { createFirstResponses } from "./first-responses.ts";
import { createForms } from "./forms.ts";
import { createModalMetadata } from "./inbound/modal-metadata.ts";
import { createInbound } from "./inbound.ts";
import { createListener } from "./listeners.ts";
import { createReception } from "./reception.ts";
import { DISCORD_WEBHOOK_PATH } from "./register.ts";
import { PLATFORM, targetOf } from "./target.ts";
import { createGateway } from "./transport/gateway.ts";
import { createHttpReceiver } from "./transport/http-receiver.ts";

/** What a redelivered interaction says: its first response was given already. */
const DISCORD_ALREADY_ACKNOWLEDGED = 40_060;

/**
 * Discord, over HTTP when there is a public key, else over the gateway with the bot token. What
 * comes in takes the same road either way.
 */
export function createDiscordAdapter({
  token,
  applicationId,
  publicKey,
  spoilers,
  apiUrl,
  services,
  intake,
  notes,
  clock,
  log,
  newId,
}: {
  token: string;
  applicationId: string;
  publicKey: string | undefined;
  /** Where pictures are hidden until they are pressed: `all`, `age-restricted`, ids of channels. */
  spoilers: readonly string[];
  apiUrl: string;
  services: Services;
  intake: Intake;
  notes: AdapterNotes;
  clock: Clock;
  log: Log;
  newId: NewId;
}): Adapter {
  const api = createDiscordApi({ token, applicationId, apiUrl, log, clock });
  const delivery = createDiscordDelivery({ api, notes, services, spoilers, clock, log });
  const attachments = createDiscordAttachments({ api, notes, services, log });
  const metadata = createModalMetadata({ notes, newId });
  const forms = createForms({ services, metadata });
  const firstResponses = createFirstResponses({ clock });
  const listener = createListener({
    inbound: createInbound({
      applicationId,
      commands: services.commands,
      services,
      clock,
      isFileUrl: (url) => isAttachmentUrl(url, api.origin),
    }),
    reception: createReception({
      services,
      intake,
      notes,
      forms,
      announce: (jobId, origin) =>
        void firstResponses
          .sent(origin.interactionToken)
          .then(() => delivery.announce(jobId, origin)),
    }),
    tell: delivery.tell,
    withdraw: delivery.withdraw,
    copy: attachments.copy,
    clock,
    log,
    newId,
  });
  const tokenOf = ({ target }: { target: unknown }) => targetOf({ target }).interactionToken;
  async function take(interaction: unknown) {
    const token = tokenIn(interaction);
    firstResponses.expect(token);
    const response = await listener.take(interaction);
    if (publicKey !== undefined) void firstResponses.leaving(token);
    return response;
  }
  const http = publicKey === undefined ? null : createHttpReceiver({ publicKey, clock, log, take });
  const gateway =
    http === null
      ? createGateway({
          token,
          apiUrl,
          clock,
          log,
          take,
          async answer(interaction, body) {
            try {
              await api.respond(interaction, { body });
            } catch (thrown) {
              if (discordErrorCode(thrown) !== DISCORD_ALREADY_ACKNOWLEDGED) throw thrown;
            } finally {
              firstResponses.done(interaction.token);
            }
          },
        })
      : null;
  if (applicationId === "") throw new AtelierError("misconfigured", "Set DISCORD_APPLICATION_ID.");

  return {
    platform: PLATFORM,
    ...(http === null ? {} : { webhookPath: DISCORD_WEBHOOK_PATH }),
    async fetch(request) {
      return new URL(request.url).pathname === DISCORD_WEBHOOK_PATH
        ? (http?.fetch(request) ?? null)
        : null;
    },
    async start() {
      await gateway?.start();
      log.info({ transport: gateway === null ? "http" : "gateway" }, "Discord is on");
    },
    async stop() {
      await gateway?.stop();
    },
    async close() {
      await listener.settled();
      api.close();
    },
    openAttachment: attachments.open,
    saveVideo: (attachment, _job, options) => attachments.saveVideo(attachment, options),
    async begin(job) {
      await firstResponses.sent(tokenOf(job));
      await delivery.begin(job);
    },
    progress: delivery.progress,
    async deliver(record, card) {
      await firstResponses.sent(tokenOf(record));
      await delivery.deliver(record, card);
    },
  };
}

function tokenIn(interaction: unknown): string {
  const isObject = typeof interaction === "object" && interaction !== null;
  return isObject && "token" in interaction ? String(interaction.token) : "";
}
