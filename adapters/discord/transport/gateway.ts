import {
  type APIInteractionResponse,
  Client,
  DiscordjsError,
  DiscordjsErrorCodes,
  Events,
  GatewayCloseCodes,
  GatewayDispatchEvents,
  Options,
  SimpleShardingStrategy,
} from "discord.js";
import { z } from "zod";
import { AtelierError, type Clock, type Log } from "#core";
import type { Take } from "./http-receiver.ts";

/** Pauses before each next try to sign in; the last one stays. */
const SIGN_IN_PAUSES_MS = [0, 1_000, 2_000, 5_000, 10_000, 30_000];
/** How long the start waits for Discord; it goes on trying after that. */
const START_WITHIN_MS = 10_000;
const CALL_WITHIN_MS = 5_000;
/** A line that is dead does not confirm that it is closed. */
const CLOSE_WITHIN_MS = 1_000;
/** What is being answered has this long left. */
const SETTLE_WITHIN_MS = 1_000;

/** Sends the first response to an interaction. */
type Answer = (
  interaction: { id: string; token: string },
  response: APIInteractionResponse,
) => Promise<void>;

export interface Gateway {
  /**
   * Connects and stays connected. Rejects with `misconfigured` when Discord does not take the
   * token; while Discord cannot be reached it goes on trying.
   */
  start(): Promise<void>;
  /** Ends the connection, once what came in is answered: within two seconds. */
  stop(): Promise<void>;
}

const addressedSchema = z.object({ id: z.string(), token: z.string() });

/**
 * discord.js' gateway client, with as many shards as Discord recommends. It reads nothing but
 * interactions, which come without any intent, and resumes and reconnects by itself.
 */
export function createGateway({
  token,
  apiUrl,
  clock,
  log,
  take,
  answer,
}: {
  token: string;
  apiUrl: string;
  clock: Clock;
  log: Log;
  take: Take;
  answer: Answer;
}): Gateway {
  const stopping = new AbortController();
  const isStopping = () => stopping.signal.aborted;
  const underWay = new Set<Promise<void>>();
  let client: Client | null = null;
  let isEnded = Promise.resolve();
  /** Whether the start still waits for how it goes. */
  let isAwaited = true;

  async function respond(interaction: unknown): Promise<void> {
    try {
      const { id, token: interactionToken } = addressedSchema.parse(interaction);
      await answer({ id, token: interactionToken }, await take(interaction));
    } catch (thrown) {
      log.error({ err: thrown }, "an interaction could not be answered");
    }
  }

  function hear(interaction: unknown): void {
    const settled: Promise<void> = respond(interaction).finally(() => underWay.delete(settled));
    underWay.add(settled);
  }

  /** Resolves when a connection that stood has ended for good; rejects when none came about. */
  async function connectOnce(connected: () => void): Promise<void> {
    const current = newClient({ apiUrl, isStopping });
    client = current;
    current.ws.on(GatewayDispatchEvents.InteractionCreate, hear);
    current.on(Events.ShardReconnecting, (shard) => log.info({ shard }, "Discord: reconnecting"));
    current.on(Events.ShardResume, (shard, replayed) =>
      log.info({ shard, replayed }, "Discord: resumed"),
    );
    current.on(Events.ShardError, (error, shard) => log.warn({ shard, err: error }, "Discord"));
    current.on(Events.Error, (error) => log.warn({ err: error }, "Discord"));
    const over = new AbortController();
    const ended = new Promise<number>((resolve) => {
      const options = { once: true, signal: over.signal };
      stopping.signal.addEventListener("abort", () => resolve(0), options);
      current.once(Events.ShardDisconnect, ({ code }) => resolve(code));
    });
    try {
      const first = await Promise.race([current.login(token), ended]);
      if (typeof first === "string") connected();
      const code = await ended;
      if (isStopping()) return;
      await close(current);
      throw closedFor(code);
    } finally {
      over.abort("over");
    }
  }

  async function close(current: Client): Promise<void> {
    const timer = new AbortController();
    const late = clock.sleep(CLOSE_WITHIN_MS, timer.signal).catch(() => {});
    await Promise.race([current.destroy(), late]);
    timer.abort("over");
  }

  async function stayConnected(settle: (error: AtelierError | null) => void): Promise<void> {
    for (let failures = 0; !isStopping(); failures++) {
      const pauseMs = SIGN_IN_PAUSES_MS[failures] ?? SIGN_IN_PAUSES_MS.at(-1) ?? 0;
      try {
        await clock.sleep(pauseMs, stopping.signal);
        await connectOnce(() => {
          failures = 0;
          log.info({ shards: client?.ws.shards.size }, "connected to Discord");
          settle(null);
        });
      } catch (thrown) {
        if (isStopping()) break;
        const error = signInError(thrown);
        if (error.kind === "misconfigured") {
          settle(error);
          // No later try can cure it, and too many are punished.
          if (!isAwaited) log.error({ err: error }, "Discord ended the connection for good");
          return;
        }
        settle(null);
        log.warn({ err: error }, "Discord cannot be reached; trying again");
      }
    }
    settle(null);
  }

  return {
    async start() {
      const timer = new AbortController();
      const late = clock.sleep(START_WITHIN_MS, timer.signal).then(
        () => {
          log.warn({}, "Discord does not answer yet; waiting for it");
          return null;
        },
        () => null,
      );
      const settled = new Promise<AtelierError | null>((resolve) => {
        isEnded = stayConnected(resolve);
      });
      const error = await Promise.race([settled, late]);
      isAwaited = false;
      timer.abort("over");
      if (error !== null) throw error;
    },

    async stop() {
      stopping.abort();
      if (client !== null) await close(client);
      await isEnded;
      const timer = new AbortController();
      const late = clock.sleep(SETTLE_WITHIN_MS, timer.signal).catch(() => {});
      await Promise.race([Promise.all(underWay), late]);
      timer.abort("over");
    },
  };
}

function newClient({ apiUrl, isStopping }: { apiUrl: string; isStopping: () => boolean }): Client {
  const ofOthers = { maxSize: 0, keepOverLimit: isItself };
  return new Client({
    intents: [],
    shards: "auto",
    rest: { api: apiUrl, version: "10", retries: 0, timeout: CALL_WITHIN_MS },
    // Interactions are read raw: what discord.js keeps of them would only grow.
    makeCache: Options.cacheWithLimits({
      ...Options.DefaultMakeCacheSettings,
      UserManager: ofOthers,
      GuildMemberManager: ofOthers,
      MessageManager: 0,
    }),
    ws: {
      buildStrategy(manager) {
        const retrieve = manager.options.retrieveSessionInfo;
        // While a shard pauses between two tries, destroy() does not end it: the next try does.
        manager.options.retrieveSessionInfo = (shard) =>
          isStopping() ? new Promise(() => {}) : retrieve(shard);
        return new SimpleShardingStrategy(manager);
      },
    },
  });
}

function isItself({ id, client }: { id: string; client: Client<true> }): boolean {
  return id === client.user?.id;
}

function closedFor(code: number): AtelierError {
  if (code === GatewayCloseCodes.AuthenticationFailed) return refusedToken();
  return new AtelierError("unavailable", `Discord ended the connection with code ${code}.`);
}

function signInError(thrown: unknown): AtelierError {
  const isRefused =
    thrown instanceof DiscordjsError && thrown.code === DiscordjsErrorCodes.TokenInvalid;
  if (isRefused) return refusedToken(thrown);
  if (thrown instanceof AtelierError) return thrown;
  return new AtelierError("unavailable", "Discord cannot be reached.", { cause: thrown });
}

function refusedToken(cause?: unknown): AtelierError {
  return new AtelierError(
    "misconfigured",
    "Discord does not accept DISCORD_TOKEN. Reset the token under Bot in the developer portal and set it.",
    { cause },
  );
}
