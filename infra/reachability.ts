/** Whether others than this machine can reach the process, directly or through a proxy. */
export function isReachableFromOutside({
  HOST,
  PUBLIC_URL,
}: {
  HOST: string;
  PUBLIC_URL?: string | undefined;
}): boolean {
  if (!isLoopback(HOST)) return true;
  return URL.canParse(PUBLIC_URL ?? "") && !isLoopback(bareHost(new URL(PUBLIC_URL ?? "")));
}

/** The host as `HOST` would name it: an IPv6 address without its brackets. */
export function bareHost({ hostname }: URL): string {
  return hostname.replace(/^\[|\]$/gu, "");
}

/** Whether only this machine can reach that address. */
export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127(\.\d{1,3}){3}$/u.test(host);
}
