/** Where Discord keeps files (docs.discord.com/developers/reference#signed-attachment-cdn-urls). */
const DISCORD_CDN_HOSTS: readonly string[] = ["cdn.discordapp.com", "media.discordapp.net"];

/** Whether files may be loaded from there: Discord's own hosts, or the API that is set up. */
export function isAttachmentUrl(url: string, apiOrigin: string): boolean {
  if (!URL.canParse(url)) return false;
  const { protocol, hostname, port, origin, username, password } = new URL(url);
  if (username !== "" || password !== "") return false;
  // In use, files are not there: this is for a Discord of one's own.
  if (origin === apiOrigin) return true;
  return protocol === "https:" && port === "" && DISCORD_CDN_HOSTS.includes(hostname);
}
