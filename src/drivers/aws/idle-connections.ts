/** As many as the SDK opens unless told. */
const SOCKETS_MAX = 50;

/**
 * The connections of clients that try again. Lambda freezes a function between its invocations,
 * and the other end lets go of what was idle meanwhile: the first request on such a connection
 * is lost (https://github.com/aws/aws-sdk-js-v3/issues/3905). One is kept idle for each host, so
 * that one try is lost at most; the next has a connection of its own.
 */
export function oneIdleConnection({ maxSockets = SOCKETS_MAX }: { maxSockets?: number } = {}) {
  return agents({ keepAlive: true, maxFreeSockets: 1, maxSockets });
}

/** The connections of clients that must not try again: each request has its own. */
export function noIdleConnections() {
  return agents({ keepAlive: false, maxSockets: SOCKETS_MAX });
}

/** Test servers and S3-compatible stores speak HTTP, AWS speaks HTTPS: both are told the same. */
function agents<Options>(options: Options) {
  return { httpAgent: options, httpsAgent: options };
}
