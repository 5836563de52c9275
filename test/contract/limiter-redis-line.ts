import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";

export type RedisLine = Awaited<ReturnType<typeof startRedisLine>>;

/** Stands between a limiter and its Redis, to cut its connections and to hold answers back. */
export async function startRedisLine(redisUrl: string) {
  const { hostname, port } = new URL(redisUrl);
  const connections = new Set<Socket>();
  /** What lets a held connection's answers go. */
  const held = new Set<() => void>();
  let heldCommand: string | undefined;

  const server = createServer((connection) => {
    const upstream = connect(Number(port), hostname);
    connections.add(connection);
    connection.on("data", (sent) => {
      if (heldCommand === undefined || !sent.includes(`\r\n${heldCommand}\r\n`)) return;
      upstream.unpipe(connection);
      held.add(() => upstream.pipe(connection));
    });
    connection.pipe(upstream).pipe(connection);
    for (const socket of [connection, upstream]) socket.on("error", () => {});
    connection.on("close", () => {
      connections.delete(connection);
      upstream.destroy();
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The line has no port.");

  const cut = () => {
    for (const connection of connections) connection.destroy();
  };

  return {
    url: `redis://127.0.0.1:${address.port}`,
    /** Holds back every answer of a connection, from the one to this command on. */
    hold(command: string): void {
      heldCommand = command;
    },
    heldCount: () => held.size,
    letGo(): void {
      heldCommand = undefined;
      for (const go of held) go();
      held.clear();
    },
    cut,
    async close(): Promise<void> {
      cut();
      server.close();
      await once(server, "close");
    },
  };
}
