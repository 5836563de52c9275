import { createHash } from "node:crypto";
import { type DiscordRoute, isTokenRoute, paramsOf } from "./discord-routes.ts";

/** So many requests in so many seconds; Discord tells them in headers and may change them. */
interface BucketRule {
  readonly limit: number;
  readonly seconds: number;
}

const DISCORD_GLOBAL: BucketRule = { limit: 50, seconds: 1 };
const MESSAGES: BucketRule = { limit: 5, seconds: 5 };
const WEBHOOK: BucketRule = { limit: 5, seconds: 2 };
const OTHER: BucketRule = { limit: 50, seconds: 1 };

interface Window {
  used: number;
  endsAtMs: number;
}

export interface RateLimitVerdict {
  readonly headers: Readonly<Record<string, string>>;
  /** Null where the request may pass. */
  readonly wait: { readonly seconds: number; readonly isGlobal: boolean } | null;
}

export type DiscordRateLimits = ReturnType<typeof createDiscordRateLimits>;

/** https://docs.discord.com/developers/topics/rate-limits */
export function createDiscordRateLimits() {
  const windows = new Map<string, Window>();
  let rules = { messages: MESSAGES, webhook: WEBHOOK, global: DISCORD_GLOBAL };

  function ruleOf({ name }: DiscordRoute): BucketRule {
    if (name === "callback") return OTHER;
    if (isTokenRoute(name)) return rules.webhook;
    return /^(create|edit|delete)_message$/u.test(name) ? rules.messages : OTHER;
  }

  function take(key: string, rule: BucketRule, nowMs: number): Window {
    const open = windows.get(key);
    const window =
      open !== undefined && open.endsAtMs > nowMs
        ? open
        : { used: 0, endsAtMs: nowMs + rule.seconds * 1000 };
    window.used += 1;
    windows.set(key, window);
    return window;
  }

  return {
    /** Other limits than Discord's own, for tests that want to meet one soon or never. */
    set(next: Partial<typeof rules>) {
      rules = { ...rules, ...next };
    },

    /** Counts the request. Interaction tokens are not bound to the global limit. */
    take(route: DiscordRoute, nowMs: number): RateLimitVerdict {
      const rule = ruleOf(route);
      const key = bucketKey(route);
      const window = take(key, rule, nowMs);
      const leftMs = window.endsAtMs - nowMs;
      const headers = {
        "X-RateLimit-Limit": String(rule.limit),
        "X-RateLimit-Remaining": String(Math.max(0, rule.limit - window.used)),
        "X-RateLimit-Reset": (window.endsAtMs / 1000).toFixed(3),
        "X-RateLimit-Reset-After": (leftMs / 1000).toFixed(3),
        "X-RateLimit-Bucket": createHash("md5").update(route.name).digest("hex"),
      };
      if (window.used > rule.limit) {
        return { headers, wait: { seconds: leftMs / 1000, isGlobal: false } };
      }
      if (isTokenRoute(route.name)) return { headers, wait: null };
      const all = take("global", rules.global, nowMs);
      if (all.used <= rules.global.limit) return { headers, wait: null };
      return { headers, wait: { seconds: (all.endsAtMs - nowMs) / 1000, isGlobal: true } };
    },
  };
}

/** Limits are kept for each channel, guild and webhook of a route. */
function bucketKey(route: DiscordRoute): string {
  const { channel, guild, token } = paramsOf(route);
  const webhook = token === "" ? "" : `webhook ${token}`;
  const name = isTokenRoute(route.name) && route.name !== "callback" ? "webhook" : route.name;
  return [name, channel, guild, webhook].join(" ");
}
