/**
 * The Content-Disposition header (RFC 6266) of a download that no file name can break out of: an
 * ASCII form for old clients, and the full name as RFC 5987 has it where that says more. The disk
 * driver has its own: drivers share nothing but the ports.
 */
export function attachmentDisposition(fileName: string): string {
  // A path separator or a control character never belongs to a name. A lone surrogate, which
  // encodeURIComponent refuses, becomes U+FFFD on the way through UTF-8.
  const name = Buffer.from(fileName.replace(/[\p{Cc}/\\]/gu, "_"), "utf8").toString("utf8");
  const ascii = name.replace(/[^\x20-\x7e]/gu, "_").replace(/["%]/g, "_");
  const plain = `attachment; filename="${ascii}"`;
  // encodeURIComponent leaves four characters that RFC 5987 does not allow in a value.
  const extended = encodeURIComponent(name).replace(
    /['()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return ascii === name ? plain : `${plain}; filename*=UTF-8''${extended}`;
}
