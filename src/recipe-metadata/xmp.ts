/** Our own attribute tells a recipe from any other description. */
const NAMESPACE = "https://atelier.invalid/ns/recipe/1.0/";

/**
 * An XMP packet whose dc:description every viewer shows, and whose atelier:recipe holds the text
 * as JSON: XML 1.0 has no way to write control characters and parsers rewrite line ends.
 */
export function xmpPacket(text: string): string {
  const readable = escapeXml(
    [...text].map((sign) => (isXmlSign(sign) ? sign : "\u{fffd}")).join(""),
  );
  const exact = escapeXml(asciiJson(text));
  return `<?xpacket begin="\u{feff}" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:atelier="${NAMESPACE}" atelier:recipe="${exact}"><dc:description><rdf:Alt><rdf:li xml:lang="x-default">${readable}</rdf:li></rdf:Alt></dc:description></rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="r"?>`;
}

/** The text of a packet that `xmpPacket` made, or null. */
export function recipeInXmp(packet: string): string | null {
  if (!packet.includes(`xmlns:atelier="${NAMESPACE}"`)) return null;
  const found = / atelier:recipe="([^"]*)"/.exec(packet)?.[1];
  if (found === undefined) return null;
  try {
    const text: unknown = JSON.parse(unescapeXml(found));
    return typeof text === "string" ? text : null;
  } catch {
    // Cut or edited by something else: as good as none.
    return null;
  }
}

/** JSON in ASCII: no encoding on the way can change it. */
function asciiJson(text: string): string {
  return JSON.stringify(text).replace(
    /[\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

const entities: ReadonlyMap<string, string> = new Map([
  ["&", "&amp;"],
  ["<", "&lt;"],
  [">", "&gt;"],
  ['"', "&quot;"],
  ["'", "&apos;"],
]);

function escapeXml(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => entities.get(sign) ?? sign);
}

function unescapeXml(text: string): string {
  return text.replace(/&(?:amp|lt|gt|quot|apos);/g, (entity) => {
    for (const [sign, written] of entities) if (written === entity) return sign;
    return entity;
  });
}

/** The characters that XML 1.0 allows (section 2.2). */
function isXmlSign(sign: string): boolean {
  const code = sign.codePointAt(0) ?? 0;
  if (code < 0x20) return code === 0x9 || code === 0xa || code === 0xd;
  return !(code >= 0xd800 && code <= 0xdfff) && code !== 0xfffe && code !== 0xffff;
}
