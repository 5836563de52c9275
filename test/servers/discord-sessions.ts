import { randomBytes } from "node:crypto";
import type { WebSocket } from "ws";
import type { JsonRecord } from "./json-record.ts";

export interface GatewayEvent {
  readonly s: number;
  readonly t: string;
  readonly d: JsonRecord;
}

/** What of the bot is connected, or may come back. */
export interface GatewaySession {
  readonly id: string;
  readonly intents: number;
  readonly shard: readonly [number, number];
  /** Null while the line is cut. */
  socket: WebSocket | null;
  sequence: number;
  /** All that was sent, for a RESUME. */
  readonly events: GatewayEvent[];
}

/** https://docs.discord.com/developers/events/gateway#sharding */
const GUILD_SHIFT = 22n;

/** Gateway sessions: what each was sent, so that none of it is lost while its line is cut. */
export function createDiscordSessions() {
  const sessions = new Map<string, GatewaySession>();

  function send(session: GatewaySession, event: GatewayEvent): void {
    session.socket?.send(JSON.stringify({ op: 0, ...event }));
  }

  return {
    all: (): readonly GatewaySession[] => [...sessions.values()],

    open(socket: WebSocket, intents: number, shard: readonly [number, number]): GatewaySession {
      const id = randomBytes(16).toString("hex");
      const session = { id, intents, shard, socket, sequence: 0, events: [] };
      sessions.set(id, session);
      return session;
    },

    /** The session with the new line; null where it cannot be resumed. */
    resume(id: string, socket: WebSocket): GatewaySession | null {
      const session = sessions.get(id);
      if (session === undefined) return null;
      session.socket = socket;
      return session;
    },

    dispatch(session: GatewaySession, t: string, d: JsonRecord): void {
      session.sequence += 1;
      const event = { s: session.sequence, t, d };
      session.events.push(event);
      send(session, event);
    },

    /** What came after that number, once more. */
    replay(session: GatewaySession, after: number): number {
      const missed = session.events.filter(({ s }) => s > after);
      for (const event of missed) send(session, event);
      return missed.length;
    },

    /** Those that hear of a guild; direct messages go to the first shard. */
    of(guild: string): readonly GatewaySession[] {
      return [...sessions.values()].filter(({ shard: [index, count] }) =>
        guild === ""
          ? index === 0
          : (BigInt(guild) >> GUILD_SHIFT) % BigInt(count) === BigInt(index),
      );
    },

    lost(socket: WebSocket): void {
      for (const session of sessions.values()) {
        if (session.socket === socket) session.socket = null;
      }
    },
    drop: (session: GatewaySession) => sessions.delete(session.id),
    dropAll: () => sessions.clear(),
  };
}
