import {
  type APIInteractionResponse,
  InteractionResponseType,
  InteractionType,
} from "discord-api-types/v10";
import {
  AtelierError,
  type Attachment,
  asAtelierError,
  type Choice,
  type Clock,
  type InTime,
  inTime,
  type Log,
  type NewId,
  personMessage,
} from "#core";
import { deferred, proposed, said } from "./answers.ts";
import { FormFailure } from "./forms.ts";
import type { AutocompleteInbound } from "./inbound/autocomplete.ts";
import { kindOf } from "./inbound/body.ts";
import type { DiscordInbound, DiscordInboundReader } from "./inbound.ts";
import type { Reception } from "./reception.ts";
import { type DiscordMessage, renderFailure } from "./render.ts";
import type { DiscordTarget } from "./target.ts";

/** Says something to one person: where nobody else reads it, as far as that goes. */
export type Tell = (to: DiscordTarget, message: DiscordMessage) => Promise<void>;

/** Takes back what was deferred and will not come. */
export type Withdraw = (from: DiscordTarget) => Promise<void>;

/** What else there is; proposals need no job. */
type Taken = Exclude<DiscordInbound, { kind: "autocomplete" }>;

/** A form opens as the first response or not at all. */
const formTooLate = new AtelierError(
  "unavailable",
  "The form took too long to open. Try it again.",
);

/**
 * Takes every interaction: reads it, has it made durable, and gives the first response, within
 * the 3 s that Discord waits. What cannot be made durable in time is deferred all the same; its
 * person is told how it went.
 */
export function createListener({
  inbound,
  reception,
  tell,
  withdraw,
  copy,
  clock,
  log,
  newId,
}: {
  inbound: DiscordInboundReader;
  reception: Reception;
  tell: Tell;
  withdraw: Withdraw;
  /** Copies the files that came along; never rejects. */
  copy: (files: readonly Attachment[]) => Promise<void>;
  clock: Clock;
  log: Log;
  newId: NewId;
}) {
  const underWay = new Set<Promise<void>>();

  function later(work: Promise<void>): void {
    const settled: Promise<void> = work
      .catch((thrown: unknown) => log.warn({ err: thrown }, "a person could not be told"))
      .finally(() => underWay.delete(settled));
    underWay.add(settled);
  }

  /** The error as the person reads it; what the operator must know goes to the log. */
  function failure(thrown: unknown): DiscordMessage {
    const { cause, tryAgain } = thrown instanceof FormFailure ? thrown : { cause: thrown };
    const error: AtelierError = asAtelierError(cause);
    const reference = newId();
    if (error.kind === "internal" || error.kind === "misconfigured") {
      log.error({ reference, err: error }, "discord interaction failed");
    }
    return renderFailure(personMessage(error, reference), { tryAgain });
  }

  function handle(read: Taken): Promise<APIInteractionResponse> {
    switch (read.kind) {
      case "command":
        return reception.command(read);
      case "message":
        return reception.message(read);
      case "action":
        return reception.action(read);
      case "again":
        return reception.again(read);
      case "submission":
        return reception.submission(read);
    }
  }

  function respond(read: Taken, came: InTime<APIInteractionResponse>): APIInteractionResponse {
    switch (came.kind) {
      case "done":
        return came.value;
      case "failed":
        return said(failure(came.error));
      case "late":
        later(came.outcome.then((outcome) => settle(read.origin, outcome)));
        return deferred(read.origin);
    }
  }

  async function choicesOf({ choices, lookUp }: AutocompleteInbound): Promise<readonly Choice[]> {
    if (lookUp === undefined) return choices;
    const came = await inTime(lookUp(), clock);
    return came.kind === "done" ? came.value : choices;
  }

  /** What was deferred before it was known what would come. */
  async function settle(
    origin: DiscordTarget,
    outcome: Exclude<InTime<APIInteractionResponse>, { kind: "late" }>,
  ): Promise<void> {
    if (outcome.kind === "failed") return tell(origin, failure(outcome.error));
    switch (outcome.value.type) {
      case InteractionResponseType.DeferredChannelMessageWithSource:
        return;
      case InteractionResponseType.Modal:
        return tell(origin, failure(formTooLate));
      default:
        return withdraw(origin);
    }
  }

  return {
    async take(interaction: unknown): Promise<APIInteractionResponse> {
      let read: DiscordInbound;
      try {
        read = inbound.read(interaction);
      } catch (thrown) {
        log.warn({ err: thrown }, "discord interaction not understood");
        const isTyping = kindOf(interaction) === InteractionType.ApplicationCommandAutocomplete;
        return isTyping ? proposed([]) : said(failure(thrown));
      }
      if (read.kind === "autocomplete") return proposed(await choicesOf(read));
      const files = filesOf(read);
      if (files.length > 0) later(copy(files));
      return respond(read, await inTime(handle(read), clock));
    },

    async settled(): Promise<void> {
      while (underWay.size > 0) await Promise.all(underWay);
    },
  };
}

/** The pictures that only this interaction brings along; what a message shows stays with the message. */
function filesOf(read: Taken): readonly Attachment[] {
  const files =
    read.kind === "command"
      ? read.files
      : read.kind === "submission"
        ? Object.values(read.files).flat()
        : [];
  return files.filter(({ kind }) => kind !== "video");
}
