import { mkdtemp, rm } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { AutoProcessor, env, RawImage } from "@huggingface/transformers";
import sharp from "sharp";
import { type Precision, readClipModelFolder } from "../../src/drivers/onnx/clip-model-folder.ts";
import { normalisePixels, preparePixels } from "../../src/drivers/onnx/clip-preprocessing.ts";
import { createOnnxEmbedder } from "../../src/drivers/onnx/onnx-embedder.ts";
import { resample } from "../../src/drivers/onnx/resample.ts";
import { startBareSessions, startTransformers } from "./embedding-rivals.ts";
import { measureFirstText } from "./first-text.ts";
import { interleave, median } from "./measure.ts";
import { writeRandomClip } from "./random-clip.ts";
import { type Row, ratio, type Section } from "./table.ts";

const ROUNDS = 5;
const WARM_UP_ROUNDS = 1;
/** Of each core in each round. */
const PICTURES = { int8: 12, fp32: 6 };
const PREPARED = 40;

/**
 * Pictures and texts to embeddings, on a graph of ViT-B/32's shape with random weights. All that
 * is compared runs in turn on the same JPEGs of 640 × 360, the size of a thumbnail.
 */
export async function measureEmbedding(): Promise<Section> {
  const folder = await mkdtemp(join(tmpdir(), "atelier-random-clip-"));
  try {
    await writeRandomClip(folder);
    const jpegs = await Promise.all(Array.from({ length: 4 }, (_, at) => drawJpeg(at, 640, 360)));
    const rows = [
      ...(await measurePreprocessing(folder)),
      ...(await measurePictures(folder, "int8", jpegs)),
      ...(await measurePictures(folder, "fp32", jpegs)),
      ...(await measureFirstText(folder)),
    ];
    return { heading: "Embedding (ViT-B/32's shape, random weights)", rows };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function measurePreprocessing(folder: string): Promise<Row[]> {
  env.allowRemoteModels = false;
  env.localModelPath = dirname(folder);
  const processor = await AutoProcessor.from_pretrained(basename(folder), {});
  const { pictures } = await readClipModelFolder(folder);
  const theirs = async (jpeg: Uint8Array): Promise<Float32Array> => {
    const { pixel_values } = await processor(
      await RawImage.fromBlob(new Blob([Buffer.from(jpeg)])),
    );
    return pixel_values.data;
  };
  const ours = async (jpeg: Uint8Array) =>
    normalisePixels(await preparePixels(jpeg, pictures), pictures);
  const jpeg = await drawJpeg(0, 1280, 720);
  const reference = await referencePixels(jpeg);
  const expected = normalisePixels(reference, pictures);
  // Back in bytes: the three standard deviations differ by 3 % only.
  const error = (values: Float32Array) =>
    (values.reduce((sum, value, at) => sum + Math.abs(value - (expected[at] ?? 0)), 0) *
      0.27 *
      255) /
    values.length;
  const [errorOfOurs, errorOfTheirs] = [error(await ours(jpeg)), error(await theirs(jpeg))];
  const repeat = (prepare: (jpeg: Uint8Array) => Promise<unknown>) => async () => {
    for (let done = 0; done < PREPARED; done++) await prepare(jpeg);
  };
  const times = await interleave(
    { ours: repeat(ours), theirs: repeat(theirs) },
    { rounds: ROUNDS, warmUpRounds: WARM_UP_ROUNDS },
  );
  const perSecond = (list: number[]) => (PREPARED * 1000) / median(list);
  const [speed, theirSpeed] = [perSecond(times.ours), perSecond(times.theirs)];
  return [
    {
      what: "preprocessing error, 720p, mean of 255",
      value: errorOfOurs.toFixed(2),
      beside: `transformers.js ${errorOfTheirs.toFixed(2)}; reference: Pillow's bicubic`,
    },
    {
      what: "preprocessing, 720p JPEG, one at a time",
      value: `${speed.toFixed(0)}/s`,
      beside: `transformers.js ${theirSpeed.toFixed(0)}/s, ${ratio(speed, theirSpeed)}`,
    },
  ];
}

async function measurePictures(
  path: string,
  precision: Precision,
  jpegs: readonly Uint8Array[],
): Promise<Row[]> {
  const cores = availableParallelism();
  const folder = await readClipModelFolder(path, { precision });
  const embedder = await createOnnxEmbedder({ folder, sessions: cores });
  const bare = await startBareSessions(folder.graphs.vision, cores);
  const rival = await startTransformers({ folder: path, dtype: precision, jpegs }, cores);
  const count = PICTURES[precision];
  const list = Array.from({ length: count * cores }, (_, at) => jpegs[at % jpegs.length]);
  const pictures = list.filter((jpeg) => jpeg !== undefined);
  const { signal } = new AbortController();
  try {
    const cpuMs = { ours: [0], bare: [0], transformers: [0] };
    const counted = (name: keyof typeof cpuMs, work: () => Promise<unknown>) => async () => {
      const before = process.cpuUsage();
      await work();
      const { user, system } = process.cpuUsage(before);
      cpuMs[name].push((user + system) / 1000);
    };
    const times = await interleave(
      {
        ours: counted("ours", () => embedder.embedPictures(pictures, { signal })),
        bare: counted("bare", () => bare.run(count)),
        transformers: counted("transformers", () => rival.run(count)),
      },
      { rounds: ROUNDS, warmUpRounds: WARM_UP_ROUNDS },
    );
    const perSecond = (milliseconds: number[]) => (count * 1000) / median(milliseconds);
    // On a machine with other work the processor's own clock still compares them.
    const perCpuSecond = (milliseconds: number[]) =>
      (count * cores * 1000) / median(milliseconds.slice(1 + WARM_UP_ROUNDS));
    const row = (what: string, ours: number, most: number, theirs: number): Row => ({
      what: `pictures from JPEG, ${precision}, per ${what}`,
      value: `${ours.toFixed(1)}/s`,
      beside: `bare sessions on ready tensors ${most.toFixed(1)}/s (${Math.round((100 * ours) / most)} %, target 85 %); transformers.js ${theirs.toFixed(1)}/s (${ratio(ours, theirs)}, target 1.2 ×)`,
    });
    const { ours, bare: most, transformers: theirs } = times;
    return [
      row("core", perSecond(ours), perSecond(most), perSecond(theirs)),
      row(
        "CPU second",
        perCpuSecond(cpuMs.ours),
        perCpuSecond(cpuMs.bare),
        perCpuSecond(cpuMs.transformers),
      ),
    ];
  } finally {
    await Promise.all([embedder.close(), bare.close(), rival.close()]);
  }
}

/** The middle 224 × 224 after Pillow's way of resizing; a test holds `resample` to Pillow's pixels. */
async function referencePixels(jpeg: Uint8Array) {
  const { data, info } = await sharp(jpeg).raw().toBuffer({ resolveWithObject: true });
  const source = { pixels: data, widthPx: info.width, heightPx: info.height };
  const widthPx = Math.floor((224 * info.width) / info.height);
  const left = Math.floor((widthPx - 224) / 2);
  return resample(source, {
    to: { widthPx, heightPx: 224 },
    window: { left, top: 0, widthPx: 224, heightPx: 224 },
    kernel: "cubic",
  });
}

/** Shapes, fine lines and grain, as frames have them. */
async function drawJpeg(which: number, width: number, height: number): Promise<Uint8Array> {
  const lines = Array.from(
    { length: 60 },
    (_, at) =>
      `<line x1="${(at * width) / 60}" y1="0" x2="${width - (at * width) / 60}" y2="${height}" stroke="hsl(${at * 6 + which * 40} 70% 50%)" stroke-width="${1 + (at % 4)}"/>`,
  );
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">
    <rect width="100%" height="100%" fill="hsl(${which * 80} 40% 60%)"/>${lines.join("")}
    <circle cx="${width / 2}" cy="${height / 2}" r="${height / 4}" fill="hsl(${which * 50} 80% 40%)"/></svg>`;
  const grain = await sharp({
    create: {
      width,
      height,
      channels: 3,
      background: "#808080",
      noise: { type: "gaussian", mean: 128, sigma: 8 },
    },
  })
    .png()
    .toBuffer();
  return sharp(Buffer.from(svg))
    .composite([{ input: grain, blend: "soft-light" }])
    .removeAlpha()
    .jpeg({ quality: 85 })
    .toBuffer();
}
