import { once } from "node:events";
import { createServer, request } from "node:http";

export interface AnswerLosingProxy {
  endpoint: string;
  /** Passes the next request of that operation (e.g. `PutItem`) on, and cuts the line instead of answering. */
  loseNextAnswer(operation: string): void;
  /** Does something after the lost answer, before the client can try again. */
  onceLost(action: () => Promise<unknown>): void;
  /** How many requests of the operation were passed on. */
  passed(operation: string): number;
  close(): Promise<void>;
}

/** Stands between an AWS client and a server, to show what a request does whose answer is lost. */
export async function startAnswerLosingProxy(upstream: string): Promise<AnswerLosingProxy> {
  const toLose = new Set<string>();
  const passedOn: string[] = [];
  let afterLoss: () => Promise<unknown> = async () => {};

  const server = createServer((incoming, outgoing) => {
    const operation = String(incoming.headers["x-amz-target"]).split(".")[1] ?? "";
    passedOn.push(operation);
    const { method = "POST", headers } = incoming;
    const onward = request(upstream, { method, headers }, async (answer) => {
      if (!toLose.delete(operation)) {
        outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
        answer.pipe(outgoing);
        return;
      }
      answer.resume();
      await once(answer, "end");
      await afterLoss();
      incoming.socket.destroy();
    });
    incoming.pipe(onward);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The proxy has no port.");

  return {
    endpoint: `http://127.0.0.1:${address.port}`,
    loseNextAnswer: (operation) => toLose.add(operation),
    onceLost(action) {
      afterLoss = action;
    },
    passed: (operation) => passedOn.filter((name) => name === operation).length,
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}
