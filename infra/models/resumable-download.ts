import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, open, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { AtelierError } from "#core";
import { type HubFile, unreachable } from "./hub.ts";

export interface DownloadOptions {
  source: HubFile;
  /** In place of the hub's digest. */
  sha256?: string | undefined;
  /** It is written here; what an earlier run wrote is gone on from. */
  partPath: string;
  onProgress: (doneBytes: number) => void;
  signal: AbortSignal;
  /** Silent for so long, a connection counts as broken. Default 60 s. */
  silentMs?: number;
  /** Before a broken connection is tried again, times the attempt. Default 1 s. */
  pauseMs?: number;
}

/** So many connections in a row that brought not a single byte more than there was before. */
const ATTEMPTS_MAX = 4;

/**
 * Downloads to `partPath`, going on after a break where it stopped, and checks the whole file.
 * Rejects with `unavailable` when the network fails (what is there is kept for the next run),
 * when the digest or the length is another one (nothing is kept), or when the disk is full.
 */
export async function download(options: DownloadOptions): Promise<void> {
  const { source, partPath, onProgress, signal, pauseMs = 1_000 } = options;
  await mkdir(dirname(partPath), { recursive: true });
  let attempts = 0;
  let done = await sizeOf(partPath);
  let most = done;
  while (done < source.sizeBytes) {
    const broken = await receive(options, done).catch((thrown: unknown) => {
      signal.throwIfAborted();
      if (thrown instanceof AtelierError) throw thrown;
      return thrown;
    });
    done = await sizeOf(partPath);
    attempts = done > most ? 0 : attempts + 1;
    most = Math.max(most, done);
    if (attempts >= ATTEMPTS_MAX) {
      if (broken !== undefined) throw brokenOff(done, source, broken);
      await rm(partPath, { force: true });
      throw new AtelierError(
        "unavailable",
        `${source.url} is shorter than the hub says, so it was not kept. Do not use that mirror.`,
      );
    }
    await sleep(pauseMs * attempts, undefined, { signal });
    onProgress(done);
  }
  await check(options);
}

/** One connection's worth, appended. Resolves where the server says that there is no more. */
async function receive(
  { source, partPath, onProgress, signal, silentMs = 60_000 }: DownloadOptions,
  from: number,
): Promise<void> {
  const silence = new AbortController();
  const timer = setTimeout(() => silence.abort(new Error("the server fell silent")), silentMs);
  try {
    const answer = await fetch(source.url, {
      headers: {
        "accept-encoding": "identity",
        ...(from > 0 ? { range: `bytes=${from}-` } : {}),
      },
      signal: AbortSignal.any([signal, silence.signal]),
    });
    if (answer.status === 416) return await rm(partPath, { force: true });
    if (!answer.ok || answer.body === null) throw refused(answer);
    // A server that does not know ranges sends it all, from the beginning.
    const start = answer.status === 206 ? from : 0;
    const file = await open(partPath, start > 0 ? "a" : "w").catch(explain(partPath));
    try {
      let done = start;
      for await (const chunk of answer.body) {
        timer.refresh();
        await file.writeFile(chunk).catch(explain(partPath));
        done += chunk.length;
        if (done > source.sizeBytes) {
          throw new AtelierError("unavailable", `${source.url} is longer than the hub says.`);
        }
        onProgress(done);
      }
      await file.sync().catch(() => undefined);
    } finally {
      await file.close();
    }
  } finally {
    clearTimeout(timer);
  }
}

/** The hub and its CDN ask to wait with 429 and 5xx; those are tried again like a broken line. */
function refused(answer: Response): Error {
  const text = `${new URL(answer.url).host} answered HTTP ${answer.status} for ${answer.url}.`;
  return answer.status === 429 || answer.status >= 500
    ? new Error(text)
    : new AtelierError("unavailable", `${text} Try again later.`);
}

async function check({ source, sha256, partPath }: DownloadOptions): Promise<void> {
  const expected =
    sha256 === undefined ? source.digest : { algorithm: "sha256" as const, hex: sha256 };
  if (expected === null) {
    await rm(partPath, { force: true });
    throw new AtelierError(
      "unavailable",
      `The hub gives no digest for ${source.url}, so it cannot be checked and was not kept.`,
    );
  }
  const { algorithm, hex } = expected;
  const hash = createHash(algorithm === "sha256" ? "sha256" : "sha1");
  if (algorithm === "git-sha1") hash.update(`blob ${source.sizeBytes}\0`);
  for await (const chunk of createReadStream(partPath)) hash.update(chunk);
  const found = hash.digest("hex");
  if (found === hex) return;
  await rm(partPath, { force: true });
  throw new AtelierError(
    "unavailable",
    `${source.url} is not the file it should be: its digest is ${found}, expected ${hex}. It was thrown away; run the same command again, and do not use that mirror if it stays so.`,
  );
}

function brokenOff(done: number, { sizeBytes, url }: HubFile, cause: unknown): AtelierError {
  if (done === 0) return unreachable(url, cause);
  const percent = Math.floor((100 * done) / sizeBytes);
  return new AtelierError(
    "unavailable",
    `The download broke off at ${percent} %. Run the same command again: it goes on from there.`,
    { cause },
  );
}

/** For `.catch`: a full disk or a folder that cannot be written, in a sentence. */
export function explain(path: string): (thrown: unknown) => never {
  return (thrown) => {
    const code = thrown instanceof Error && "code" in thrown ? thrown.code : undefined;
    const sentence =
      code === "ENOSPC" || code === "EDQUOT"
        ? `The disk of ${path} is full. Make room and run the same command again: it goes on from there.`
        : `${path} cannot be written (${String(code ?? thrown)}).`;
    throw new AtelierError("unavailable", sentence, { cause: thrown });
  };
}

async function sizeOf(path: string): Promise<number> {
  return stat(path).then(
    ({ size }) => size,
    () => 0,
  );
}
