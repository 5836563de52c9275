import { rm } from "node:fs/promises";
import { build, type Metafile } from "esbuild";
import { inlineDiscordEnums } from "./inline-discord-enums.ts";
import { leaveOutUnused } from "./leave-out-unused.ts";
import { leaveOutUnusedZod } from "./leave-out-unused-zod.ts";
import { bundleOptions } from "./options.ts";

/** Writes the webhook function to an empty `outdir`: pure JavaScript, for Lambda's own Node.js runtime. */
export async function bundleWebhook(outdir: string): Promise<Metafile> {
  await rm(outdir, { recursive: true, force: true });
  const { metafile } = await build({
    ...bundleOptions,
    outdir,
    entryPoints: { webhook: "infra/lambda/webhook.lambda.ts" },
    plugins: [leaveOutUnused, leaveOutUnusedZod, inlineDiscordEnums],
  });
  return metafile;
}
