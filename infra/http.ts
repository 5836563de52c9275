import { Hono } from "hono";
import {
  type Adapter,
  asAtelierError,
  httpStatus,
  type Log,
  type NewId,
  personMessage,
} from "#core";
import type { PrometheusMetrics } from "../src/drivers/prometheus/prometheus-metrics.ts";
import type { Api } from "./api/api.ts";
import { createAuthorization } from "./api/authorization.ts";
import { isForeignRequest } from "./foreign-request.ts";
import { bareHost, isLoopback, isReachableFromOutside } from "./reachability.ts";
import { readAway } from "./read-away.ts";
import type { Settings } from "./settings.ts";

/** Every route of the one process. Where a route needs a key, it is one of `API_KEYS`. */
export function createHttp({
  settings,
  baseUrl,
  log,
  newId,
  metrics,
  filesRoute,
  api,
  adapters,
  isReady,
}: {
  settings: Settings;
  baseUrl: () => string;
  log: Log;
  newId: NewId;
  metrics: PrometheusMetrics;
  filesRoute: ((request: Request) => Promise<Response>) | null;
  api: Api["routes"];
  adapters: readonly Adapter[];
  isReady: () => boolean;
}): (request: Request) => Promise<Response> {
  const authorize = createAuthorization(settings);
  const authorizePerson = createAuthorization(settings, { takesPassword: true });
  const app = new Hono();

  app.onError((thrown, context) => {
    const error = asAtelierError(thrown);
    const reference = newId();
    log.error({ reference, err: error }, "request failed");
    return context.json(
      { error: error.kind, message: personMessage(error, reference) },
      httpStatus(error.kind),
    );
  });
  app.notFound((context) =>
    context.json({ error: "not_found", message: "There is nothing here. The page is at /." }, 404),
  );
  app.use(async (context, next) => {
    await next();
    await readAway(context.req.raw);
    context.header("X-Content-Type-Options", "nosniff");
    context.header("Referrer-Policy", "no-referrer");
  });

  app.get("/healthz", (context) =>
    isReady() ? context.json({ status: "ok" }) : context.json({ status: "not ready" }, 503),
  );

  app.get("/metrics", async (context) => {
    if (authorize(context.req.raw.headers).kind === "nobody") {
      return context.json({ error: "Unauthorized", message: "Send one of API_KEYS." }, 401);
    }
    const { text, mediaType } = await metrics.render();
    return context.body(text, 200, { "Content-Type": mediaType });
  });

  if (filesRoute !== null) app.all("/files/*", (context) => filesRoute(context.req.raw));

  for (const adapter of adapters) {
    if (adapter.webhookPath === undefined) continue;
    app.all(adapter.webhookPath, async (context) => {
      const response = await adapter.fetch?.(context.req.raw);
      return response ?? context.notFound();
    });
  }

  app.use(async (context, next) => {
    if (!isForeignRequest(context.req.raw, settings)) return next();
    return context.json(
      {
        error: "not_allowed",
        message: "Web pages of other sites may not call this. See CORS_ORIGINS and PUBLIC_URL.",
      },
      403,
    );
  });
  app.route("/", api);

  // Links to pictures begin with `baseUrl`, and the page's policy lets in those of its own origin.
  app.on("GET", ["/", "/preview/*"], async (context, next) => {
    const url = new URL(context.req.raw.url);
    return isOtherLoopbackName(url, new URL(baseUrl()))
      ? context.redirect(`${baseUrl()}${url.pathname}${url.search}`)
      : next();
  });

  const pageNeedsKey = isReachableFromOutside(settings);
  app.all("*", async (context) => {
    if (pageNeedsKey && authorizePerson(context.req.raw.headers).kind === "nobody") {
      context.header("WWW-Authenticate", 'Basic realm="Atelier: the password is one of API_KEYS"');
      return context.json(
        { error: "not_allowed", message: "Sign in with one of API_KEYS as the password." },
        401,
      );
    }
    for (const adapter of adapters) {
      const response = await adapter.fetch?.(context.req.raw);
      if (response) return response;
    }
    return context.notFound();
  });

  return async (request) => app.fetch(request);
}

/** Whether it is this server by another name, `localhost` for 127.0.0.1; a tunnel's port is left alone. */
function isOtherLoopbackName(url: URL, base: URL): boolean {
  return (
    url.hostname !== base.hostname &&
    url.port === base.port &&
    isLoopback(bareHost(url)) &&
    isLoopback(bareHost(base))
  );
}
