import {
  type Adapter,
  type AdapterNotes,
  asAtelierError,
  askedText,
  type Card,
  type Clock,
  isRetryable,
  type Job,
  type JobRecord,
  type Log,
  type Services,
} from "#core";
import type { DiscordApi } from "../api/discord-api.ts";
import { isTokenDead } from "../api/discord-errors.ts";
import { createPictureFiles } from "../api/picture-files.ts";
import type { Tell, Withdraw } from "../listeners.ts";
import { renderProgress, renderQueued } from "../render.ts";
import { type DiscordTarget, targetOf } from "../target.ts";
import { draftCard, draftFailure, draftMessage, outgoing } from "./draft.ts";
import { checkPermissions } from "./permissions.ts";
import { createProgressReports } from "./progress.ts";
import {
  failureRoutes,
  isForAll,
  openRoutes,
  placeRoutes,
  privateRoutes,
  type Route,
  type RouteParts,
  showOnFirst,
} from "./routes.ts";
import { createShownMessages } from "./shown-messages.ts";
import { createStandIns } from "./stand-in.ts";
import { createSurfaces, type ShownMessage } from "./surfaces.ts";

/** A job does not wait long for its first message: it can be shown at the end, too. */
const BEGIN_WAIT_MS = 10_000;

/** Discord takes 50 calls a second: answers must not wait behind what only says that a job waits. */
const ANNOUNCING_MAX = 20;

export interface DiscordDelivery
  extends Required<Pick<Adapter, "begin" | "progress" | "pause" | "deliver">> {
  tell: Tell;
  withdraw: Withdraw;
  /** Shows how many jobs are before one that waits, where Discord has time for it. Never rejects. */
  announce(jobId: string, target: DiscordTarget): Promise<void>;
}

/** Shows in Discord what becomes of jobs; `begin`, `progress` and `deliver` are the port's. */
export function createDiscordDelivery({
  api,
  notes,
  services,
  spoilers = [],
  clock,
  log,
}: {
  api: DiscordApi;
  notes: AdapterNotes;
  services: Pick<
    Services,
    "commands" | "jobs" | "queue" | "stores" | "pictures" | "linkTtlSeconds"
  >;
  /** `all`, `age-restricted`, or ids of channels. */
  spoilers?: readonly string[];
  clock: Clock;
  log: Log;
}): DiscordDelivery {
  const surfaces = createSurfaces({ api, clock });
  const messages = createShownMessages({ notes, clock, log });
  const reports = createProgressReports({ clock, log });
  const draftParts = { pictureFiles: createPictureFiles(services), services };
  const replace = createStandIns({ surfaces, messages, draftParts, services, log });

  /** What comes later must not be overtaken by it. */
  const announcing = new Map<string, Promise<void>>();

  /** Whether everyone would read in the first response what only the person may. */
  const isTooOpen = (job: Job) => job.isPrivate && isForAll(targetOf(job));

  const isSpoiler = ({ channel, parentChannel = "", isAgeRestricted }: DiscordTarget) =>
    ["all", channel, parentChannel].some((each) => spoilers.includes(each)) ||
    (isAgeRestricted === true && spoilers.includes("age-restricted"));

  const inProgress = (job: Job) => ({
    jobId: job.id,
    askedBy: job.user,
    text: askedText(job, services.commands),
    doing: services.commands.find(({ name }) => name === job.command)?.doing,
  });

  /** The job's message as it stands when the job begins, and its steps from then on. */
  async function beginMessage(job: Job): Promise<void> {
    const target = targetOf(job);
    const before = await messages.find(job.id);
    const isMoved = before !== null && !before.isOriginal;
    if (target.response === "update" || isMoved || !surfaces.hasToken(target)) return;
    const first = outgoing(renderProgress({ ...inProgress(job), progress: null }));
    const shown = await surfaces.editOriginal(target, first, { waitMaxMs: BEGIN_WAIT_MS });
    await messages.keep(job.id, shown);
    reports.follow(job.id, {
      show: (message, options) => surfaces.editOriginal(target, message, options),
      render: (progress) => outgoing(renderProgress({ ...inProgress(job), progress })),
    });
  }

  /** The message of a job whose answer is elsewhere now. */
  async function takeDown(job: Job, shown: ShownMessage): Promise<void> {
    if (await clearOriginal(targetOf(job), job.id)) return;
    if (shown.isEphemeral) return;
    try {
      await surfaces.remove(shown);
    } catch (thrown) {
      const { kind } = asAtelierError(thrown);
      log.warn({ jobId: job.id, kind }, "a message stays although it is over");
    }
  }

  /** Takes away the first response; says whether it is gone. */
  async function clearOriginal(target: DiscordTarget, jobId?: string): Promise<boolean> {
    // There the first response is another job's message.
    if (target.response === "update") return true;
    if (!surfaces.hasToken(target)) return false;
    try {
      await surfaces.deleteOriginal(target);
      return true;
    } catch (thrown) {
      const { kind } = asAtelierError(thrown);
      if (kind === "not_found" && !isTokenDead(thrown)) return true;
      log.warn({ jobId, kind }, "the first response stays");
      return false;
    }
  }

  /**
   * The ways to show an answer. What only the person is to read needs the first response out of
   * the way where everyone sees that: while it is there, a follow-up takes its place.
   */
  async function waysFor(
    { id: jobId, isPrivate, failure }: JobRecord,
    parts: RouteParts,
  ): Promise<{ routes: Route[]; isCleared: boolean }> {
    const isOpen = isForAll(parts.target);
    const isForPerson = isPrivate || failure !== null || parts.target.response !== "public";
    if (!isForPerson) return { routes: openRoutes(parts), isCleared: false };
    const isCleared = isOpen && (await clearOriginal(parts.target, jobId));
    if (!isPrivate && failure !== null) {
      return { routes: failureRoutes(parts, { isCleared }), isCleared };
    }
    const routes = privateRoutes(parts);
    const isInTheWay = isOpen && !isCleared;
    return { routes: routes.filter(({ needsToken }) => !(isInTheWay && needsToken)), isCleared };
  }

  async function deliverAnswer(record: JobRecord, card: Card): Promise<void> {
    const { id: jobId, failure } = record;
    const target = targetOf(record);
    const before = await messages.find(jobId);
    if (before !== null && !before.isOriginal) {
      // Only an answer is anywhere else: it was shown, and then the process ended.
      await clearOriginal(target, jobId);
      return;
    }
    const draft =
      failure === null
        ? await draftCard(card, draftParts, { isSpoiler: isSpoiler(target) })
        : draftFailure(failure.message);
    const parts = { target, shown: before, surfaces, nonce: jobId };
    const { routes, isCleared } = await waysFor(record, parts);
    const shown = await showOnFirst(routes, draft, { jobId, log });
    await messages.keep(jobId, shown);
    if (before !== null && before.id !== shown.id && !isCleared) await takeDown(record, before);
  }

  /** In place; whoever cancelled it need not be told anywhere else. */
  async function deliverCancelled(record: JobRecord): Promise<void> {
    const { id: jobId } = record;
    const shown = await messages.find(jobId);
    const routes = placeRoutes({ target: targetOf(record), shown, surfaces });
    if (routes.length === 0) return;
    try {
      await showOnFirst(routes, draftFailure("Cancelled."), { jobId, log });
    } catch (thrown) {
      if (isRetryable(asAtelierError(thrown))) throw thrown;
    }
  }

  async function showPosition(jobId: string, target: DiscordTarget): Promise<void> {
    const position = services.queue.position(jobId);
    if (position === null || target.response === "update") return;
    try {
      const message = outgoing(renderQueued({ jobId, position }));
      await surfaces.editOriginal(target, message, { waitMaxMs: BEGIN_WAIT_MS });
    } catch (thrown) {
      log.info({ jobId, kind: asAtelierError(thrown).kind }, "a job waits unannounced");
    }
  }

  async function deliverStandIn(record: JobRecord, card: Card): Promise<void> {
    const { id: jobId } = record;
    const target = targetOf(record);
    const { draft, isShown } = await replace(record, card);
    if (!isShown) {
      const parts = { target, shown: null, surfaces, nonce: jobId };
      await showOnFirst(failureRoutes(parts, { isCleared: false }), draft, { jobId, log });
      return;
    }
    // The message itself says it.
    await clearOriginal(target, jobId);
  }

  return {
    async begin(job) {
      checkPermissions(targetOf(job));
      await announcing.get(job.id);
      if (isTooOpen(job)) return;
      try {
        await beginMessage(job);
      } catch (thrown) {
        const error = asAtelierError(thrown);
        if (error.kind === "not_allowed") throw error;
        log.warn({ jobId: job.id, kind: error.kind, err: error }, "job begins unannounced");
      }
    },

    async announce(jobId, target) {
      if (announcing.size >= ANNOUNCING_MAX) return;
      const shown = showPosition(jobId, target).finally(() => announcing.delete(jobId));
      announcing.set(jobId, shown);
      await shown;
    },

    async tell(to, message) {
      const isCleared = isForAll(to) && (await clearOriginal(to));
      const routes = failureRoutes({ target: to, shown: null, surfaces }, { isCleared });
      await showOnFirst(routes, draftMessage(message), { log });
    },

    async withdraw(from) {
      await clearOriginal(from);
    },

    progress: (job, progress) => reports.report(job.id, progress),
    pause: (job, last) => reports.settle(job.id, last),

    async deliver(record, card) {
      await Promise.all([reports.settle(record.id), announcing.get(record.id)]);
      if (await messages.isDelivered(record.id)) return;
      if (record.ending === "cancelled") await deliverCancelled(record);
      else if (record.failure === null && card.replaces !== undefined) {
        await deliverStandIn(record, card);
      } else await deliverAnswer(record, card);
      await messages.markDelivered(record.id);
    },
  };
}
