import { App, LogLevel, type Receiver } from "@slack/bolt";
import { asAtelierError, type Log } from "#core";
import type { SlackSelf } from "../inbound.ts";

/**
 * Bolt on a receiver. Events are acknowledged when their listeners are through: Bolt itself does
 * so before, and an event whose job could not be kept would be lost.
 */
export function createBoltApp({
  receiver,
  botToken,
  apiUrl,
  self,
  log,
}: {
  receiver: Receiver;
  botToken: string;
  apiUrl: string;
  self: () => SlackSelf;
  log: Log;
}): App {
  const app = new App({
    receiver,
    authorize: async () => ({ botToken, botUserId: self().botUser, teamId: self().team }),
    clientOptions: { slackApiUrl: apiUrl },
    convoStore: false,
    logger: createBoltLogger(log),
  });
  app.error(async (error) => {
    const { original = error } = error;
    const known = asAtelierError(original);
    // A body that is not as Slack documents it is no better the next time.
    if (known.kind === "invalid_input") log.warn({ err: known }, "slack delivery not understood");
    else {
      log.error({ err: known }, "slack listener failed");
      throw original;
    }
  });
  const processEvent = app.processEvent.bind(app);
  app.processEvent = async (event) => {
    const isEvent = event.body.type === "event_callback";
    let isAcknowledged = false;
    await processEvent({
      ...event,
      async ack(response) {
        if (isEvent) return;
        isAcknowledged = true;
        await event.ack(response);
      },
    });
    if (!isAcknowledged) await event.ack();
  };
  return app;
}

/** Bolt's and the socket's own words: only what is wrong, and nothing that may carry a body. */
export function createBoltLogger(log: Log) {
  const texts = (parts: unknown[]) =>
    parts.map((part) => (part instanceof Error ? part.message : String(part))).join(" ");
  return {
    debug() {},
    info() {},
    warn: (...parts: unknown[]) => log.warn({ from: "bolt" }, texts(parts)),
    error: (...parts: unknown[]) => log.warn({ from: "bolt" }, texts(parts)),
    setLevel() {},
    getLevel: () => LogLevel.WARN,
    setName() {},
  };
}
