import { lstat, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { AtelierError } from "../../errors.ts";
import type { BlobStore, Clock } from "../../ports/index.ts";
import { assertBlobKey, isBlobKey } from "./blob-key.ts";
import { asDiskError, saysAbsent } from "./disk-errors.ts";
import { assertMediaType, readMediaType, typeFileOf, typeOfName } from "./media-type.ts";
import { createLinkSigner, FILES_PATH } from "./signed-link.ts";
import { openObject, type StoredObject } from "./stored-object.ts";
import { createTurns } from "./turns.ts";
import { copyBeside, syncFolder, writeBeside } from "./write-durably.ts";
import { writeNewFile } from "./write-new-file.ts";

/** The longest life of a link, the same as on S3. */
const LINK_TTL_SECONDS_MAX = 604_800;

/** What a link leads to. `found` hands an open object to the caller, who must end it. */
export type SignedRead =
  | {
      outcome: "found";
      key: string;
      object: StoredObject;
      downloadName: string | null;
      secondsLeft: number;
    }
  | { outcome: "invalid" | "expired" | "gone" };

export interface DiskBlobStore extends BlobStore {
  /** Follows a link of `presign`, given as the URL's path as sent (not decoded) and its query. */
  readSigned(path: string, query: URLSearchParams): Promise<SignedRead>;
}

export interface DiskBlobStoreOptions {
  /** The folder that holds the objects; made when it is first needed. */
  root: string;
  /** At least 32 random bytes that outlive the process (see signing-key.ts). */
  signingKey: Uint8Array;
  /** Where `createFilesRoute` is reachable, e.g. `http://127.0.0.1:3000`. */
  baseUrl: () => string;
  clock: Clock;
}

/**
 * Objects as plain files in a folder, for one process. Keys are the lower-case paths of BlobRef;
 * others are rejected with `invalid_input`. Nothing is followed out of the folder: a symbolic
 * link below the root is rejected with `misconfigured` (the root itself may be one).
 */
export function createDiskBlobStore(options: DiskBlobStoreOptions): DiskBlobStore {
  const { root, baseUrl, clock } = options;
  const signer = createLinkSigner(options.signingKey);
  // An object and the file with its media type change together, and are read together.
  const turns = createTurns();

  async function at<T>(key: string, work: (path: string) => Promise<T>): Promise<T> {
    assertBlobKey(key);
    const path = join(root, key);
    try {
      await assertNoSymbolicLink(root, key);
      return await work(path);
    } catch (thrown) {
      throw asDiskError(thrown, path);
    }
  }

  const openAt = (key: string) =>
    at(key, (path) =>
      turns.take(path, () => nullWhenAbsent(() => openObject(path, () => readMediaType(path)))),
    );

  async function openWithin(
    key: string,
    maxBytes = Number.POSITIVE_INFINITY,
  ): Promise<StoredObject | null> {
    const object = await openAt(key);
    if (object === null || object.sizeBytes <= maxBytes) return object;
    await object.close();
    throw new AtelierError(
      "invalid_input",
      `This file has ${object.sizeBytes} bytes; at most ${maxBytes} can be read. Give a smaller one.`,
    );
  }

  /** `stage` writes the bytes beside the path that it is given, and says where. */
  async function replace(
    key: string,
    mediaType: string,
    stage: (path: string) => Promise<string>,
  ): Promise<void> {
    assertMediaType(mediaType);
    await at(key, async (path) => {
      const typeFile = typeFileOf(path);
      const staged: string[] = [];
      try {
        // Everything that can run out of space happens before the object changes.
        const object = await stage(path);
        staged.push(object);
        const saidByName = mediaType === typeOfName(path);
        const type = saidByName ? null : await writeBeside(typeFile, Buffer.from(mediaType));
        if (type !== null) staged.push(type);
        await turns.take(path, async () => {
          await rename(object, path);
          await (type === null ? rm(typeFile, { force: true }) : rename(type, typeFile));
        });
      } catch (thrown) {
        await Promise.all(staged.map((file) => rm(file, { force: true })));
        throw thrown;
      }
      await syncFolder(dirname(path));
    });
  }

  return {
    bucket: "local",

    put: (key, blob) => replace(key, blob.mediaType, (path) => writeBeside(path, blob.bytes)),

    putFile: (key, sourcePath, mediaType) =>
      replace(key, mediaType, (path) => copyBeside(path, sourcePath)),

    async get(key, { maxBytes } = {}) {
      const object = await openWithin(key, maxBytes);
      if (object === null) return null;
      const { mediaType } = object;
      const bytes = await object.bytes().catch((thrown) => {
        throw asDiskError(thrown, key);
      });
      return { bytes, mediaType };
    },

    async getFile(key, path, { maxBytes } = {}) {
      const object = await openWithin(key, maxBytes);
      if (object === null) return false;
      await writeNewFile(path, object.stream()).catch((thrown) => {
        throw asDiskError(thrown, path);
      });
      return true;
    },

    async has(key) {
      return at(key, isFile);
    },

    async etag(key) {
      return at(key, etagOf);
    },

    async presign(key, { ttlSeconds, downloadName }) {
      assertBlobKey(key);
      if (!(ttlSeconds >= 1 && ttlSeconds <= LINK_TTL_SECONDS_MAX)) {
        throw new AtelierError(
          "misconfigured",
          `A link cannot live for ${ttlSeconds} seconds. Choose 1 to ${LINK_TTL_SECONDS_MAX} (7 days).`,
        );
      }
      // Rounded up: a link never ends before the time that was asked for.
      const expires = String(Math.ceil(clock.nowMs() / 1000 + ttlSeconds));
      const path = signer.sign({ key, expires, downloadName: downloadName ?? null });
      return baseUrl().replace(/\/+$/, "") + path;
    },

    async delete(key) {
      await at(key, (path) =>
        turns.take(path, async () => {
          if (!(await isFile(path))) return;
          await rm(path, { force: true });
          await rm(typeFileOf(path), { force: true });
        }),
      );
    },

    async readSigned(path, query) {
      const key = path.startsWith(FILES_PATH) ? path.slice(FILES_PATH.length) : "";
      const expires = query.get("expires") ?? "";
      const downloadName = query.get("download");
      const signature = query.get("signature") ?? "";
      // The key is checked once more although only good keys are signed: a leaked signing key
      // must not open more than this folder.
      if (!isBlobKey(key) || !signer.verify({ key, expires, downloadName }, signature)) {
        return { outcome: "invalid" };
      }
      const msLeft = Number(expires) * 1000 - clock.nowMs();
      if (msLeft <= 0) return { outcome: "expired" };
      const object = await openAt(key);
      if (object === null) return { outcome: "gone" };
      return {
        outcome: "found",
        key,
        object,
        downloadName,
        secondsLeft: Math.floor(msLeft / 1000),
      };
    },
  };
}

async function nullWhenAbsent<T>(work: () => Promise<T>): Promise<T | null> {
  try {
    return await work();
  } catch (thrown) {
    if (saysAbsent(thrown)) return null;
    throw thrown;
  }
}

/** A folder is no object: keys that begin alike share folders. */
async function isFile(path: string): Promise<boolean> {
  const stats = await nullWhenAbsent(() => lstat(path));
  return stats?.isFile() ?? false;
}

/** Every write makes a new file: its number and its time are another's. */
async function etagOf(path: string): Promise<string | null> {
  const stats = await nullWhenAbsent(() => lstat(path));
  return stats?.isFile() === true ? `"${stats.ino}-${stats.size}-${stats.mtimeMs}"` : null;
}

async function assertNoSymbolicLink(root: string, key: string): Promise<void> {
  let path = root;
  for (const segment of key.split("/")) {
    path = join(path, segment);
    const stats = await nullWhenAbsent(() => lstat(path));
    if (stats === null) return;
    if (stats.isSymbolicLink()) {
      throw new AtelierError(
        "misconfigured",
        `${path} is a symbolic link. Replace it by a real file or folder.`,
      );
    }
  }
}
