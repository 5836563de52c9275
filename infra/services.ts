import { commands } from "#commands";
import type {
  Adapter,
  Clock,
  Intake,
  Job,
  JobQueue,
  JobStore,
  JobTurn,
  Log,
  Metrics,
  NewId,
  Pictures,
  Services,
  StateStore,
  VideoStore,
} from "#core";
import { createDispatch } from "../src/dispatch.ts";
import { createIntake } from "../src/intake.ts";
import { createPictureCache } from "../src/recipe/picture-cache.ts";
import type { Settings } from "./settings.ts";

/** How much one person may have under way. */
export const PERSON_LIMITS = { running: 3, waiting: 10 };
const CACHE_CLAIM_SECONDS = 30;

/** What stands behind the ports in one process or function. */
export interface Parts {
  settings: Settings;
  state: StateStore;
  stores: Services["stores"];
  /** The first one draws when nobody chose. */
  imageModels: Services["imageModels"];
  pictures: Pictures;
  jobs: JobStore;
  queue: JobQueue;
  /** Absent: those of one process. */
  personLimits?: Services["personLimits"];
  openFrames: Services["openFrames"];
  videos: VideoStore | null;
  clock: Clock;
  log: Log;
  metrics: Metrics;
  newId: NewId;
}

/** What an adapter is made with. */
export interface AdapterParts {
  settings: Settings;
  services: Services;
  intake: Intake;
  state: StateStore;
  clock: Clock;
  log: Log;
  newId: NewId;
}

/** The parts put together. */
export interface Composition {
  services: Services;
  intake: Intake;
  /** By platform. */
  adapters: ReadonlyMap<string, Adapter>;
  /** Brings one accepted job to its end; see `createDispatch`. */
  dispatch(jobId: string, signal: AbortSignal): Promise<JobTurn>;
}

/**
 * Puts the parts together, the same in the one process and in every function; which driver stands
 * behind which port is the caller's choice. Loads no driver and no platform's SDK itself.
 */
export async function composeServices(
  parts: Parts,
  createAdapters: (parts: AdapterParts) => Promise<readonly Adapter[]>,
): Promise<Composition> {
  const { settings, state, stores, jobs, queue, clock, log, metrics, newId } = parts;
  const adapters = new Map<string, Adapter>();
  function adapterOf({ platform }: Job): Adapter {
    const adapter = adapters.get(platform);
    if (adapter === undefined) throw new Error(`No adapter for ${platform}.`);
    return adapter;
  }
  const services: Services = {
    commands,
    imageModels: parts.imageModels,
    stores,
    pictures: parts.pictures,
    cache: createPictureCache({
      state,
      outputs: stores.outputs,
      clock,
      log,
      metrics,
      ttlSeconds: settings.CACHE_TTL_SECONDS,
      claimSeconds: CACHE_CLAIM_SECONDS,
    }),
    jobs,
    queue,
    clock,
    personLimits: parts.personLimits ?? PERSON_LIMITS,
    linkTtlSeconds: settings.LINK_TTL_SECONDS,
    openFrames: parts.openFrames,
    videos: parts.videos,
    openAttachment: (attachment, job) => adapterOf(job).openAttachment(attachment, job),
    saveVideo: (attachment, job, options) => adapterOf(job).saveVideo(attachment, job, options),
  };
  const intake = createIntake(services);
  const created = await createAdapters({ settings, services, intake, state, clock, log, newId });
  for (const adapter of created) adapters.set(adapter.platform, adapter);
  return {
    services,
    intake,
    adapters,
    dispatch: createDispatch({ services, adapters, log, metrics }),
  };
}
