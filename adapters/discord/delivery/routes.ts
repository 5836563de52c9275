import { AtelierError, asAtelierError, isRetryable, type Log } from "#core";
import { discordErrorCode, isTokenDead, isTooLarge } from "../api/discord-errors.ts";
import { DISCORD_FILE_MAX_BYTES } from "../components/limits.ts";
import type { DiscordTarget } from "../target.ts";
import type { Draft } from "./draft.ts";
import type { Outgoing, ShownMessage, Surfaces } from "./surfaces.ts";

/** One way to show an answer. */
export interface Route {
  name: string;
  /** Goes by the interaction's token. */
  needsToken?: true;
  /** Makes a new message, so it waits where an older one may yet be changed. */
  isNew?: true;
  /** Not where it was asked for, so the message says why it is here. */
  isElsewhere?: true;
  fileMaxBytes: number;
  show(message: Outgoing): Promise<ShownMessage>;
}

export interface RouteParts {
  target: DiscordTarget;
  /** The job's message, where it is known. */
  shown: ShownMessage | null;
  surfaces: Surfaces;
  /** The same for each try of one answer; absent where there is none. */
  nonce?: string;
}

/**
 * For an answer that everyone where it was asked for may see: the first response, the same by the
 * bot itself, a new message, a direct message.
 */
export function openRoutes(parts: RouteParts): Route[] {
  const { appPermissions, isWithBot } = parts.target;
  const isBotThere = appPermissions !== undefined || isWithBot === true;
  const anew = followUp(parts, { isEphemeral: false });
  return [
    ...placeRoutes(parts),
    // A follow-up that may have arrived would come twice; of what the bot posts, Discord makes one.
    ...(isBotThere ? [posted(parts), ...anew] : [...anew, posted(parts)]),
    direct(parts),
  ];
}

/**
 * For why there is no answer, which nobody else need read. A first response for everyone is
 * `isCleared` away before; where it cannot be, it says it: nothing is to stand there for ever.
 */
export function failureRoutes(parts: RouteParts, { isCleared }: { isCleared: boolean }): Route[] {
  return [
    ...(isCleared ? [] : placeRoutes(parts)),
    ...followUp(parts, { isEphemeral: true }),
    direct(parts),
    ...(parts.target.response === "public" ? [posted(parts)] : []),
  ];
}

/** For an answer that nobody but the person may see. */
export function privateRoutes(parts: RouteParts): Route[] {
  return [
    ...(isForAll(parts.target) ? [] : placeRoutes(parts)),
    ...followUp(parts, { isEphemeral: true }),
    direct(parts),
  ];
}

/** Whether others see the first response. */
export function isForAll({ response, isWithBot }: DiscordTarget): boolean {
  return response === "public" && isWithBot !== true;
}

/** Where the job's message was, and nowhere else. */
export function placeRoutes(parts: RouteParts): Route[] {
  return [...original(parts), ...kept(parts)];
}

/** Not where the first response is another job's message. */
function original({ target, surfaces }: RouteParts): Route[] {
  if (target.response === "update" || !surfaces.hasToken(target)) return [];
  return [
    {
      name: "original",
      needsToken: true,
      fileMaxBytes: target.attachmentMaxBytes,
      show: (message) => surfaces.editOriginal(target, message),
    },
  ];
}

function kept({ shown, surfaces, target }: RouteParts): Route[] {
  if (shown === null || shown.isEphemeral) return [];
  return [
    {
      name: "kept",
      fileMaxBytes: botLimit(target),
      async show(message) {
        await surfaces.update(shown, message);
        return shown;
      },
    },
  ];
}

function followUp(
  { target, surfaces }: RouteParts,
  { isEphemeral }: { isEphemeral: boolean },
): Route[] {
  if (!surfaces.hasToken(target)) return [];
  return [
    {
      name: "follow-up",
      needsToken: true,
      isNew: true,
      fileMaxBytes: target.attachmentMaxBytes,
      show: (message) => surfaces.followUp(target, message, { isEphemeral }),
    },
  ];
}

function posted({ target, surfaces, nonce }: RouteParts): Route {
  return {
    name: "post",
    isNew: true,
    fileMaxBytes: botLimit(target),
    show: (message) => surfaces.post(target, message, nonce),
  };
}

function direct({ target, surfaces, nonce }: RouteParts): Route {
  return {
    name: "direct",
    isNew: true,
    isElsewhere: true,
    fileMaxBytes: botLimit(target),
    show: (message) => surfaces.postDirect(target, message, nonce),
  };
}

/** A person's own subscription raises the limit of their interactions, not the bot's. */
function botLimit({ attachmentMaxBytes }: DiscordTarget): number {
  return Math.min(attachmentMaxBytes, DISCORD_FILE_MAX_BYTES);
}

/**
 * Shows the draft on the first route that takes it. Rejects with the last failure when none does;
 * with one that passes as soon as the next route would make a second message for its sake.
 */
export async function showOnFirst(
  routes: readonly Route[],
  draft: Draft,
  { jobId, log }: { jobId?: string; log: Log },
): Promise<ShownMessage> {
  let why: AtelierError | null = null;
  let passing: AtelierError | null = null;
  let isDead = false;
  let last: unknown = new AtelierError("not_allowed", "There is no way to show it.");

  for (const route of routes) {
    if (isDead && route.needsToken) continue;
    if (passing !== null && route.isNew) throw passing;
    const remarks = route.isElsewhere ? [elsewhereRemark(why)] : [];
    for (const fileMaxBytes of sizesOf(route, draft)) {
      try {
        return await route.show(await draft.message({ remarks, fileMaxBytes }));
      } catch (thrown) {
        last = thrown;
        const error = asAtelierError(thrown);
        const code = discordErrorCode(thrown);
        const { kind } = error;
        log.warn({ jobId, route: route.name, fileMaxBytes, kind, code }, "not shown there");
        isDead ||= isTokenDead(thrown);
        if (kind === "not_allowed") why ??= error;
        if (isRetryable(error)) passing = error;
        // Fewer bytes help against a limit, and links against whatever is wrong with a file.
        if (!isTooLarge(thrown) && kind !== "internal") break;
      }
    }
  }
  throw last;
}

function sizesOf({ fileMaxBytes }: Route, { hasPictures }: Draft): readonly number[] {
  return hasPictures ? [fileMaxBytes, Math.floor(fileMaxBytes / 4), 0] : [0];
}

function elsewhereRemark(why: AtelierError | null): string {
  const begin = "I could not answer where you asked, so I do it here.";
  return why === null ? begin : `${begin} There: ${why.message}`;
}
