import { AtelierError, type Clock } from "#core";
import type { CallOptions, SlackApi } from "../api/slack-api.ts";
import type { SlackMessage } from "../render.ts";
import type { SlackTarget } from "../target.ts";

/** A message that can be changed later. */
export interface ShownMessage {
  channel: string;
  ts: string;
}

export type Surfaces = ReturnType<typeof createSurfaces>;

/** Whether only this person and the bot see what is posted there: a direct message, or the App Home. */
export function isOwnPlace(target: SlackTarget): boolean {
  return target.isWithBot === true || target.channel === target.user;
}

/** The ways in which a message can be shown in Slack, a call each. */
export function createSurfaces({ api, clock }: { api: SlackApi; clock: Clock }) {
  async function openDirect(user: string): Promise<string> {
    const { channel } = await api.call("conversations.open", (web) =>
      web.conversations.open({ users: user }),
    );
    if (channel?.id === undefined) {
      throw new AtelierError("unavailable", "Slack did not open a direct message. Try again.");
    }
    return channel.id;
  }

  async function postTo(
    channel: string,
    threadTs: string | undefined,
    { text, blocks }: SlackMessage,
    options?: CallOptions,
  ): Promise<ShownMessage> {
    const answer = await api.call(
      "chat.postMessage",
      (web) =>
        web.chat.postMessage({
          channel,
          text,
          blocks,
          unfurl_links: false,
          unfurl_media: false,
          ...(threadTs === undefined ? {} : { thread_ts: threadTs }),
        }),
      options,
    );
    if (answer.ts === undefined) {
      throw new AtelierError("unavailable", "Slack did not say where it put a message.");
    }
    return { channel: answer.channel ?? channel, ts: answer.ts };
  }

  return {
    /** A message where the job was asked for; from the App Home, in the direct message. */
    async post(
      target: SlackTarget,
      message: SlackMessage,
      options?: CallOptions,
    ): Promise<ShownMessage> {
      const isHome = target.channel === target.user;
      const channel = isHome ? await openDirect(target.user) : target.channel;
      return postTo(channel, target.threadTs, message, options);
    },

    async postDirect({ user }: SlackTarget, message: SlackMessage): Promise<ShownMessage> {
      return postTo(await openDirect(user), undefined, message);
    },

    /** Only this person sees it; it cannot be found or changed afterwards. */
    async postEphemeral(
      { channel, user, threadTs }: SlackTarget,
      { text, blocks }: SlackMessage,
    ): Promise<void> {
      await api.call("chat.postEphemeral", (web) =>
        web.chat.postEphemeral({
          channel,
          user,
          text,
          blocks,
          ...(threadTs === undefined ? {} : { thread_ts: threadTs }),
        }),
      );
    },

    /** Whether the job's response_url is still good, as far as its age tells. */
    canRespond: ({ responseUrl, responseUrlUntilMs }: SlackTarget): boolean =>
      responseUrl !== undefined && clock.nowMs() < (responseUrlUntilMs ?? 0),

    /** Through the response_url: to everyone, to the person, or in place of the pressed message. */
    async respond(
      { responseUrl, threadTs }: SlackTarget,
      message: SlackMessage,
      to: "everyone" | "person" | "original",
    ): Promise<void> {
      if (responseUrl === undefined) throw new AtelierError("internal", "No response_url.");
      await api.respond(responseUrl, {
        ...message,
        response_type: to === "everyone" ? "in_channel" : "ephemeral",
        replace_original: to === "original",
        ...(threadTs === undefined || to === "original" ? {} : { thread_ts: threadTs }),
      });
    },

    async update(
      { channel, ts }: ShownMessage,
      { text, blocks }: SlackMessage,
      options?: CallOptions,
    ): Promise<void> {
      await api.call(
        "chat.update",
        (web) => web.chat.update({ channel, ts, text, blocks }),
        options,
      );
    },

    async remove({ channel, ts }: ShownMessage): Promise<void> {
      await api.call("chat.delete", (web) => web.chat.delete({ channel, ts }));
    },
  };
}
