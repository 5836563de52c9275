import type { HomeView } from "@slack/web-api";
import {
  type Adapter,
  type AdapterNotes,
  AtelierError,
  asAtelierError,
  askedText,
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
import { renderProgress, type SlackMessage } from "../render.ts";
import { createSteadyNotes } from "../steady-notes.ts";
import { isDirect, type SlackTarget, targetOf } from "../target.ts";
import { createAnswers } from "./answers.ts";
import { draftHome, draftMessage } from "./draft.ts";
import { createProgressReports } from "./progress.ts";
import { openRoutes, privateRoutes, type Route } from "./routes.ts";
import { showOnFirst } from "./show-on-first.ts";
import { createShownMessages } from "./shown-messages.ts";
import { createStandIns } from "./stand-in.ts";
import { createSurfaces, isOwnPlace } from "./surfaces.ts";

/** A job does not wait long for its first message: it can be shown at the end, too. */
const BEGIN_WAIT_MS = 10_000;

export interface SlackDelivery
  extends Required<Pick<Adapter, "begin" | "progress" | "pause" | "deliver">> {
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
  const messages = createShownMessages(createSteadyNotes({ notes, clock }));
  const reports = createProgressReports({ surfaces, clock, log });
  const draftParts = { files, services };
  const answers = createAnswers({ surfaces, messages, draftParts, log });
  const replace = createStandIns({ surfaces, messages, draftParts, services, log });

  const isForAll = (job: Job) => !job.isPrivate || isOwnPlace(targetOf(job));

  const inProgress = (job: Job) => ({
    jobId: job.id,
    askedBy: job.user,
    text: askedText(job, services.commands),
    doing: services.commands.find(({ name }) => name === job.command)?.doing,
  });

  async function beginMessage(job: Job): Promise<void> {
    const target = targetOf(job);
    let shown = await messages.find(job.id);
    if (shown === null) {
      const first = renderProgress({ ...inProgress(job), progress: null });
      shown = await surfaces.post(target, first, { waitMaxMs: BEGIN_WAIT_MS });
      await messages.keep(job.id, shown).catch((thrown: unknown) => {
        // It is remembered, and noted with the answer.
        const { kind } = asAtelierError(thrown);
        log.warn({ jobId: job.id, kind, err: thrown }, "the note of a message is not written yet");
      });
    }
    reports.follow(job.id, {
      shown,
      render: (progress) => renderProgress({ ...inProgress(job), progress }),
    });
  }

  async function publishHome(record: JobRecord, card: Card): Promise<void> {
    const draft = await draftHome(card, commandList(services.commands), draftParts);
    const route: Route<HomeView> = {
      name: "home",
      looks: ["pictures", "links"],
      async show(view) {
        const { user } = targetOf(record);
        await api.call("views.publish", (web) => web.views.publish({ user_id: user, view }));
        return null;
      },
    };
    await showOnFirst([route], draft, { jobId: record.id, log });
  }

  async function deliverStandIn(record: JobRecord, card: Card): Promise<void> {
    const { draft, isShown } = await replace(record, card);
    if (isShown || (await messages.markOf(record.id)) === "shown") return;
    const routes = privateRoutes(targetOf(record), surfaces);
    await showOnFirst(routes, draft, { jobId: record.id, log });
    await messages.mark(record.id, "shown");
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
    pause: (job, last) => reports.settle(job.id, last),

    async deliver(record, card) {
      await reports.settle(record.id);
      if (targetOf(record).surface === "home") return publishHome(record, card);
      if (record.ending === "cancelled") return answers.takeDown(record.id);
      if (record.failure === null && card.replaces !== undefined) {
        return deliverStandIn(record, card);
      }
      if (isOwnPlace(targetOf(record))) return answers.toAll(record, card);
      if (record.failure === null && !record.isPrivate) return answers.toAll(record, card);
      await answers.toPerson(record, card);
      if (record.failure !== null) await answers.takeDown(record.id);
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
