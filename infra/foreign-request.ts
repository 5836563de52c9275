import { bareHost, isLoopback } from "./reachability.ts";
import type { Settings } from "./settings.ts";

/**
 * Whether a web page of another site made this request. While no key is needed, the browser of
 * whoever runs Atelier would let any site in: by a form, an image, or a name that it points at
 * 127.0.0.1 (DNS rebinding). Another port of this machine is another site too, though browsers
 * call it the same. A link to the page may be followed from anywhere, but nothing else may: the
 * address of a picture, opened or framed, would have it drawn. Programs send none of these
 * headers and pass.
 */
export function isForeignRequest(
  request: Request,
  { HOST, PUBLIC_URL, CORS_ORIGINS }: Pick<Settings, "HOST" | "PUBLIC_URL" | "CORS_ORIGINS">,
): boolean {
  const { headers } = request;
  const url = new URL(request.url);
  const publicUrl = PUBLIC_URL === undefined ? null : new URL(PUBLIC_URL);
  const isOwnHost = !isLoopback(HOST) || isLoopback(bareHost(url)) || url.host === publicUrl?.host;
  if (!isOwnHost) return true;
  const origin = headers.get("origin");
  if (origin !== null) {
    const isOwnOrigin = origin === url.origin || origin === publicUrl?.origin;
    const mayGenerate = CORS_ORIGINS.includes("*") || CORS_ORIGINS.includes(origin);
    return !isOwnOrigin && !(mayGenerate && url.pathname === "/generate");
  }
  const site = headers.get("sec-fetch-site");
  if (site !== "cross-site" && site !== "same-site") return false;
  return headers.get("sec-fetch-mode") !== "navigate" || url.pathname !== "/";
}
