import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { type WebSocket, WebSocketServer } from "ws";
import { createDiscordSessions, type GatewaySession } from "./discord-sessions.ts";
import { DISCORD_APP, DISCORD_GUILD } from "./discord-workspace.ts";
import { type JsonRecord, parseJson, recordOf, textOf } from "./json-record.ts";

interface GatewayOptions {
  /** Where it is reached, e.g. `ws://127.0.0.1:3000`. */
  url: () => string;
  /** The data of READY and of the guild's GUILD_CREATE, without what the session adds. */
  greeting: () => { ready: JsonRecord; guild: JsonRecord | null };
}

/** https://docs.discord.com/developers/topics/opcodes-and-status-codes#gateway-gateway-opcodes */
const OP = {
  dispatch: 0,
  heartbeat: 1,
  identify: 2,
  resume: 6,
  reconnect: 7,
  invalidSession: 9,
  hello: 10,
  heartbeatAck: 11,
} as const;
const CLOSE = { authenticationFailed: 4004, invalidSeq: 4007, disallowedIntents: 4014 } as const;
/** GUILD_MEMBERS, GUILD_PRESENCES and MESSAGE_CONTENT: an app has none of them unless it asked. */
const PRIVILEGED_INTENTS = (1 << 1) | (1 << 8) | (1 << 15);
const INTENTS = { guilds: 1 << 0, guildMessages: 1 << 9, directMessages: 1 << 12 } as const;
const DISCORD_HEARTBEAT_MS = 41_250;

/** Discord's gateway: the whole of what a bot's connection lives through. */
export function createDiscordGateway({ url, greeting }: GatewayOptions) {
  const server = new WebSocketServer({ noServer: true });
  const sessions = createDiscordSessions();
  const open = new Set<WebSocket>();
  /** What happened, in words: `connect /resume`, `identify`, `resume 2`, `refuse 4004`. */
  const happened: string[] = [];
  let heartbeatMs = DISCORD_HEARTBEAT_MS;
  let isDeaf = false;
  let refusals = 0;

  function send(socket: WebSocket, op: number, d: unknown = null): undefined {
    socket.send(JSON.stringify({ op, d, s: null, t: null }));
  }

  function refuse(socket: WebSocket, code: number, reason: string): undefined {
    happened.push(`refuse ${code}`);
    socket.close(code, reason);
  }

  function identify(socket: WebSocket, d: JsonRecord): undefined {
    const intents = Number(d.intents ?? 0);
    if (bare(d.token) !== DISCORD_APP.botToken) {
      return refuse(socket, CLOSE.authenticationFailed, "Authentication failed.");
    }
    if ((intents & PRIVILEGED_INTENTS) !== 0) {
      return refuse(socket, CLOSE.disallowedIntents, "Disallowed intent(s).");
    }
    happened.push("identify");
    const [index = 0, count = 1] = Array.isArray(d.shard) ? d.shard.map(Number) : [];
    const session = sessions.open(socket, intents, [index, count]);
    const { ready, guild } = greeting();
    const isHere = guild !== null && sessions.of(DISCORD_GUILD.id).includes(session);
    sessions.dispatch(session, "READY", {
      ...ready,
      guilds: isHere ? [{ id: DISCORD_GUILD.id, unavailable: true }] : [],
      session_id: session.id,
      resume_gateway_url: `${url()}/resume`,
      shard: [index, count],
      application: { id: DISCORD_APP.id, flags: 0 },
    });
    if (isHere && guild !== null) sessions.dispatch(session, "GUILD_CREATE", guild);
  }

  function resume(socket: WebSocket, d: JsonRecord): undefined {
    if (bare(d.token) !== DISCORD_APP.botToken) {
      return refuse(socket, CLOSE.authenticationFailed, "Authentication failed.");
    }
    const session = sessions.resume(textOf(d.session_id), socket);
    if (session === null) {
      happened.push("invalid session");
      return send(socket, OP.invalidSession, false);
    }
    if (Number(d.seq) > session.sequence) return refuse(socket, CLOSE.invalidSeq, "Invalid seq.");
    happened.push(`resume ${sessions.replay(session, Number(d.seq))}`);
    sessions.dispatch(session, "RESUMED", {});
  }

  function hear(socket: WebSocket, text: string): void {
    const { op, d } = recordOf(parseJson(text));
    if (op === OP.heartbeat && !isDeaf) send(socket, OP.heartbeatAck);
    if (op === OP.identify) identify(socket, recordOf(d));
    if (op === OP.resume) resume(socket, recordOf(d));
  }

  function accept(socket: WebSocket, path: string): void {
    happened.push(`connect ${path}`);
    open.add(socket);
    socket.on("message", (data) => hear(socket, String(data)));
    // A line that breaks also closes.
    socket.on("error", () => {});
    socket.once("close", () => {
      open.delete(socket);
      sessions.lost(socket);
    });
    send(socket, OP.hello, { heartbeat_interval: heartbeatMs });
  }

  return {
    happened: happened as readonly string[],
    sessions: sessions.all,
    connections: () => open.size,

    upgrade(request: IncomingMessage, line: Duplex, head: Buffer): void {
      const { pathname } = new URL(request.url ?? "/", "http://gateway");
      if (refusals > 0) {
        refusals -= 1;
        happened.push("refuse connection");
        line.destroy();
        return;
      }
      server.handleUpgrade(request, line, head, (socket) => accept(socket, pathname));
    },

    /** To the sessions that hear of it; says whether there was one, connected or to be resumed. */
    interaction(payload: JsonRecord): boolean {
      const hearing = sessions.of(textOf(payload.guild_id));
      for (const session of hearing) sessions.dispatch(session, "INTERACTION_CREATE", payload);
      return hearing.length > 0;
    },
    /** Another event, to the sessions whose intents cover it. */
    event(name: string, data: JsonRecord): void {
      for (const session of sessions.of(textOf(data.guild_id))) {
        if (covers(session, name, data)) sessions.dispatch(session, name, data);
      }
    },

    /** Cuts all lines without a word; what is sent meanwhile is there for a RESUME. */
    cut() {
      for (const socket of open) socket.terminate();
    },
    /** Asks every connection to come again (opcode 7). */
    askReconnect() {
      for (const socket of open) send(socket, OP.reconnect);
    },
    /** Opcode 9; the session can be resumed or is gone. */
    invalidate({ isResumable = false } = {}) {
      for (const session of sessions.all()) {
        if (session.socket !== null) send(session.socket, OP.invalidSession, isResumable);
        if (!isResumable) sessions.drop(session);
      }
    },
    /** Discord forgot the sessions: a RESUME is answered with opcode 9. */
    forgetSessions: () => sessions.dropAll(),
    /** The next connections are refused. */
    refuseNext(times: number) {
      refusals = times;
    },
    /** For connections from now on. */
    heartbeatEvery(ms: number) {
      heartbeatMs = ms;
    },
    /** Heartbeats are not answered any more, as by a line that died silently. */
    turnDeaf(next = true) {
      isDeaf = next;
    },

    end() {
      for (const socket of open) socket.terminate();
      server.close();
    },
  };
}

function bare(token: unknown): string {
  return textOf(token).replace(/^Bot /u, "");
}

function covers({ intents }: GatewaySession, name: string, data: JsonRecord): boolean {
  const needed = name.startsWith("MESSAGE_")
    ? textOf(data.guild_id) === ""
      ? INTENTS.directMessages
      : INTENTS.guildMessages
    : INTENTS.guilds;
  return (intents & needed) !== 0;
}
