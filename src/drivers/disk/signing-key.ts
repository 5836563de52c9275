import { randomBytes } from "node:crypto";
import { link, readFile, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { AtelierError } from "../../errors.ts";
import { asDiskError, saysAbsent, systemCode } from "./disk-errors.ts";
import { SIGNING_KEY_BYTES } from "./signed-link.ts";
import { syncFolder, writeBeside } from "./write-durably.ts";

/**
 * The installation's key for signing links, made at the first start and readable by this user
 * only. Two processes that start at once end with the same key. Rejects with `misconfigured`
 * when the file is not a key.
 */
export async function loadSigningKey(path: string): Promise<Uint8Array> {
  try {
    return (await readKey(path)) ?? (await createKey(path));
  } catch (thrown) {
    throw asDiskError(thrown, path);
  }
}

async function readKey(path: string): Promise<Uint8Array | null> {
  try {
    const key = await readFile(path);
    if (key.length === SIGNING_KEY_BYTES) return new Uint8Array(key);
  } catch (thrown) {
    if (saysAbsent(thrown)) return null;
    throw thrown;
  }
  throw new AtelierError(
    "misconfigured",
    `${path} does not hold a key of ${SIGNING_KEY_BYTES} bytes. Restore it, or delete it to have a new one made; links given out before then stop working.`,
  );
}

async function createKey(path: string): Promise<Uint8Array> {
  const temporary = await writeBeside(path, randomBytes(SIGNING_KEY_BYTES));
  try {
    // Unlike rename, link fails when the name is taken: the first process's key stays.
    await link(temporary, path);
    await syncFolder(dirname(path));
  } catch (thrown) {
    if (systemCode(thrown) !== "EEXIST") throw thrown;
  } finally {
    await rm(temporary, { force: true });
  }
  const key = await readKey(path);
  if (key === null) throw new AtelierError("internal", `${path} vanished while it was made.`);
  return key;
}
