import type { ChannelView, CommandView, JobView, PreviewView } from "../job-view.ts";
import { mediaTypeOf } from "./attachment-problem.ts";
import { newDeliveryKey } from "./delivery-key.ts";

/** What the server declined, or that it could not be reached; the message is a sentence. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly kind: string;
  readonly status: number;

  constructor(kind: string, status: number, message: string, cause?: unknown) {
    super(message, { cause });
    this.kind = kind;
    this.status = status;
  }
}

export interface Api {
  commands(): Promise<CommandView[]>;
  jobs(before?: string): Promise<ChannelView>;
  job(jobId: string): Promise<JobView>;
  /** The key makes a second try of the same message harmless. */
  sendCommand(text: string, attachments: readonly string[], key: string): Promise<string>;
  sendAction(action: string): Promise<string>;
  /** `onProgress` gets the share that is sent, 0 to 1. */
  upload(file: File, signal: AbortSignal, onProgress: (share: number) => void): Promise<string>;
  /** Where the events of the channel come from. */
  eventsUrl: string;
}

const UNREACHABLE = "Atelier cannot be reached. Check the connection and try again.";
const PAGE_LIMIT = 30;
const TRIES = 3;

/** The server as one person sees it in one channel. */
export function createApi({ channel, user }: { channel: string; user: string }): Api {
  const place = `/api/channels/${encodeURIComponent(channel)}`;
  const who = `user=${encodeURIComponent(user)}`;
  return {
    commands: () => request(`/api/commands?${who}`),
    jobs(before) {
      const older = before === undefined ? "" : `&before=${encodeURIComponent(before)}`;
      return request(`${place}/jobs?${who}&limit=${PAGE_LIMIT}${older}`);
    },
    job: (jobId) => request(`/api/jobs/${encodeURIComponent(jobId)}?${who}`),
    async sendCommand(text, attachments, key) {
      const body = { text, user, channel, ...(attachments.length > 0 ? { attachments } : {}) };
      return (await post<{ job_id: string }>("/api/commands", body, key)).job_id;
    },
    async sendAction(action) {
      const body = { action, user, channel };
      return (await post<{ job_id: string }>("/api/actions", body, newDeliveryKey())).job_id;
    },
    upload,
    eventsUrl: `${place}/events?${who}`,
  };
}

/** Not `fetch`, which does not tell how much of a large file is sent. */
function upload(
  file: File,
  signal: AbortSignal,
  onProgress: (share: number) => void,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const sending = new XMLHttpRequest();
    sending.open("POST", `/api/attachments?name=${encodeURIComponent(file.name)}`);
    sending.setRequestHeader("Content-Type", mediaTypeOf(file));
    sending.upload.onprogress = ({ loaded, total }) => onProgress(total > 0 ? loaded / total : 0);
    sending.onload = () => {
      const response = new Response(sending.responseText, { status: sending.status });
      if (response.ok) response.json().then(({ id }: { id: string }) => resolve(id), reject);
      else readError(response).then(reject, reject);
    };
    sending.onerror = () => reject(new ApiError("unreachable", 0, UNREACHABLE));
    sending.onabort = () => reject(new ApiError("cancelled", 0, "The upload was stopped."));
    signal.addEventListener("abort", () => sending.abort());
    sending.send(file);
  });
}

/** A job as that platform would show it, to that person or to a guest. */
export function loadPreview(
  jobId: string,
  platform: string,
  user: string | null,
): Promise<PreviewView> {
  const who = user === null ? "" : `?user=${encodeURIComponent(user)}`;
  return request(`/api/jobs/${encodeURIComponent(jobId)}/preview/${platform}${who}`);
}

/** The sentence for whatever was thrown. */
export function sentenceOf(thrown: unknown): string {
  return thrown instanceof ApiError ? thrown.message : "Something went wrong here. Try again.";
}

async function post<T>(path: string, body: unknown, key: string): Promise<T> {
  const headers = { "Content-Type": "application/json", "Idempotency-Key": key };
  const init = { method: "POST", headers, body: JSON.stringify(body) };
  for (let left = TRIES; ; left--) {
    try {
      return await request<T>(path, init);
    } catch (thrown) {
      const isAway = thrown instanceof ApiError && [0, 502, 503, 504].includes(thrown.status);
      if (!isAway || left === 1) throw thrown;
      await new Promise((resolve) => setTimeout(resolve, 500 * (TRIES - left + 1)));
    }
  }
}

async function request<T>(path: string, init: RequestInit = {}): Promise<T> {
  const headers = init.headers ?? { "Content-Type": "application/json" };
  let response: Response;
  try {
    response = await fetch(path, { ...init, headers });
  } catch (thrown) {
    throw new ApiError("unreachable", 0, UNREACHABLE, thrown);
  }
  if (!response.ok) throw await readError(response);
  // The server is the other half of this program: its wire format is `job-view.ts`.
  return (await response.json()) as T;
}

async function readError(response: Response): Promise<ApiError> {
  const body: unknown = await response.json().catch(() => null);
  const said = body !== null && typeof body === "object" ? body : {};
  const kind = "error" in said && typeof said.error === "string" ? said.error : "unknown";
  const message =
    "message" in said && typeof said.message === "string" && said.message !== ""
      ? said.message
      : `Atelier answered with ${response.status}. Try again.`;
  return new ApiError(kind, response.status, message);
}
