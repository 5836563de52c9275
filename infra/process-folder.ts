import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

/** Which process the folder is of: its number, and when it began. */
const PID_FILE = "pid";
const began = String(performance.timeOrigin);

/**
 * Makes the folder of this process, and removes those beside it whose processes have died. What
 * Lambda kills, its next process in the same place finds in `/tmp` again: a whole film, maybe.
 * Source: AWS Lambda Developer Guide, "Lambda execution environment lifecycle": a reset leaves
 * `/tmp` as it is.
 */
export async function openProcessFolder(path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o700 });
  await writeFile(join(path, PID_FILE), `${process.pid} ${began}`);
  const siblings = (await readdir(dirname(path))).filter((name) => /^atelier-\w+$/u.test(name));
  for (const name of siblings.filter((each) => each !== basename(path))) {
    const sibling = join(dirname(path), name);
    const written = await readFile(join(sibling, PID_FILE), "utf8").catch(() => null);
    // Others' folders have none, and one that cannot be removed is theirs.
    if (written === null || isAlive(written)) continue;
    await rm(sibling, { recursive: true, force: true }).catch(() => {});
  }
}

function isAlive(written: string): boolean {
  const [pid, itBegan] = written.split(" ");
  // In a container the next process may have the number of the one before.
  if (Number(pid) === process.pid) return itBegan === began;
  try {
    process.kill(Number(pid), 0);
    return true;
  } catch (thrown) {
    return !(thrown instanceof Error && "code" in thrown && thrown.code === "ESRCH");
  }
}
