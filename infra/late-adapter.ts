import type { Adapter } from "#core";
import { once } from "./clip-services/once.ts";

/**
 * An adapter that is opened and started by the first request, job or attachment that is its own:
 * of two platforms that a function serves, the one that nobody speaks on yet costs no time.
 */
export function createLateAdapter({
  platform,
  webhookPath,
  open,
}: {
  platform: string;
  webhookPath: string;
  open: () => Promise<Adapter>;
}): Adapter {
  let opened: Adapter | null = null;
  const started = once(async () => {
    const adapter = await open();
    await adapter.start?.();
    opened = adapter;
    return adapter;
  });

  return {
    platform,
    webhookPath,
    async fetch(request) {
      if (new URL(request.url).pathname !== webhookPath) return null;
      return (await (await started()).fetch?.(request)) ?? null;
    },
    stop: async () => opened?.stop?.(),
    settled: async () => opened?.settled?.(),
    close: async () => opened?.close?.(),
    openAttachment: async (...given) => (await started()).openAttachment(...given),
    saveVideo: async (...given) => (await started()).saveVideo(...given),
    begin: async (job) => (await started()).begin?.(job),
    // Steps are of what has begun.
    progress: (job, progress) => opened?.progress?.(job, progress),
    pause: async (job, last) => opened?.pause?.(job, last),
    deliver: async (record, card) => (await started()).deliver?.(record, card),
  };
}
