import { z } from "zod";
import { abortable } from "../abortable.ts";
import type {
  BlobStore,
  Clock,
  Log,
  Metrics,
  StateItem,
  StateStore,
  WriteCondition,
} from "../ports/index.ts";

/** A finished picture as the cache keeps it. */
export interface CachedPicture {
  key: string;
  seed: number;
  mediaType: "image/png" | "image/jpeg" | "image/webp";
  widthPx: number;
  heightPx: number;
  model: string;
  /** The job that made it and the identity that had it made. */
  jobId: string;
  madeBy: string;
}

export interface MakeOptions {
  /** Who holds the claim; the same owner may take its own claim again after a crash. */
  owner: string;
  signal: AbortSignal;
  /** What the recipe says, for people who read the table. */
  parameters: Readonly<Record<string, string | number>>;
  /** Draws the picture and stores it. Called at most once, and only with the claim held. */
  make: () => Promise<CachedPicture>;
}

export interface Made {
  picture: CachedPicture;
  isFromCache: boolean;
}

const readySchema = z.object({
  status: z.literal("ready"),
  timestamp: z.string(),
  model: z.string(),
  parameters: z.object({ seed: z.number() }),
  object_key: z.string(),
  media_type: z.enum(["image/png", "image/jpeg", "image/webp"]),
  width_px: z.number().int().positive(),
  height_px: z.number().int().positive(),
  job_id: z.string(),
  made_by: z.string(),
});

const FIRST_WAIT_MS = 40;
const LONGEST_WAIT_MS = 1_000;

/**
 * Results by `prompt_hash`, with one maker per hash at a time: the first asker takes a claim,
 * everyone else waits for its result, in this process and in others on the same table.
 */
export function createPictureCache({
  state,
  outputs,
  clock,
  log,
  metrics,
  ttlSeconds,
  claimSeconds,
}: {
  state: StateStore;
  outputs: BlobStore;
  clock: Clock;
  log: Log;
  metrics: Metrics;
  ttlSeconds: number;
  /** How long a claim holds without a sign of its owner. */
  claimSeconds: number;
}) {
  const nowSeconds = () => Math.floor(clock.nowMs() / 1000);
  const timestamp = () => new Date(clock.nowMs()).toISOString();

  /** The picture of a ready item whose object still exists; null for damaged and vanished ones. */
  async function readPicture(item: StateItem): Promise<CachedPicture | null> {
    const parsed = readySchema.safeParse(item);
    if (!parsed.success || !(await outputs.has(parsed.data.object_key))) return null;
    const { data } = parsed;
    return {
      key: data.object_key,
      seed: data.parameters.seed,
      mediaType: data.media_type,
      widthPx: data.width_px,
      heightPx: data.height_px,
      model: data.model,
      jobId: data.job_id,
      madeBy: data.made_by,
    };
  }

  async function claim(hash: string, owner: string, anyOf: readonly WriteCondition[]) {
    return state.put(
      "cache",
      {
        prompt_hash: hash,
        status: "pending",
        owner,
        timestamp: timestamp(),
        expires_at: nowSeconds() + claimSeconds,
      },
      anyOf,
    );
  }

  /** A hit, or null once the claim is taken. */
  async function findOrClaim(hash: string, owner: string, signal: AbortSignal) {
    let hasWaited = false;
    for (let waitMs = FIRST_WAIT_MS; ; waitMs = Math.min(waitMs * 1.6, LONGEST_WAIT_MS)) {
      signal.throwIfAborted();
      const item = await state.get("cache", hash);
      const isPending =
        item?.status === "pending" &&
        typeof item.owner === "string" &&
        typeof item.expires_at === "number";
      if (item !== null && !isPending) {
        const picture = await readPicture(item);
        if (picture !== null) {
          metrics.cacheRead({ outcome: hasWaited ? "waited" : "hit" });
          return picture;
        }
      }
      if (item === null || !isPending || item.owner === owner) {
        const seen: WriteCondition[] = item === null ? [] : [unchanged(item)];
        if (await claim(hash, owner, [{ kind: "absent" }, { kind: "expired" }, ...seen])) {
          metrics.cacheRead({ outcome: "miss" });
          return null;
        }
      }
      hasWaited = true;
      await clock.sleep(waitMs, signal);
    }
  }

  async function findOrMake(hash: string, options: MakeOptions): Promise<Made> {
    const found = await findOrClaim(hash, options.owner, options.signal);
    if (found !== null) return { picture: found, isFromCache: true };
    const own = {
      kind: "equals",
      attributes: { status: "pending", owner: options.owner },
    } as const;
    const renewal = new AbortController();
    void renewClaim(hash, options.owner, own, renewal.signal);
    try {
      const picture = await options.make();
      await keep(hash, picture, options.parameters);
      return { picture, isFromCache: false };
    } catch (thrown) {
      await state.delete("cache", hash, [own]).catch(() => {
        // Then the claim runs out by itself; why the picture failed is what matters.
      });
      throw thrown;
    } finally {
      renewal.abort();
    }
  }

  /** Keeps a claim alive while its picture is drawn; others take it over soon after this stops. */
  async function renewClaim(
    hash: string,
    owner: string,
    own: WriteCondition,
    signal: AbortSignal,
  ): Promise<void> {
    try {
      for (;;) {
        await clock.sleep((claimSeconds * 1000) / 3, signal);
        await claim(hash, owner, [own]).catch(() => {
          // The table is away: the next beat may still be in time, else another asker takes over.
        });
      }
    } catch {
      // The signal ended it.
    }
  }

  /** The picture exists, and may have been paid for: that it cannot be remembered is no reason to lose it. */
  async function keep(
    hash: string,
    picture: CachedPicture,
    parameters: Readonly<Record<string, string | number>>,
  ): Promise<void> {
    try {
      await state.put("cache", readyItem(hash, picture, parameters));
    } catch (thrown) {
      log.warn({ jobId: picture.jobId, err: thrown }, "picture could not be put into the cache");
    }
  }

  function readyItem(
    hash: string,
    picture: CachedPicture,
    parameters: Readonly<Record<string, string | number>>,
  ): StateItem {
    return {
      prompt_hash: hash,
      status: "ready",
      s3_url: `s3://${outputs.bucket}/${picture.key}`,
      timestamp: timestamp(),
      expires_at: nowSeconds() + ttlSeconds,
      model: picture.model,
      parameters: { ...parameters, seed: picture.seed },
      object_key: picture.key,
      media_type: picture.mediaType,
      width_px: picture.widthPx,
      height_px: picture.heightPx,
      job_id: picture.jobId,
      made_by: picture.madeBy,
    };
  }

  /** Makers of this process by hash, so that a crowd waits on one promise and not on the table. */
  const makers = new Map<string, { made: Promise<Made>; signal: AbortSignal }>();

  return {
    /**
     * The cached picture, or the one that `make` draws. Waits while someone else makes it, takes
     * over from a maker that died, and counts damaged items and vanished objects as misses. A
     * failure of the maker reaches everyone who waited for it in this process, unless it was
     * only that maker's own job that ended.
     */
    async getOrMake(hash: string, options: MakeOptions): Promise<Made> {
      for (;;) {
        options.signal.throwIfAborted();
        const maker = makers.get(hash);
        if (maker === undefined) {
          const made = findOrMake(hash, options).finally(() => makers.delete(hash));
          makers.set(hash, { made, signal: options.signal });
          return await made;
        }
        try {
          const { picture } = await abortable(maker.made, options.signal);
          metrics.cacheRead({ outcome: "waited" });
          return { picture, isFromCache: true };
        } catch (thrown) {
          if (!maker.signal.aborted) throw thrown;
        }
      }
    },

    /** Writes the result under a further hash; logs, and does not reject, when it cannot. */
    keep,

    /** The result without waiting or claiming, or null. */
    async find(hash: string): Promise<CachedPicture | null> {
      const item = await state.get("cache", hash);
      return item === null ? null : readPicture(item);
    },

    /** Forgets the result if it still is that object. */
    async forget(hash: string, key: string): Promise<void> {
      await state.delete("cache", hash, [{ kind: "equals", attributes: { object_key: key } }]);
    },
  };
}

export type PictureCache = ReturnType<typeof createPictureCache>;

/** Holds while nobody has replaced the item that was read. */
function unchanged(item: StateItem): WriteCondition {
  const attributes: Record<string, string | number | null> = {};
  for (const name of ["status", "owner", "timestamp", "object_key"]) {
    const value = item[name];
    if (value === undefined) attributes[name] = null;
    // A damaged item may hold anything; what no condition can compare is left out of it.
    else if (typeof value === "string" || typeof value === "number") attributes[name] = value;
  }
  return { kind: "equals", attributes };
}
