import { spawn } from "node:child_process";
import { once } from "node:events";

/** ffmpeg's own test sources, by what the demo model calls them. */
const sources = {
  bars: ["smptebars", "smptehdbars", "pal75bars", "pal100bars"],
  pattern: ["testsrc", "testsrc2"],
} as const;

/** `count` frames of each kind as square raw RGB pictures, spread over the sources' time. */
export async function testSourceFrames(
  picture: keyof typeof sources,
  count: number,
  edgePx: number,
): Promise<Buffer[]> {
  const each = Math.ceil(count / sources[picture].length);
  const lists = await Promise.all(sources[picture].map((name) => framesOf(name, each, edgePx)));
  return lists.flat().slice(0, count);
}

async function framesOf(name: string, count: number, edgePx: number): Promise<Buffer[]> {
  const input = `${name}=size=640x360:rate=5`;
  const scale = `scale=${edgePx}:${edgePx}:flags=bicubic`;
  const output = ["-frames:v", String(count), "-pix_fmt", "rgb24", "-f", "rawvideo", "-"];
  const args = ["-v", "error", "-f", "lavfi", "-i", input, "-vf", scale, ...output];
  const child = spawn("ffmpeg", args, { stdio: ["ignore", "pipe", "inherit"] });
  const parts: Buffer[] = [];
  child.stdout.on("data", (part: Buffer) => parts.push(part));
  const [code] = await once(child, "close");
  if (code !== 0) throw new Error(`ffmpeg could not make ${name}. Is ffmpeg 4 or later installed?`);
  const all = Buffer.concat(parts);
  const size = edgePx * edgePx * 3;
  return Array.from({ length: Math.floor(all.length / size) }, (_, at) =>
    all.subarray(at * size, (at + 1) * size),
  );
}
