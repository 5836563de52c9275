import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { createRandom } from "../../../src/drivers/sketch/random.ts";
import { drawScene } from "./draw-scene.ts";
import { FRAME_HEIGHT, FRAME_WIDTH } from "./place-drawings.ts";
import type { Scene } from "./scene-grammar.ts";

/** Seeds from here on are never used for training. */
export const HELD_OUT_SEED = 90_000_000;

/** A scene as raw RGB, 640 × 360. */
export function renderScene(svg: string): Promise<Buffer> {
  return sharp(Buffer.from(svg)).removeAlpha().raw().toBuffer();
}

/**
 * Draws each scene once, puts all through one H.264 encode (libx264, CRF 23) and back, and
 * returns them as JPEGs, as an ingest stores them. The same seed draws the same frames.
 */
export async function filmScenes(scenes: readonly Scene[], seed: number): Promise<Buffer[]> {
  const folder = await mkdtemp(join(tmpdir(), "demo-frames-"));
  try {
    const film = join(folder, "film.mp4");
    const random = createRandom(HELD_OUT_SEED + seed);
    const raw = ["-f", "rawvideo", "-pix_fmt", "rgb24", "-s", `${FRAME_WIDTH}x${FRAME_HEIGHT}`];
    const codec = ["-c:v", "libx264", "-preset", "veryfast", "-crf", "23", "-pix_fmt", "yuv420p"];
    await ffmpeg([...raw, "-r", "1", "-i", "-", ...codec, film], async (write) => {
      for (const [at, scene] of scenes.entries()) {
        const options = { random: random.fork(`frame ${at}`), widthPx: 640, heightPx: 360 };
        await write(await renderScene(drawScene(scene, options)));
      }
    });
    await ffmpeg(["-i", film, "-q:v", "3", join(folder, "%06d.jpg")], async () => {});
    const names = (await readdir(folder)).filter((name) => name.endsWith(".jpg")).sort();
    return await Promise.all(names.map((name) => readFile(join(folder, name))));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Runs ffmpeg and feeds its standard input; rejects when it does not end well. */
export async function ffmpeg(
  args: readonly string[],
  feed: (write: (bytes: Buffer) => Promise<void>) => Promise<void>,
): Promise<void> {
  const child = spawn("ffmpeg", ["-v", "error", "-y", ...args], {
    stdio: ["pipe", "ignore", "inherit"],
  });
  const closed = once(child, "close");
  await feed(async (bytes) => {
    if (!child.stdin.write(bytes)) await once(child.stdin, "drain");
  });
  child.stdin.end();
  const [code] = await closed;
  if (code !== 0) throw new Error(`ffmpeg ended with ${code}. Is it installed, with libx264?`);
}
