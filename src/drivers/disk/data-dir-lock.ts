import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ClassicLevel } from "classic-level";
import { AtelierError } from "../../errors.ts";

export interface DataDirLock {
  /** Lets another process have the folder. */
  release(): Promise<void>;
}

/**
 * Makes this process the only Atelier that uses the folder (created, if need be, for this user
 * only; whoever made it before decided who may look into it), until
 * `release` or the end of the process, however it ends: the lock is the one that LevelDB takes
 * from the operating system, so none is ever left behind. Keep the result for as long as the
 * folder is used. Rejects with `misconfigured` when another process has it or it cannot be written.
 */
export async function lockDataDir(dir: string): Promise<DataDirLock> {
  // Before LevelDB does, which would let every user of the machine in.
  await mkdir(dir, { recursive: true, mode: 0o700 }).catch((thrown: unknown) => {
    throw notUsable(dir, thrown);
  });
  const lock = new ClassicLevel(join(dir, "lock"));
  // Beside the lock's folder, not in it: closing a file there could give the lock away (fcntl).
  const pidFile = join(dir, "lock.pid");
  try {
    await lock.open();
    await writeFile(pidFile, String(process.pid));
  } catch (thrown) {
    await lock.close();
    throw isLocked(thrown) ? await inUse(dir, pidFile, thrown) : notUsable(dir, thrown);
  }
  return {
    async release() {
      await rm(pidFile, { force: true });
      await lock.close();
    },
  };
}

function causeOf(thrown: unknown): unknown {
  return thrown instanceof Error && thrown.cause !== undefined ? thrown.cause : thrown;
}

function isLocked(thrown: unknown): boolean {
  const cause = causeOf(thrown);
  return cause instanceof Error && "code" in cause && cause.code === "LEVEL_LOCKED";
}

async function inUse(dir: string, pidFile: string, cause: unknown): Promise<AtelierError> {
  // The owner writes its number a moment after it has the lock.
  const pid = await readFile(pidFile, "utf8").catch(() => "unknown");
  return new AtelierError(
    "misconfigured",
    `Another Atelier (process ${pid}) is using ${dir}. Stop it, or set DATA_DIR to another folder.`,
    { cause },
  );
}

function notUsable(dir: string, thrown: unknown): AtelierError {
  const cause = causeOf(thrown);
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new AtelierError(
    "misconfigured",
    `Atelier cannot keep its data in ${dir} (${reason}). Make the folder writable, or set DATA_DIR to another one.`,
    { cause: thrown },
  );
}
