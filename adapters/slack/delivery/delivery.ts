import {
  type Adapter,
  type AdapterNotes,
  AtelierError,
  asAtelierError,
  type Card,
  type Clock,
  commandList,
  type Job,
  type JobRecord,
  type Log,
  type Services,
} from "#core";
import type { SlackApi } from "../api/slack-api.ts";
import { slackErrorCode } from "../api/slack-errors.ts";
import type { SlackFiles } from "../api/slack-files.ts";
import { renderHome } from "../blocks/app-home.ts";
import { askedText } from "../blocks/asked-text.ts";
import { renderProgress, type SlackMessage } from "../render.ts";
import { isDirect, type SlackTarget, targetOf } from "../target.ts";
import { draftCard, draftFailure, draftMessage, readyCard } from "./draft.ts";
import { createProgressReports } from "./progress.ts";
import { openRoutes, privateRoutes, showOnFirst } from "./routes.ts";
import { createShownMessages } from "./shown-messages.ts";
import { createStandIns } from "./stand-in.ts";
import { createSurfaces, isOwnPlace } from "./surfaces.ts";

/** A job does not wait long for its first message: it can be shown at the end, too. */
const BEGIN_WAIT_MS = 10_000;

export interface SlackDelivery extends Required<Pick<Adapter, "begin" | "progress" | "deliver">> {
  /** Says something to one person, where they are or else in a direct message. */
  tell(to: SlackTarget, message: SlackMessage): Promise<void>;
}

/** Shows in Slack what becomes of jobs; the members but `tell` are the port's. */
export function createSlackDelivery({
  api,
  files,
  notes,
  services,
  clock,
  log,
}: {
  api: SlackApi;
  files: SlackFiles;
  notes: AdapterNotes;
  services: Pick<Services, "commands" | "jobs" | "stores" | "linkTtlSeconds">;
  clock: Clock;
  log: Log;
}): SlackDelivery {
  const surfaces = createSurfaces({ api, clock });
  const messages = createShownMessages(notes);
  const reports = createProgressReports({ surfaces, clock, log });
  const draftParts = { files, services };
  const replace = createStandIns({ surfaces, messages, draftParts, services, log });

  const isForAll = (job: Job) => !job.isPrivate || isOwnPlace(targetOf(job));

  const inProgress = (job: Job) => ({
    jobId: job.id,
    askedBy: job.user,
    text: askedText(job, services.commands),
  });

  async function beginMessage(job: Job): Promise<void> {
    const target = targetOf(job);
    let shown = await messages.find(job.id);
    if (shown === null) {
      const first = renderProgress({ ...inProgress(job), progress: null });
      shown = await surfaces.post(target, first, { waitMaxMs: BEGIN_WAIT_MS });
      await messages.keep(job.id, shown);
    }
    reports.follow(job.id, {
      shown,
      render: (progress) => renderProgress({ ...inProgress(job), progress }),
    });
  }

  /** Removes the message of a job that has nothing to show. */
  async function takeDown(jobId: string): Promise<void> {
    const shown = await messages.find(jobId);
    if (shown === null) return;
    try {
      await surfaces.remove(shown);
    } catch (thrown) {
      const { kind } = asAtelierError(thrown);
      if (kind !== "not_found")
        log.warn({ jobId, kind }, "a message stays although its job is over");
    }
    await messages.forget(jobId, shown);
  }

  async function publishHome(record: JobRecord, card: Card): Promise<void> {
    const ready = await readyCard(card, draftParts);
    const help = commandList(services.commands);
    const { user } = targetOf(record);
    const publish = (source: typeof ready.source) =>
      api.call("views.publish", (web) =>
        web.views.publish({
          user_id: user,
          view: renderHome({ card: ready.card, help, imageSource: source }),
        }),
      );
    try {
      await publish(ready.source);
    } catch (thrown) {
      if (card.images.length === 0) throw thrown;
      await publish(() => null);
    }
  }

  /** For everyone in the place: in the job's own message, which can be changed again and again. */
  async function deliverToAll(record: JobRecord, card: Card): Promise<void> {
    if (await messages.isDelivered(record.id)) return;
    const { failure } = record;
    const draft =
      failure === null ? await draftCard(card, draftParts) : draftFailure(failure.message);
    const before = await messages.find(record.id);
    const isPrivate = record.isPrivate || failure !== null;
    const routes = openRoutes(targetOf(record), before, surfaces, { isPrivate });
    const shown = await showOnFirst(routes, draft, { jobId: record.id, log });
    if (shown === null) await messages.markDelivered(record.id);
    if (before !== null && before.ts !== shown?.ts) await takeDown(record.id);
    if (shown !== null) await messages.keep(record.id, shown);
  }

  /** For the person alone, at most once: most of it can be neither found nor changed later. */
  async function deliverToPerson(record: JobRecord, card: Card): Promise<void> {
    if (await messages.isDelivered(record.id)) return;
    const { failure } = record;
    const draft =
      failure === null ? await draftCard(card, draftParts) : draftFailure(failure.message);
    const routes = privateRoutes(targetOf(record), surfaces);
    const shown = await showOnFirst(routes, draft, { jobId: record.id, log });
    await messages.markDelivered(record.id);
    // A picture in a direct message can be deleted there later.
    if (shown !== null && failure === null) await messages.keep(record.id, shown);
  }

  async function deliverStandIn(record: JobRecord, card: Card): Promise<void> {
    const { draft, isShown } = await replace(record, card);
    if (isShown || (await messages.isDelivered(record.id))) return;
    const routes = privateRoutes(targetOf(record), surfaces);
    await showOnFirst(routes, draft, { jobId: record.id, log });
    await messages.markDelivered(record.id);
  }

  return {
    async begin(job) {
      if (targetOf(job).surface === "home" || !isForAll(job)) return;
      try {
        await beginMessage(job);
      } catch (thrown) {
        const error = asAtelierError(thrown);
        if (error.kind === "not_allowed") throw whereNot(job, error);
        log.warn({ jobId: job.id, kind: error.kind, err: error }, "job begins unannounced");
        if (error.kind !== "misconfigured") return;
        const sentence = "Slack does not let me post any more. An admin installs the app again.";
        throw new AtelierError("not_allowed", sentence, { cause: error });
      }
    },

    async tell(to, message) {
      const routes = isOwnPlace(to)
        ? openRoutes(to, null, surfaces, { isPrivate: true })
        : privateRoutes(to, surfaces);
      await showOnFirst(routes, draftMessage(message), { log });
    },

    progress: (job, progress) => reports.report(job.id, progress),

    async deliver(record, card) {
      await reports.settle(record.id);
      if (targetOf(record).surface === "home") return publishHome(record, card);
      if (record.ending === "cancelled") return takeDown(record.id);
      if (record.failure === null && card.replaces !== undefined) {
        return deliverStandIn(record, card);
      }
      if (isOwnPlace(targetOf(record))) return deliverToAll(record, card);
      if (record.failure === null && !record.isPrivate) return deliverToAll(record, card);
      await deliverToPerson(record, card);
      if (record.failure !== null) await takeDown(record.id);
    },
  };
}

/** Nobody can be invited into a direct message of two people. */
function whereNot(job: Job, error: AtelierError): AtelierError {
  const code = slackErrorCode(error) ?? "";
  if (!isDirect(targetOf(job)) || !["channel_not_found", "not_in_channel"].includes(code)) {
    return error;
  }
  const sentence =
    "I cannot post in your direct messages with others. Add --private to see the result here alone, or write to me directly.";
  return new AtelierError("not_allowed", sentence, { cause: error });
}
