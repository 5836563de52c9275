/** Draws the demo videos: `write-videos.ts <folder>`. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createRandom, type Random } from "../../../src/drivers/sketch/random.ts";
import { drawScene } from "./draw-scene.ts";
import { ffmpeg, HELD_OUT_SEED, renderScene } from "./held-out-frames.ts";
import { FRAME_HEIGHT, FRAME_WIDTH } from "./place-drawings.ts";
import { type Shot, type Story, stories } from "./video-stories.ts";

const FRAMES_PER_SECOND = 25;
const LICENCE = "Drawn by this repository's scene grammar; MIT, as the rest of it.";

const [folder = "infra/demo/videos"] = process.argv.slice(2);
const root = createRandom(HELD_OUT_SEED).fork("videos");

/** One frame of a shot: the camera moves in or out, and the things drift a little. */
function frameOf({ scene }: Shot, progress: number, random: Random): string {
  const motion = random.fork("motion");
  const isMovingIn = motion.chance(0.5);
  const zoom = 1.02 + 0.1 * (isMovingIn ? progress : 1 - progress);
  const [slackX, slackY] = [FRAME_WIDTH * (1 - 1 / zoom), FRAME_HEIGHT * (1 - 1 / zoom)];
  const camera = { zoom, xPx: slackX / 2, yPx: slackY * 0.75 };
  const driftPx = motion.between(-26, 26) * (progress - 0.5);
  const size = { widthPx: FRAME_WIDTH, heightPx: FRAME_HEIGHT };
  return drawScene(scene, { random: random.fork("drawing"), camera, driftPx, ...size });
}

async function film(story: Story): Promise<void> {
  const size = `${FRAME_WIDTH}x${FRAME_HEIGHT}`;
  const input = ["-f", "rawvideo", "-pix_fmt", "rgb24", "-s", size, "-r", `${FRAMES_PER_SECOND}`];
  const codec = ["-c:v", "libx264", "-preset", "slow", "-crf", "28", "-pix_fmt", "yuv420p"];
  const meta = ["-metadata", `title=${story.title}`, "-fflags", "+bitexact"];
  const output = [...codec, ...meta, "-movflags", "+faststart", join(folder, story.file)];
  await ffmpeg([...input, "-i", "-", ...output], async (write) => {
    for (const shot of story.shots) {
      const count = shot.seconds * FRAMES_PER_SECOND;
      for (let at = 0; at < count; at++)
        await write(await renderScene(frameOf(shot, at / (count - 1), root.fork(shot.caption))));
    }
  });
}

function described({ title, file, shots }: Story) {
  let fromMs = 0;
  const timed = shots.map(({ caption, seconds }) => {
    const toMs = fromMs + seconds * 1000;
    const entry = { fromMs, toMs, caption };
    fromMs = toMs;
    return entry;
  });
  return { title, file, durationMs: fromMs, shots: timed };
}

await mkdir(folder, { recursive: true });
for (const story of stories) await film(story);
const list = { license: LICENCE, videos: stories.map(described) };
await writeFile(join(folder, "videos.json"), `${JSON.stringify(list, null, 2)}\n`);
