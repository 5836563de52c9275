import { Agent, get, type IncomingMessage, request } from "node:http";

/** How a job ended, as the channel's event stream told it. */
export interface Ending {
  status: "done" | "failed" | "cancelled";
  isFromCache: boolean;
  message: string;
}

/** One channel as the page has it: open once, then commands go out and cards come in. */
export interface ChannelClient {
  /** Sends a command and resolves when its card, or its failure, has arrived. */
  run(text: string, user: string): Promise<Ending>;
  close(): void;
}

/**
 * Follows a channel's event stream, as the page does. One stream stays open for the whole
 * measurement, so a command costs one request and what arrives on the stream; a stream for each
 * job would add a second request to every number.
 */
export async function openChannel(baseUrl: string, channel: string): Promise<ChannelClient> {
  const agent = new Agent({ keepAlive: true, maxSockets: 256 });
  const endings = new Map<string, Ending>();
  const waiting = new Map<string, (ending: Ending) => void>();

  function hear(data: string): void {
    // Most events tell that a job waits or runs; only the ones with an end are worth parsing.
    if (data.includes('"status":"queued"') || data.includes('"status":"running"')) return;
    const { job_id, status, card, error } = JSON.parse(data);
    const ending = {
      status,
      isFromCache: JSON.stringify(card?.notices ?? []).includes("from the cache"),
      message: error?.message ?? "",
    };
    const resolve = waiting.get(job_id);
    if (resolve === undefined) endings.set(job_id, ending);
    else resolve(ending);
    waiting.delete(job_id);
  }

  const stream = await new Promise<IncomingMessage>((resolve, reject) => {
    get(`${baseUrl}/api/channels/${channel}/events`, resolve).on("error", reject);
  });
  let rest = "";
  stream.setEncoding("utf8").on("data", (text: string) => {
    const lines = `${rest}${text}`.split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) if (line.startsWith("data: ")) hear(line.slice(6));
  });
  // Ending the stream here and the server going away are both no concern of the numbers.
  stream.on("error", () => {});

  return {
    async run(text, user) {
      const { job_id } = await post(`${baseUrl}/api/commands`, { text, user, channel }, agent);
      const ending = endings.get(job_id);
      endings.delete(job_id);
      return ending ?? new Promise((resolve) => waiting.set(job_id, resolve));
    },
    close() {
      stream.destroy();
      agent.destroy();
    },
  };
}

function post(url: string, body: unknown, agent: Agent): Promise<{ job_id: string }> {
  return new Promise((resolve, reject) => {
    const headers = { "Content-Type": "application/json" };
    const outgoing = request(url, { method: "POST", agent, headers }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk) => {
        text += chunk;
      });
      response.on("end", () => {
        if (response.statusCode === 202) resolve(JSON.parse(text));
        else reject(new Error(`${url} answered ${response.statusCode}: ${text}`));
      });
    });
    outgoing.on("error", reject).end(JSON.stringify(body));
  });
}

/** Fails the run when a card did not come: a number for something broken means nothing. */
export async function expectDone(ending: Promise<Ending>): Promise<Ending> {
  const { status, message, isFromCache } = await ending;
  if (status !== "done") throw new Error(`A job of the benchmark ended as ${status}: ${message}`);
  return { status, message, isFromCache };
}
