import { z } from "zod";
import { AtelierError } from "../errors.ts";
import type { StateIndex, StateItem, StateStore } from "../ports/index.ts";
import type { Video, VideoStore } from "./video.ts";

const PAGE = 200;
const CHANGE_TRIES = 20;
const ALL_VIDEOS = "videos";
const listingKey = (id: string) => `video#${id}`;
const libraryKey = (library: string) => `videos#${library}`;

/** An item of the table `videos`: docs/contracts.md section 6, and what else we need to know. */
const itemSchema = z.object({
  video_id: z.string(),
  title: z.string(),
  duration_ms: z.number().default(0),
  frame_count: z.number().default(0),
  status: z.enum(["uploaded", "indexing", "ready", "failed"]),
  indexed_at: z.string().nullish(),
  model: z.string().nullish(),
  library: z.string(),
  source_key: z.string(),
  source_etag: z.string().optional(),
  media_type: z.string(),
  failure: z.string().nullish(),
  added_by: z.string(),
  added_at_ms: z.number(),
  revision: z.number(),
});
const listingSchema = z.object({ video_id: z.string(), at: z.string() });

/**
 * The videos, each an item of the table `videos`; an item of the state table lists it for its
 * library. The listing is written first and removed last: one that a crash left without its
 * video is passed over, and a video is never without its listing. `bucket` is the media store's.
 */
export function createVideoStore({
  state,
  bucket,
}: {
  state: StateStore;
  bucket: string;
}): VideoStore {
  function toItem(video: Video, revision: number): StateItem {
    return {
      video_id: video.id,
      title: video.title,
      source_s3: `s3://${bucket}/${video.sourceKey}`,
      duration_ms: video.durationMs,
      frame_count: video.frameCount,
      status: video.status,
      indexed_at: video.indexedAtMs === null ? null : new Date(video.indexedAtMs).toISOString(),
      model: video.space,
      library: video.library,
      source_key: video.sourceKey,
      ...(video.sourceEtag !== undefined && { source_etag: video.sourceEtag }),
      media_type: video.mediaType,
      failure: video.failure,
      added_by: video.addedBy,
      added_at_ms: video.addedAtMs,
      revision,
    };
  }

  function toListing(video: Video): StateItem {
    return {
      pk: listingKey(video.id),
      at: `${new Date(video.addedAtMs).toISOString()}#${video.id}`,
      place_key: libraryKey(video.library),
      user_key: ALL_VIDEOS,
      video_id: video.id,
    };
  }

  async function read(id: string): Promise<{ video: Video; revision: number } | null> {
    const item = await state.get("videos", id);
    if (item === null) return null;
    const parsed = itemSchema.safeParse(item);
    // The table is open to other programs; what they put there is not ours to show.
    if (!parsed.success) return null;
    const { data } = parsed;
    const video: Video = {
      id: data.video_id,
      library: data.library,
      title: data.title,
      sourceKey: data.source_key,
      ...(data.source_etag !== undefined && { sourceEtag: data.source_etag }),
      mediaType: data.media_type,
      durationMs: data.duration_ms,
      frameCount: data.frame_count,
      status: data.status,
      failure: data.failure ?? null,
      space: data.model ?? "",
      addedBy: data.added_by,
      addedAtMs: data.added_at_ms,
      indexedAtMs: data.indexed_at == null ? null : Date.parse(data.indexed_at),
    };
    return { video, revision: data.revision };
  }

  async function listBy(index: StateIndex, value: string): Promise<Video[]> {
    const ids: string[] = [];
    let beyond: string | undefined;
    for (;;) {
      const page = await state.query(index, value, {
        newestFirst: true,
        limit: PAGE,
        ...(beyond === undefined ? {} : { beyond }),
      });
      const listings = page.map((item) => listingSchema.parse(item));
      ids.push(...listings.map(({ video_id }) => video_id));
      beyond = listings.at(-1)?.at;
      if (listings.length < PAGE) break;
    }
    const found = await Promise.all(ids.map(read));
    return found.flatMap((each) => (each === null ? [] : [each.video]));
  }

  return {
    async find(id) {
      return (await read(id))?.video ?? null;
    },

    async add(video) {
      const list = () => state.put("state", toListing(video), [{ kind: "absent" }]);
      await list();
      const isNew = await state.put("videos", toItem(video, 1), [{ kind: "absent" }]);
      // Again: a removal of the same video that was under way may have taken the listing.
      if (isNew) await list();
      return isNew;
    },

    async change(id, changes) {
      for (let attempt = 0; attempt < CHANGE_TRIES; attempt++) {
        const found = await read(id);
        if (found === null) return null;
        const next = { ...found.video, ...changes };
        const seen = { revision: found.revision };
        const isWritten = await state.put("videos", toItem(next, found.revision + 1), [
          { kind: "equals", attributes: seen },
        ]);
        if (isWritten) return next;
      }
      throw new AtelierError("unavailable", "This video is being changed. Try again in a moment.");
    },

    async remove(id) {
      await state.delete("videos", id);
      await state.delete("state", listingKey(id));
    },

    list: (library) => listBy("place", libraryKey(library)),
    listAll: () => listBy("user", ALL_VIDEOS),
  };
}
