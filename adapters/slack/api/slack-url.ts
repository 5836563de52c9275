/**
 * Whether an address is one of Slack's own, or of the API that is set up. `apiOrigin` is null
 * where there is no other API, or its address has no host: the origins of all such are equal.
 */
export function isSlackUrl(
  url: string,
  { isHost, apiOrigin }: { isHost: (hostname: string) => boolean; apiOrigin: string | null },
): boolean {
  if (!URL.canParse(url)) return false;
  const { protocol, hostname, port, origin, username, password } = new URL(url);
  if (username !== "" || password !== "") return false;
  if (apiOrigin !== null && origin === apiOrigin) return true;
  return protocol === "https:" && port === "" && isHost(hostname);
}
