import type { DiscordCdn } from "./discord-cdn.ts";
import type { BodyProblem } from "./discord-refusals.ts";
import { isRecord, type JsonRecord, recordsOf } from "./json-record.ts";

const REFERENCE = "attachment://";
/** What the twin keeps instead of a link that expires. */
const KEPT = "cdn:";

/** The components with a stored file instead of each `attachment://name` and each of the CDN's links. */
export function resolvedComponents(
  components: readonly JsonRecord[],
  attachmentIds: readonly string[],
  cdn: DiscordCdn,
) {
  const problems: BodyProblem[] = [];
  const idOfName = (name: string) => attachmentIds.findLast((id) => cdn.get(id).name === name);

  function resolved(url: string, path: readonly string[]): string {
    const own = cdn.idInUrl(url);
    if (own !== null) return KEPT + own;
    if (!url.startsWith(REFERENCE)) return url;
    const id = idOfName(url.slice(REFERENCE.length));
    if (id !== undefined) return KEPT + id;
    problems.push({
      path,
      code: "UNFURLED_MEDIA_ITEM_REFERENCED_ATTACHMENT_NOT_FOUND",
      message: `The referenced attachment was not found: ${url}`,
    });
    return url;
  }

  const done = walked(components, ["components"], (media, path) => ({
    url: resolved(String(media.url), path),
  }));
  return { components: numbered(recordsOf(done)), problems };
}

/** The components with a new link to each stored file, and the files that they show. */
export function shownComponents(components: readonly JsonRecord[], cdn: DiscordCdn) {
  const attachmentIds: string[] = [];
  const done = walked(components, ["components"], (media) => {
    const url = String(media.url);
    if (!url.startsWith(KEPT)) return { ...media, proxy_url: url };
    const id = url.slice(KEPT.length);
    attachmentIds.push(id);
    return cdn.media(id);
  });
  return { components: recordsOf(done), attachmentIds };
}

/** A copy in which every media item, thumbnail's and file's included, is another. */
function walked(
  value: unknown,
  path: readonly string[],
  become: (media: JsonRecord, path: readonly string[]) => JsonRecord,
): unknown {
  if (Array.isArray(value)) {
    return value.map((one, index) => walked(one, [...path, String(index)], become));
  }
  if (!isRecord(value)) return value;
  const entries = Object.entries(value).map(([key, below]) => {
    const at = [...path, key];
    const isMedia = (key === "media" || key === "file") && isRecord(below);
    return [key, isMedia ? become(below, at) : walked(below, at, become)];
  });
  return Object.fromEntries(entries);
}

/** Discord numbers the components that have no number. */
function numbered(components: readonly JsonRecord[]): JsonRecord[] {
  let next = 0;
  const withNumber = (component: JsonRecord): JsonRecord => {
    next += 1;
    const id = typeof component.id === "number" && component.id !== 0 ? component.id : next;
    const inside = component.components;
    return {
      ...component,
      id,
      ...(Array.isArray(inside) ? { components: recordsOf(inside).map(withNumber) } : {}),
      ...(isRecord(component.accessory) ? { accessory: withNumber(component.accessory) } : {}),
    };
  };
  return components.map(withNumber);
}
