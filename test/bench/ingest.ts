import { mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createEmbedder, DEMO_MODEL } from "../../infra/clip-models.ts";
import { openIngestDesk } from "../fixtures/ingest-desk.ts";
import { makeLongVideo } from "../fixtures/long-video.ts";
import { missingForVideos } from "../fixtures/made-videos.ts";
import { timeMs } from "./measure.ts";
import { megabytes, type Section } from "./table.ts";

const MINUTES = 10;
const SAMPLE_MS = 250;

/** A film of ten minutes from its file to the first answer, with the demo model. */
export async function measureIngest(): Promise<Section> {
  const heading = `A film of ${MINUTES} minutes, 720p at 30 frames a second, with the demo model`;
  const missing = missingForVideos();
  if (missing !== null) return { heading, rows: [{ what: missing, value: "" }] };
  const folder = await mkdtemp(join(tmpdir(), "atelier-bench-film-"));
  const desk = await openIngestDesk();
  const { embedder } = await createEmbedder({
    CLIP_MODEL: DEMO_MODEL,
    CLIP_MODEL_DIR: undefined,
    DATA_DIR: desk.folder,
  });
  try {
    const path = join(folder, "film.mp4");
    await makeLongVideo(path, MINUTES);
    const { id } = await desk.join.add(path);
    const ingest = desk.join.ingest({ embedder });
    const signal = new AbortController().signal;
    const memory = watchMemory();
    const cpuBefore = process.cpuUsage();
    const wallMs = await timeMs(async () => {
      const video = await ingest.run(id, { signal, progress: () => {} });
      const [query] = await embedder.embedTexts(["a red car at night"], { signal });
      const filter = { videoIds: [video.id] };
      const options = { space: video.space, topK: 5, filter, signal };
      await desk.join.index.search(query?.embedding ?? new Float32Array(512), options);
    });
    const ownCpu = process.cpuUsage(cpuBefore);
    const peak = memory.stop();
    const segment = await desk.join.index.get(id, embedder.model.space);
    const times = [...(segment?.frames.map(({ timeMs: time }) => time) ?? []), MINUTES * 60_000];
    const gapMs = Math.max(...times.map((time, at) => time - (times[at - 1] ?? 0)));
    const frames = times.length - 1;
    const shots = new Set(segment?.frames.map(({ shot }) => shot)).size;
    const index = await bytesBelow(join(desk.join.root, "index"));
    const cache = await bytesBelow(join(desk.join.root, "embeddings-cache"));
    const thumbnails = await bytesBelow(join(desk.join.root, "frames"));
    const ownSeconds = (ownCpu.user + ownCpu.system) / 1e6;
    return {
      heading,
      rows: [
        {
          what: "from the file to the first answer",
          value: `${(wallMs / 1_000).toFixed(1)} s`,
          beside: "target: at most 60 s on 2 cores",
        },
        {
          what: "CPU time for it, of all cores",
          value: `${(ownSeconds + peak.ffmpegSeconds).toFixed(1)} s`,
          beside: `ffmpeg ${peak.ffmpegSeconds.toFixed(1)} s; half of it is the least wall time on 2 cores`,
        },
        {
          what: "frames kept",
          value: `${frames}`,
          beside: `in ${shots} shots; the film has ${(MINUTES * 60) / 12}`,
        },
        {
          what: "longest stretch without a frame",
          value: `${(gapMs / 1_000).toFixed(1)} s`,
          beside: "target: at most 8 s",
        },
        {
          what: "memory on top, peak",
          value: megabytes(peak.own),
          beside: `of this process; ffmpeg ${megabytes(peak.ffmpeg)}`,
        },
        {
          what: "stored for each frame beside its thumbnail",
          value: `${Math.round(index / frames)} B`,
          beside: `target: at most 1,600; for a week ${Math.round(cache / frames)} B more of embeddings-cache; thumbnail ${Math.round(thumbnails / frames)} B`,
        },
      ],
    };
  } finally {
    await embedder.close();
    await desk.join.index.close();
    await desk.close();
    await rm(folder, { recursive: true, force: true });
  }
}

/** The largest growth of this process and the largest ffmpeg below it, where /proc tells (Linux). */
function watchMemory() {
  const before = process.memoryUsage.rss();
  const peak = { own: 0, ffmpeg: 0, ffmpegSeconds: 0 };
  const sample = async () => {
    peak.own = Math.max(peak.own, process.memoryUsage.rss() - before);
    const children = await readFile(`/proc/self/task/${process.pid}/children`, "utf8").catch(
      () => "",
    );
    for (const pid of children.split(" ").filter(Boolean)) {
      const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "");
      const kilobytes = Number(/^VmHWM:\s+(\d+)/mu.exec(status)?.[1] ?? 0);
      if (!/^Name:\s+ffmpeg/mu.test(status)) continue;
      const times = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
      // Fields 14 and 15, in hundredths of a second (proc(5)).
      const [user = 0, system = 0] = times.split(" ").slice(13, 15).map(Number);
      peak.ffmpegSeconds = Math.max(peak.ffmpegSeconds, (user + system) / 100);
      peak.ffmpeg = Math.max(peak.ffmpeg, kilobytes * 1_024);
    }
  };
  const timer = setInterval(() => void sample(), SAMPLE_MS);
  return {
    stop() {
      clearInterval(timer);
      return peak;
    },
  };
}

async function bytesBelow(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = entries.filter((entry) => entry.isFile());
  const sizes = await Promise.all(
    files.map(async ({ parentPath, name }) => (await stat(join(parentPath, name))).size),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}
