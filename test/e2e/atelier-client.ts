import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { ChannelView, JobView } from "../../adapters/playground/job-view.ts";

export interface CommandOptions {
  user?: string;
  channel?: string;
  attachments?: readonly string[];
  /** Sent as `Idempotency-Key`. */
  key?: string;
}

export interface Answer {
  status: number;
  headers: Headers;
  body: Readonly<Record<string, unknown>>;
}

export type AtelierClient = ReturnType<typeof createAtelierClient>;

/** What the page does, by HTTP: one function for each thing that a person can do. */
export function createAtelierClient(url: string) {
  const request = (path: string, init: RequestInit = {}) => fetch(url + path, init);

  async function postJson(
    path: string,
    body: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    const response = await request(path, {
      method: "POST",
      headers: { "Content-Type": "application/json", ...headers },
      body: typeof body === "string" ? body : JSON.stringify(body),
    });
    return readAnswer(response);
  }

  function postCommand(text: string, { key, ...from }: CommandOptions = {}): Promise<Answer> {
    return postJson("/api/commands", { text, ...from }, keyHeader(key));
  }

  function postAction(action: string, { key, ...from }: CommandOptions = {}): Promise<Answer> {
    return postJson("/api/actions", { action, ...from }, keyHeader(key));
  }

  async function job(jobId: string): Promise<JobView> {
    const response = await request(`/api/jobs/${jobId}`);
    if (response.status !== 200) throw new Error(`${response.status} ${await response.text()}`);
    return (await response.json()) as JobView;
  }

  /** Every event of the job's stream, which ends by itself when the job has. */
  async function events(jobId: string): Promise<JobView[]> {
    const response = await request(`/api/jobs/${jobId}/events`);
    if (response.status !== 200) throw new Error(`${response.status} ${await response.text()}`);
    return readEvents(await response.text());
  }

  /** The job once it is over. */
  async function finished(jobId: string): Promise<JobView> {
    await events(jobId);
    const view = await job(jobId);
    if (isOpen(view)) throw new Error(`The events of ${jobId} ended while it was ${view.status}.`);
    return view;
  }

  async function accepted(answer: Promise<Answer>): Promise<string> {
    const { status, body } = await answer;
    if (status !== 202) throw new Error(`${status} ${JSON.stringify(body)}`);
    return String(body.job_id);
  }

  return {
    url,
    request,
    postJson,
    postCommand,
    postAction,
    job,
    events,
    finished,

    /** Sends a command; returns its job's id. */
    submit: (text: string, options?: CommandOptions) => accepted(postCommand(text, options)),

    /** Sends a command and waits for its end. */
    async command(text: string, options?: CommandOptions): Promise<JobView> {
      return finished(await accepted(postCommand(text, options)));
    },

    /** Presses a button and waits for its job's end. */
    async press(action: string, options?: CommandOptions): Promise<JobView> {
      return finished(await accepted(postAction(action, options)));
    },

    async postAttachment(bytes: Uint8Array, type = "image/png", name = ""): Promise<Answer> {
      const query = name === "" ? "" : `?name=${encodeURIComponent(name)}`;
      const response = await request(`/api/attachments${query}`, {
        method: "POST",
        headers: { "Content-Type": type },
        body: Buffer.from(bytes),
      });
      return readAnswer(response);
    },

    async channel(channel: string, query: Record<string, string> = {}): Promise<ChannelView> {
      const search = new URLSearchParams(query);
      return (await (
        await request(`/api/channels/${channel}/jobs?${search}`)
      ).json()) as ChannelView;
    },

    /** Follows a channel's events until `close`; `seen` grows meanwhile. */
    async watchChannel(channel: string, user: string) {
      const stop = new AbortController();
      const response = await request(`/api/channels/${channel}/events?user=${user}`, {
        signal: stop.signal,
      });
      const seen: JobView[] = [];
      const { body } = response;
      if (body === null) throw new Error("The channel has no events.");
      const reading = (async () => {
        let text = "";
        for await (const chunk of body.pipeThrough(new TextDecoderStream())) {
          text += chunk;
          const end = text.lastIndexOf("\n\n");
          if (end === -1) continue;
          seen.push(...readEvents(text.slice(0, end + 2)));
          text = text.slice(end + 2);
        }
      })().catch(() => {
        // Ended by close.
      });
      return {
        seen,
        async close(): Promise<void> {
          stop.abort();
          await reading;
        },
      };
    },
  };
}

export function isOpen(view: JobView): boolean {
  return view.status === "queued" || view.status === "running";
}

/** The action behind a button of the job's card. */
export function buttonOf(view: JobView, label: string): string {
  const button = view.card?.buttons.find((each) => each.label === label);
  if (button === undefined) throw new Error(`There is no button ${label}: ${JSON.stringify(view)}`);
  return button.action;
}

/** The value of a field of the job's card. */
export function fieldOf(view: JobView, label: string): string | undefined {
  return view.card?.fields.find((each) => each.label === label)?.value;
}

/** Fetches the pictures on the job's card. */
export async function picturesOf(view: JobView): Promise<Buffer[]> {
  const images = view.card?.images ?? [];
  return Promise.all(images.map(({ url }) => fetchBytes(url)));
}

/** The pictures on the job's card by their SHA-256: short where a test has to print them. */
export async function digestsOf(view: JobView): Promise<string[]> {
  return (await picturesOf(view)).map(digestOf);
}

export function digestOf(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

export async function fetchBytes(url: string): Promise<Buffer> {
  const response = await fetch(url);
  if (response.status !== 200) throw new Error(`${response.status} for ${url}`);
  return Buffer.from(await response.arrayBuffer());
}

/** Waits until it holds; fails with the description after 20 s. */
export async function until(description: string, holds: () => Promise<boolean> | boolean) {
  for (let tries = 0; tries < 400; tries += 1) {
    if (await holds()) return;
    await sleep(50);
  }
  throw new Error(`Still not after 20 s: ${description}`);
}

async function readAnswer(response: Response): Promise<Answer> {
  const text = await response.text();
  try {
    return { status: response.status, headers: response.headers, body: JSON.parse(text) };
  } catch {
    throw new Error(`${response.status} without JSON: ${text.slice(0, 200)}`);
  }
}

function readEvents(text: string): JobView[] {
  return text
    .split("\n")
    .filter((line) => line.startsWith("data: "))
    .map((line) => JSON.parse(line.slice("data: ".length)) as JobView);
}

function keyHeader(key: string | undefined): Record<string, string> {
  return key === undefined ? {} : { "Idempotency-Key": key };
}
