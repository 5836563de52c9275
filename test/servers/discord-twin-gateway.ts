import { DISCORD_APP } from "./discord-workspace.ts";
import { type JsonRecord, parseJson, recordOf, textOf } from "./json-record.ts";
import { connectWebSocket } from "./web-socket.ts";

/** The twin's events, heard by its only client. */
export async function connectTwinGateway(
  url: string,
  onEvent: (name: string, data: JsonRecord) => void,
) {
  let hello: JsonRecord | null = null;
  let guild: JsonRecord | null = null;
  let isReady = () => {};
  const ready = new Promise<void>((resolve) => {
    isReady = resolve;
  });

  function take(text: string): void {
    const { op, t, d } = recordOf(parseJson(text));
    if (op !== 0) return;
    if (t === "READY") hello = recordOf(d);
    else if (t === "GUILD_CREATE") {
      guild = recordOf(d);
      isReady();
    } else onEvent(textOf(t), recordOf(d));
  }

  const socket = await connectWebSocket(url, { onText: take });
  const properties = { os: "linux", browser: "proxy", device: "proxy" };
  const identity = { token: DISCORD_APP.botToken, intents: 0, properties };
  socket.send(JSON.stringify({ op: 2, d: identity }));
  await ready;

  return {
    /** The data of the twin's READY. */
    ready: (): JsonRecord => recordOf(hello),
    /** The data of its GUILD_CREATE, threads apart as Discord has them. */
    guild(): JsonRecord {
      const { channels, ...rest } = recordOf(guild);
      const all = Array.isArray(channels) ? channels.map(recordOf) : [];
      const isThread = ({ type }: JsonRecord) => Number(type) >= 10 && Number(type) <= 12;
      return {
        ...rest,
        channels: all.filter((channel) => !isThread(channel)),
        threads: all.filter(isThread),
      };
    },
    end: () => socket.close(),
  };
}
