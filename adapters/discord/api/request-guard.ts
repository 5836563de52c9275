import { AtelierError, type Clock, type Log } from "#core";

/**
 * 10,000 answers of 401, 403 or 429 in ten minutes, and Discord bans the address
 * (docs.discord.com/developers/topics/rate-limits#invalid-request-limit-aka-cloudflare-bans).
 * Other software may share the address, so calls stop long before.
 */
const DISCORD_INVALID_REQUESTS_MAX = 10_000;
const INVALID_REQUESTS_HELD_AT = DISCORD_INVALID_REQUESTS_MAX / 2;
const WARNING_INTERVAL = 500;
/** A token that was refused is not tried again before. */
const REFUSED_TOKEN_PAUSE_MS = 60_000;

/** Keeps back calls that could end in a ban. */
export function createRequestGuard({ clock, log }: { clock: Clock; log: Log }) {
  let heldUntilMs = 0;
  let tokenRefusedUntilMs = 0;

  return {
    /** How many invalid requests lie between two warnings of the client. */
    warningInterval: WARNING_INTERVAL,

    onWarning({ count, remainingTime }: { count: number; remainingTime: number }): void {
      log.warn({ count, remainingMs: remainingTime }, "Discord refuses many calls");
      if (count < INVALID_REQUESTS_HELD_AT) return;
      heldUntilMs = clock.nowMs() + remainingTime;
      log.error({ count }, "no more calls to Discord for now: it would ban this address");
    },

    onTokenRefused(): void {
      tokenRefusedUntilMs = clock.nowMs() + REFUSED_TOKEN_PAUSE_MS;
    },

    /** Throws where a call must not be made now. */
    check(isAsBot: boolean): void {
      const nowMs = clock.nowMs();
      if (nowMs < heldUntilMs) {
        const message = "Discord refuses too much of what I send. Try again in ten minutes.";
        throw new AtelierError("rate_limited", message, { retryAfterMs: heldUntilMs - nowMs });
      }
      if (isAsBot && nowMs < tokenRefusedUntilMs) {
        throw new AtelierError("misconfigured", "Discord does not accept the bot token.");
      }
    },
  };
}
