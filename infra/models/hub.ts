import { AtelierError } from "#core";

/** Where a file of the hub is and how it can be checked. */
export interface HubFile {
  url: string;
  sizeBytes: number;
  /** SHA-256 of the content for large files; git's SHA-1 of the blob for small ones. */
  digest: { algorithm: "sha256" | "git-sha1"; hex: string } | null;
}

export interface Hub {
  /** Rejects with `not_found` or `unavailable`. */
  locate(
    file: { repository: string; revision: string; path: string },
    signal: AbortSignal,
  ): Promise<HubFile>;
}

const HEAD_WITHIN_MS = 30_000;
const REDIRECTS_MAX = 5;

/**
 * The Hugging Face hub or a mirror of it. A large file's answer redirects to a CDN; its digest
 * and size are in `x-linked-etag` and `x-linked-size` of the hub's own answer, before that
 * (huggingface_hub reads them in the same way).
 */
export function createHub({ endpoint }: { endpoint: string }): Hub {
  return {
    async locate({ repository, revision, path }, signal) {
      const url = `${endpoint.replace(/\/+$/u, "")}/${repository}/resolve/${revision}/${path}`;
      const headers = await readHeaders(url, `${repository}/${path}`, signal);
      const size = Number(headers.get("x-linked-size") ?? headers.get("content-length"));
      if (!Number.isSafeInteger(size) || size <= 0) {
        throw new AtelierError("unavailable", `The hub does not say how large ${url} is.`);
      }
      return {
        url,
        sizeBytes: size,
        digest: digestOf(headers.get("x-linked-etag") ?? headers.get("etag")),
      };
    },
  };
}

/** Follows redirects within the hub, as its mirrors and renamed repositories have them, no further. */
async function readHeaders(url: string, name: string, signal: AbortSignal): Promise<Headers> {
  let at = url;
  for (let hop = 0; hop < REDIRECTS_MAX; hop++) {
    const answer = await ask(at, signal);
    const { status, headers } = answer;
    if (status === 401 || status === 403 || status === 404) {
      throw new AtelierError(
        "not_found",
        `${name} is not on ${new URL(url).host} (HTTP ${status}). Check HF_ENDPOINT; the model may have been removed.`,
      );
    }
    const location = headers.get("location");
    if (status < 300 || status > 399 || location === null) {
      if (answer.ok) return headers;
      throw new AtelierError(
        "unavailable",
        `${new URL(at).host} answered HTTP ${status} for ${name}. Try again later.`,
      );
    }
    const next = new URL(location, at);
    if (next.host !== new URL(at).host) return headers;
    at = next.href;
  }
  throw new AtelierError("unavailable", `${url} redirects in a circle.`);
}

async function ask(url: string, signal: AbortSignal): Promise<Response> {
  try {
    return await fetch(url, {
      method: "HEAD",
      redirect: "manual",
      // Compressed on the way, its length would be another one.
      headers: { "accept-encoding": "identity" },
      signal: AbortSignal.any([signal, AbortSignal.timeout(HEAD_WITHIN_MS)]),
    });
  } catch (cause) {
    signal.throwIfAborted();
    throw unreachable(url, cause);
  }
}

export function unreachable(url: string, cause: unknown): AtelierError {
  return new AtelierError(
    "unavailable",
    `${new URL(url).host} cannot be reached. Check the network; HF_ENDPOINT can name a mirror.`,
    { cause },
  );
}

function digestOf(etag: string | null): HubFile["digest"] {
  const hex = etag?.replace(/^W\//u, "").replaceAll('"', "").toLowerCase() ?? "";
  if (/^[0-9a-f]{64}$/u.test(hex)) return { algorithm: "sha256", hex };
  if (/^[0-9a-f]{40}$/u.test(hex)) return { algorithm: "git-sha1", hex };
  return null;
}
