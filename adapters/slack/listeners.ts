import type { App } from "@slack/bolt";
import {
  type AtelierError,
  asAtelierError,
  type Clock,
  getCommand,
  type InTime,
  inTime,
  type Log,
  type NewId,
  personMessage,
  type Services,
} from "#core";
import { fieldErrors } from "./blocks/modal.ts";
import type { Forms } from "./forms.ts";
import type { SlashCommandInbound, SubmissionInbound } from "./inbound/forms.ts";
import type { SlackInbound } from "./inbound.ts";
import type { Accepted, Reception } from "./reception.ts";
import { renderFailure, type SlackMessage } from "./render.ts";
import type { SlackTarget } from "./target.ts";

/** Says something to one person, where they are or else in a direct message. */
export type Tell = (to: SlackTarget, message: SlackMessage) => Promise<void>;

/**
 * Takes everything that Slack sends: reads it, has it made durable, acknowledges it, and nothing
 * else. What cannot be made durable in time is acknowledged all the same; its person is told how
 * it went. Returns how to wait for what is still under way.
 */
export function addListeners(
  app: App,
  {
    inbound,
    reception,
    forms,
    tell,
    services,
    clock,
    log,
    newId,
  }: {
    inbound: SlackInbound;
    reception: Reception;
    forms: Forms;
    tell: Tell;
    services: Pick<Services, "commands">;
    clock: Clock;
    log: Log;
    newId: NewId;
  },
): { settled(): Promise<void> } {
  const underWay = new Set<Promise<void>>();

  /** Goes on after the acknowledgement. */
  function later(work: Promise<void>): void {
    const settled: Promise<void> = work
      .catch((thrown: unknown) => log.warn({ err: thrown }, "a person could not be told"))
      .finally(() => underWay.delete(settled));
    underWay.add(settled);
  }

  /** The error as the person reads it; what the operator must know goes to the log. */
  function explain(thrown: unknown): { error: AtelierError; reference: string } {
    const error = asAtelierError(thrown);
    const reference = newId();
    if (error.kind === "internal" || error.kind === "misconfigured") {
      log.error({ reference, err: error }, "slack delivery failed");
    }
    return { error, reference };
  }

  function failure(thrown: unknown): SlackMessage {
    const { error, reference } = explain(thrown);
    return renderFailure(personMessage(error, reference));
  }

  /** What the person alone is told beside what the channel shows. */
  function tellAfter(to: SlackTarget, came: InTime<Accepted | null>): void {
    if (came.kind === "late") {
      later(came.outcome.then((outcome) => tellAfter(to, outcome)));
    } else if (came.kind === "failed") {
      later(tell(to, failure(came.error)));
    } else if (came.value !== null && !came.value.isShownElsewhere) {
      later(tell(to, came.value.message));
    }
  }

  /** What a reader says of a body that it does not take. */
  function unread(thrown: unknown): SlackMessage {
    log.warn({ err: thrown }, "slack delivery not understood");
    return failure(thrown);
  }

  app.command(/./u, async ({ body, ack }) => {
    /** Where the acknowledgement cannot be sent any more, what it says is said all the same. */
    async function say(message: SlackMessage): Promise<void> {
      try {
        await ack({ response_type: "ephemeral", ...message });
      } catch (thrown) {
        log.warn({ err: thrown }, "an acknowledgement was not sent");
        later(tell(read.origin, message));
      }
    }
    let read: SlashCommandInbound;
    try {
      read = inbound.readSlashCommand(body);
    } catch (thrown) {
      return ack({ response_type: "ephemeral", ...unread(thrown) });
    }
    const came = await inTime(reception.slashCommand(read), clock);
    if (came.kind === "late") {
      await ack();
      tellAfter(read.origin, came);
    } else if (came.kind === "failed") {
      await say(failure(came.error));
    } else if (came.value === null) await ack();
    else await say(came.value.message);
  });

  app.action(/./u, async ({ body, ack }) => {
    const read = inbound.readAction(body);
    if (read === null) return ack();
    const came = await inTime(reception.action(read), clock);
    await ack();
    tellAfter(read.origin, came);
  });

  app.shortcut({ type: "message_action" }, async ({ body, ack }) => {
    const read = inbound.readMessageShortcut(body);
    const came = await inTime(reception.messageShortcut(read, body.callback_id), clock);
    await ack();
    tellAfter(read.origin, came);
  });

  app.view({ type: "view_submission", callback_id: /./u }, async ({ body, ack }) => {
    let read: SubmissionInbound;
    try {
      read = inbound.readSubmission(body);
    } catch (thrown) {
      const [field = ""] = Object.keys(body.view.state.values);
      return ack({ response_action: "errors", errors: { [field]: unread(thrown).text } });
    }
    const came = await inTime(reception.submission(read), clock);
    if (came.kind === "failed") {
      const errors = fieldErrors({
        command: getCommand(read.commandName, services.commands),
        isPictureChosen: forms.isPictureChosen(read),
        ...explain(came.error),
      });
      return ack({ response_action: "errors", errors });
    }
    await ack();
    tellAfter(read.metadata.origin, came);
  });

  // Bolt acknowledges events before their listeners run; `bolt-app.ts` holds that back.
  app.event("app_mention", async ({ body }) => {
    const read = inbound.readMention(body);
    if (read !== null) tellAfter(read.origin, await inTime(reception.message(read), clock));
  });

  app.event("message", async ({ body }) => {
    const read = inbound.readDirectMessage(body);
    if (read !== null) tellAfter(read.origin, await inTime(reception.message(read), clock));
  });

  app.event("app_home_opened", async ({ body }) => {
    const read = inbound.readHomeOpened(body);
    if (read === null) return;
    const came = await inTime(reception.homeOpened(read), clock);
    if (came.kind === "failed") explain(came.error);
  });

  return {
    async settled() {
      while (underWay.size > 0) await Promise.all(underWay);
    },
  };
}
