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
import { isAttachmentUrl } from "./api/attachment-url.ts";
import { createFirstResponses } from "./first-responses.ts";
import { createForms } from "./forms.ts";
import { createModalMetadata } from "./inbound/modal-metadata.ts";
import { createInbound } from "./inbound.ts";
import { createListener } from "./listeners.ts";
import type { Outbound } from "./outbound.ts";
import { createReception } from "./reception.ts";
import { PLATFORM, targetOf } from "./target.ts";
import type { Gateway } from "./transport/gateway.ts";
import { createHttpReceiver } from "./transport/http-receiver.ts";
import { DISCORD_WEBHOOK_PATH } from "./webhook-path.ts";

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
  isOnDemand = false,
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
  /**
   * The process is there for a request and sleeps after its answer, as a Lambda function does:
   * what came along is opened by whoever runs the job, and nothing is loaded before it is used.
   */
  isOnDemand?: boolean;
  clock: Clock;
  log: Log;
  newId: NewId;
}): Adapter {
  const apiOrigin = new URL(apiUrl).origin;
  let opened: Promise<Outbound> | null = null;
  let gateway: Gateway | null = null;

  function outbound(): Promise<Outbound> {
    opened ??= import("./outbound.ts").then(({ createOutbound }) =>
      createOutbound({ token, applicationId, apiUrl, services, notes, spoilers, clock, log }),
    );
    return opened;
  }

  const metadata = createModalMetadata({ notes, newId });
  const forms = createForms({ services, metadata });
  const firstResponses = createFirstResponses({ clock });
  const listener = createListener({
    inbound: createInbound({
      applicationId,
      commands: services.commands,
      services,
      clock,
      isFileUrl: (url) => isAttachmentUrl(url, apiOrigin),
    }),
    reception: createReception({
      services,
      intake,
      notes,
      forms,
      async announce(jobId, origin) {
        if (isOnDemand) return;
        const { delivery } = await outbound();
        await firstResponses.sent(origin.interactionToken);
        await delivery.announce(jobId, origin);
      },
    }),
    tell: async (to, message) => (await outbound()).delivery.tell(to, message),
    withdraw: async (from) => (await outbound()).delivery.withdraw(from),
    async copy(files) {
      if (!isOnDemand) await (await outbound()).attachments.copy(files);
    },
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
  if (applicationId === "") throw new AtelierError("misconfigured", "Set DISCORD_APPLICATION_ID.");

  /** discord.js itself is needed for the gateway alone. */
  async function openGateway(): Promise<Gateway> {
    const { createGateway } = await import("./transport/gateway.ts");
    return createGateway({
      token,
      apiUrl,
      clock,
      log,
      take,
      async answer(interaction, body) {
        try {
          await (await outbound()).respond(interaction, body);
        } finally {
          firstResponses.done(interaction.token);
        }
      },
    });
  }

  return {
    platform: PLATFORM,
    ...(http === null ? {} : { webhookPath: DISCORD_WEBHOOK_PATH }),
    async fetch(request) {
      return new URL(request.url).pathname === DISCORD_WEBHOOK_PATH
        ? (http?.fetch(request) ?? null)
        : null;
    },
    async start() {
      // Before anyone waits for it.
      if (!isOnDemand) await outbound();
      if (http === null) {
        gateway = await openGateway();
        await gateway.start();
      }
      log.info({ transport: http === null ? "gateway" : "http" }, "Discord is on");
    },
    async stop() {
      await gateway?.stop();
    },
    settled: listener.settled,
    async close() {
      await listener.settled();
      (await opened)?.close();
    },
    openAttachment: async (attachment) => (await outbound()).attachments.open(attachment),
    saveVideo: async (attachment, _job, options) =>
      (await outbound()).attachments.saveVideo(attachment, options),
    async begin(job) {
      const { delivery } = await outbound();
      await firstResponses.sent(tokenOf(job));
      await delivery.begin(job);
    },
    progress(job, progress) {
      // Only what has begun is followed, and by then it is loaded.
      void opened?.then(({ delivery }) => delivery.progress(job, progress));
    },
    pause: async (job, last) => (await opened)?.delivery.pause(job, last),
    async deliver(record, card) {
      const { delivery } = await outbound();
      await firstResponses.sent(tokenOf(record));
      await delivery.deliver(record, card);
    },
  };
}

function tokenIn(interaction: unknown): string {
  const isObject = typeof interaction === "object" && interaction !== null;
  return isObject && "token" in interaction ? String(interaction.token) : "";
}
