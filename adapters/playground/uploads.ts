import { randomUUID } from "node:crypto";
import { copyFile, link, mkdir, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import {
  AtelierError,
  type Clock,
  type GivenVideo,
  type SaveVideo,
  type Services,
  saveStream,
} from "#core";

/** Videos that no message took within a day are nobody's. */
const KEPT_MS = 24 * 3_600_000;
/** Told from the ids of pictures, which are their SHA-256. */
const VIDEO_ID = /^v[0-9a-f]{32}$/u;
const FILE_NAME_MAX = 200;

const aboutSchema = z.object({ title: z.string(), mediaType: z.string() });

/** Whether that is the id of a video. */
export function isVideoId(id: string): boolean {
  return VIDEO_ID.test(id);
}

/** Videos that people gave the page, in a folder, until the job that they are for has ended. */
export function createUploads({
  dir,
  services,
  clock,
}: {
  dir: string;
  services: Pick<Services, "openFrames">;
  clock: Clock;
}) {
  const videoPath = (id: string) => join(dir, `${id}.video`);
  const aboutPath = (id: string) => join(dir, `${id}.json`);

  async function forget(id: string): Promise<void> {
    if (!isVideoId(id)) return;
    await Promise.all([videoPath(id), aboutPath(id)].map((path) => rm(path, { force: true })));
  }

  async function removeOld(): Promise<void> {
    const oldestMs = clock.nowMs() - KEPT_MS;
    for (const name of await readdir(dir).catch(() => [])) {
      const path = join(dir, name);
      const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Number.POSITIVE_INFINITY }));
      if (mtimeMs < oldestMs) await rm(path, { force: true });
    }
  }

  return {
    forget,
    removeOld,

    /** Takes a request's body, piece by piece; returns the video's id. Rejects with `invalid_input`. */
    async receive(request: Request, fileName: string): Promise<string> {
      const { openFrames } = services;
      if (openFrames === null) {
        throw new AtelierError(
          "invalid_input",
          "Videos are not set up here: there is no place to keep them. The operator can set MEDIA_BUCKET.",
        );
      }
      const { videoMaxBytes: maxBytes } = await openFrames();
      if (Number(request.headers.get("Content-Length") ?? 0) > maxBytes) {
        const most = Math.floor(maxBytes / 1_000_000).toLocaleString("en");
        throw new AtelierError(
          "invalid_input",
          `That video is over ${most} MB, the most I take. Send a shorter or smaller one.`,
        );
      }
      if (request.body === null) throw new AtelierError("invalid_input", "That video is empty.");
      await mkdir(dir, { recursive: true });
      await removeOld();
      const id = `v${randomUUID().replaceAll("-", "")}`;
      const mediaType = request.headers.get("Content-Type") ?? "video/mp4";
      const about = { title: fileName.slice(0, FILE_NAME_MAX) || "Video", mediaType };
      const { signal } = request;
      const sizeBytes = await saveStream(request.body, { path: videoPath(id), maxBytes, signal });
      if (sizeBytes === 0) {
        await forget(id);
        throw new AtelierError("invalid_input", "That video is empty.");
      }
      await writeFile(aboutPath(id), JSON.stringify(about));
      return id;
    },

    /** The port's `saveVideo`; rejects with `not_found` when it is not there any more. */
    async save(id: string, { path }: SaveVideo): Promise<GivenVideo> {
      try {
        if (!isVideoId(id)) throw new Error(`${id} is no video's id.`);
        const about = aboutSchema.parse(JSON.parse(await readFile(aboutPath(id), "utf8")));
        // The same bytes under another name, where both are on one disk.
        await link(videoPath(id), path).catch(() => copyFile(videoPath(id), path));
        return about;
      } catch (cause) {
        throw new AtelierError("not_found", "That video is not here any more. Attach it again.", {
          cause,
        });
      }
    },
  };
}
