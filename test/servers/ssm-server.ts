import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { parseJson, recordOf, textOf } from "./json-record.ts";

export type SsmServer = Awaited<ReturnType<typeof startSsmServer>>;

/** https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameters.html */
const SSM_NAMES_MAX = 10;

/**
 * A Parameter Store on loopback that knows GetParameters. Every parameter is a SecureString: who
 * does not ask for decryption gets what no program can use.
 */
export async function startSsmServer(given: Readonly<Record<string, string>> = {}) {
  const parameters = new Map(Object.entries(given));
  let reads = 0;

  const server = createServer((request, response) => {
    answer(request, response).catch((thrown: unknown) => {
      send(response, 500, { __type: "InternalServerError", message: String(thrown) });
    });
  });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    if (request.headers["x-amz-target"] !== "AmazonSSM.GetParameters") {
      return send(response, 400, { __type: "UnknownOperationException" });
    }
    const { Names, WithDecryption } = recordOf(parseJson(Buffer.concat(chunks).toString()));
    const names = Array.isArray(Names) ? Names.map(String) : [];
    if (names.length === 0 || names.length > SSM_NAMES_MAX) {
      const message = `1 validation error detected: Value '[${names.join(", ")}]' at 'names' failed to satisfy constraint: Member must have length between 1 and ${SSM_NAMES_MAX}`;
      return send(response, 400, { __type: "ValidationException", message });
    }
    reads += 1;
    const known = [...new Set(names)].filter((name) => parameters.has(name));
    send(response, 200, {
      Parameters: known.map((name) => ({
        Name: name,
        Type: "SecureString",
        Value: WithDecryption === true ? textOf(parameters.get(name)) : "AQICAHencrypted",
        Version: 1,
        ARN: `arn:aws:ssm:us-west-2:123456789012:parameter${name.startsWith("/") ? "" : "/"}${name}`,
        DataType: "text",
      })),
      InvalidParameters: names.filter((name) => !parameters.has(name)),
    });
  }

  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The server has no port.");

  return {
    endpoint: `http://127.0.0.1:${address.port}`,
    put: (name: string, value: string) => void parameters.set(name, value),
    /** How often it was read. */
    reads: () => reads,
    async close(): Promise<void> {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { "Content-Type": "application/x-amz-json-1.1" });
  response.end(JSON.stringify(body));
}
