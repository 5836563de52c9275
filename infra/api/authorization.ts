import { createHash, timingSafeEqual } from "node:crypto";
import { isReachableFromOutside } from "../reachability.ts";
import type { Settings } from "../settings.ts";

/**
 * Who a request is from: `open` when no key is set and only this machine can call, `identity` when
 * a gateway in front of the process knew them.
 */
export type Caller =
  | { kind: "open" }
  | { kind: "key"; id: string }
  | { kind: "identity"; id: string }
  | { kind: "nobody" };

/**
 * Finds the caller by `x-api-key` or `Authorization: Bearer`; with `takesPassword` also by the
 * password of `Authorization: Basic`. That is what a browser asks a person for, and then sends of
 * itself wherever a link leads, so it must not open what costs money. Keys are compared in
 * constant time. Without any key set, whoever is on this machine may call; nobody may where others
 * can reach the process: as the settings say, or `isPublic`.
 */
export function createAuthorization(
  settings: Pick<Settings, "API_KEYS" | "HOST" | "PUBLIC_URL">,
  {
    takesPassword = false,
    isPublic = isReachableFromOutside(settings),
  }: { takesPassword?: boolean | undefined; isPublic?: boolean | undefined } = {},
): (headers: Headers) => Caller {
  const known = settings.API_KEYS.map(digest);
  return (headers) => {
    if (known.length === 0) return { kind: isPublic ? "nobody" : "open" };
    const given = presentedKey(headers, takesPassword);
    if (given === null) return { kind: "nobody" };
    const wanted = digest(given);
    // Every key is compared, whichever fits.
    const fits = known.filter((each) => timingSafeEqual(each, wanted));
    return fits.length > 0 ? { kind: "key", id: shortDigest(given) } : { kind: "nobody" };
  };
}

function presentedKey(headers: Headers, takesPassword: boolean): string | null {
  const key = headers.get("x-api-key");
  if (key !== null) return key;
  const [scheme = "", value = ""] = (headers.get("authorization") ?? "").split(/\s+/u, 2);
  if (scheme.toLowerCase() === "bearer") return value;
  if (!takesPassword || scheme.toLowerCase() !== "basic") return null;
  const pair = Buffer.from(value, "base64").toString("utf8");
  return pair.slice(pair.indexOf(":") + 1);
}

/** What a key or an identity is known by in logs and counters. */
export function shortDigest(text: string): string {
  return digest(text).toString("hex").slice(0, 12);
}

function digest(key: string): Buffer {
  return createHash("sha256").update(key).digest();
}
