import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import {
  type Adapter,
  AtelierError,
  asAtelierError,
  getInput,
  httpStatus,
  type Intake,
  isFinished,
  type Log,
  type NewId,
  personMessage,
  type Services,
  storeInput,
} from "#core";
import {
  PLATFORM,
  readAction,
  readCommand,
  readCursor,
  readIdentity,
  readViewer,
} from "./inbound.ts";
import { createJobViews } from "./job-views.ts";
import type { PageAssets } from "./page-assets.ts";
import type { Preview } from "./preview.ts";
import { renderCommand, renderPreview } from "./render.ts";
import { createUploads } from "./uploads.ts";
import { streamViews } from "./view-stream.ts";

export { loadPageAssets } from "./page-assets.ts";

const COMMAND_MAX_BYTES = 128 * 1024;
const ATTACHMENT_MAX_BYTES = 25_000_000;
/** As many jobs of a channel as the page asks for at once. */
const PAGE_SIZE = 30;

const CONTENT_SECURITY_POLICY =
  "default-src 'self'; img-src 'self' https: blob: data:; media-src 'self' https: blob:; style-src 'self'; script-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/**
 * The page that needs no account, and the HTTP interface behind it. It delivers nothing: the
 * page shows the records of jobs themselves, as they change.
 */
export function createPlaygroundAdapter({
  assets,
  services,
  intake,
  previews,
  uploadsDir,
  newId,
  log,
}: {
  /** Of `loadPageAssets`, which takes long enough to do it beside other things. */
  assets: PageAssets;
  services: Services;
  intake: Intake;
  /** By platform: how it would show a job of this page. */
  previews: Readonly<Record<string, Preview>>;
  /** The folder that keeps videos until their job has ended. */
  uploadsDir: string;
  newId: NewId;
  log: Log;
}): Adapter {
  const views = createJobViews(services);
  const uploads = createUploads({ dir: uploadsDir, services, clock: services.clock });
  services.jobs.watch((event) => {
    if (event.kind !== "changed") return;
    const { platform, status, attempts, args } = event.record;
    // What was never begun may be sent again with the same video.
    if (platform !== PLATFORM || !isFinished(status) || attempts === 0) return;
    for (const value of Object.values(args)) {
      if (typeof value !== "object") continue;
      uploads
        .forget(value.attachment)
        .catch((thrown: unknown) => log.warn({ err: thrown }, "an upload stays"));
    }
  });
  const app = new Hono<{ Bindings: { isOwn: boolean } }>();

  app.onError((thrown, context) => {
    const error = asAtelierError(thrown);
    const reference = newId();
    const status = httpStatus(error.kind);
    if (status >= 500) log.error({ reference, err: error }, "playground request failed");
    if (error.retryAfterMs !== undefined) {
      context.header("Retry-After", String(Math.ceil(error.retryAfterMs / 1000)));
    }
    return context.json({ error: error.kind, message: personMessage(error, reference) }, status);
  });

  const limit = (maxSize: number) =>
    bodyLimit({
      maxSize,
      onError: () => {
        throw new AtelierError(
          "invalid_input",
          `That is over ${Math.floor(maxSize / 1000).toLocaleString("en")} kB, the most I take. Send less.`,
        );
      },
    });

  // Whoever asked this adapter says so for all of them.
  app.notFound((context) => {
    context.env.isOwn = false;
    return context.body(null, 404);
  });

  for (const [path, asset] of assets) {
    app.get(path, (context) =>
      context.body(Buffer.from(asset.body), 200, {
        "Content-Type": asset.mediaType,
        "Content-Security-Policy": CONTENT_SECURITY_POLICY,
        "Cache-Control": "no-cache",
      }),
    );
  }

  app.get("/api/commands", async (context) => {
    const typed = services.commands.filter((command) => command.reach === "typed");
    const user = readIdentity(context.req.query("user"));
    return context.json(
      await Promise.all(typed.map((command) => renderCommand(command, services, user))),
    );
  });

  app.post("/api/commands", limit(COMMAND_MAX_BYTES), async (context) => {
    const body = await readJson(context.req.raw);
    const deliveryId = context.req.header("Idempotency-Key") ?? newId();
    const { command, inbound } = readCommand(body, deliveryId, services.commands);
    const { jobId } = await intake.receiveCommand(command, inbound);
    return context.json({ job_id: jobId }, 202);
  });

  app.post("/api/actions", limit(COMMAND_MAX_BYTES), async (context) => {
    const body = await readJson(context.req.raw);
    const deliveryId = context.req.header("Idempotency-Key") ?? newId();
    const { action, inbound } = readAction(body, deliveryId, services.commands);
    const { jobId } = await intake.receiveAction(action, inbound);
    return context.json({ job_id: jobId }, 202);
  });

  app.post("/api/attachments", async (context, next) => {
    if (!typeOf(context.req.raw).startsWith("video/")) return next();
    const id = await uploads.receive(context.req.raw, context.req.query("name") ?? "");
    return context.json({ id }, 201);
  });

  app.post("/api/attachments", limit(ATTACHMENT_MAX_BYTES), async (context) => {
    if (!typeOf(context.req.raw).startsWith("image/")) {
      throw new AtelierError(
        "invalid_input",
        "Only pictures and videos can be attached: JPEG, PNG, WebP, GIF or AVIF; MP4, MOV, WebM or MKV.",
      );
    }
    const stored = await storeInput(new Uint8Array(await context.req.arrayBuffer()), services);
    return context.json({ id: stored.sha256 }, 201);
  });

  app.get("/api/jobs/:id", async (context) =>
    context.json(await views.get(context.req.param("id"))),
  );

  app.get("/api/jobs/:id/events", async (context) => {
    const jobId = context.req.param("id");
    await views.find(jobId);
    return streamViews(context, views, {
      read: async () => [await views.find(jobId)],
      isWanted: (record) => record.id === jobId,
      isOneJob: true,
    });
  });

  app.get("/api/jobs/:id/preview/:platform", async (context) => {
    const { id, platform } = context.req.param();
    const preview = Object.hasOwn(previews, platform) ? previews[platform] : undefined;
    if (preview === undefined) {
      const known = Object.keys(previews).join(", ");
      throw new AtelierError("not_found", `There are previews for: ${known}.`);
    }
    const snapshot = await views.see(id, readIdentity(context.req.query("user")));
    return context.json(renderPreview(snapshot.record, await preview(snapshot)));
  });

  app.get("/api/channels/:channel/jobs", async (context) => {
    const viewer = readViewer(context.req.param("channel"), context.req.query("user"));
    const before = readCursor(context.req.query("before"));
    const limitGiven = Number(context.req.query("limit") ?? PAGE_SIZE);
    const pageSize = Number.isInteger(limitGiven)
      ? Math.min(Math.max(limitGiven, 1), 100)
      : PAGE_SIZE;
    return context.json(await views.page(viewer, pageSize, before));
  });

  app.get("/api/channels/:channel/events", (context) => {
    const viewer = readViewer(context.req.param("channel"), context.req.query("user"));
    return streamViews(context, views, {
      read: () => views.latest(viewer, PAGE_SIZE),
      isWanted: (record) =>
        record.place === viewer.place && (!record.isPrivate || record.user === viewer.identity),
      isOneJob: false,
    });
  });

  return {
    platform: PLATFORM,
    async fetch(request) {
      const routing = { isOwn: true };
      const response = await app.fetch(request, routing);
      return routing.isOwn ? response : null;
    },
    start: uploads.removeOld,
    openAttachment: ({ attachment }) => getInput(attachment, services),
    saveVideo: ({ attachment }, _job, options) => uploads.save(attachment, options),
  };
}

function typeOf(request: Request): string {
  return request.headers.get("Content-Type") ?? "";
}

async function readJson(request: Request): Promise<unknown> {
  if (!request.headers.get("Content-Type")?.startsWith("application/json")) {
    throw new AtelierError("invalid_input", "Send JSON with Content-Type: application/json.");
  }
  try {
    return await request.json();
  } catch (cause) {
    throw new AtelierError("invalid_input", "The body is not valid JSON.", { cause });
  }
}
