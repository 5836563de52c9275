/**
 * The Content-Disposition header (RFC 6266) with which a BlobStore keeps its promise about
 * `downloadName`. No file name can break out of it: an ASCII form for old clients, and the full
 * name as RFC 5987 has it where that says more.
 */
export function contentDisposition(type: "inline" | "attachment", fileName: string): string {
  // A path separator or a control character never belongs to a name. A lone surrogate, which
  // encodeURIComponent refuses, becomes U+FFFD on the way through UTF-8.
  const name = Buffer.from(fileName.replace(/[\p{Cc}/\\]/gu, "_"), "utf8").toString("utf8");
  const ascii = name.replace(/[^\x20-\x7e]/gu, "_").replace(/["%]/g, "_");
  const plain = `${type}; filename="${ascii}"`;
  return ascii === name ? plain : `${plain}; filename*=UTF-8''${encodeExtended(name)}`;
}

/** encodeURIComponent leaves four characters that RFC 5987 does not allow in a value. */
function encodeExtended(name: string): string {
  return encodeURIComponent(name).replace(
    /['()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
