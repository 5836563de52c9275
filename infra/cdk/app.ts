import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { App, Validations } from "aws-cdk-lib";
import { AwsSolutionsChecks } from "cdk-nag";
import type { Artefacts } from "./function.ts";
import { readOptions } from "./options.ts";
import { OptionsError } from "./read-context.ts";
import { createStack } from "./stack.ts";

const dist = join(import.meta.dirname, "../../dist");

/** What `npm run bundle` made. */
const bundled: Artefacts = {
  webhookFolder: join(dist, "webhook"),
  imageFolder: join(dist, "image"),
};

/** How the CDK's makers would have it behave in new code, instead of as it did at first. */
const featureFlags: Readonly<Record<string, unknown>> = createRequire(import.meta.url)(
  "aws-cdk-lib/recommended-feature-flags.json",
);

/**
 * The deployment as a CDK app, checked by cdk-nag when it is synthesised. Needs no account, no
 * network and no Docker. Throws OptionsError for a context that it cannot deploy.
 */
export function createApp({
  context,
  outdir,
  artefacts = bundled,
  environment = {},
}: {
  /** Beside what the CDK's command line gives. */
  context?: Readonly<Record<string, unknown>>;
  outdir?: string;
  artefacts?: Artefacts;
  /** In which the CDK's command line says where it would deploy to, if it has credentials. */
  environment?: Readonly<Record<string, string | undefined>>;
} = {}): App {
  for (const folder of Object.values(artefacts)) {
    if (!existsSync(folder)) throw new Error(`There is no ${folder}. Run npm run bundle first.`);
  }
  const app = new App({
    context: { ...featureFlags, ...context },
    ...(outdir !== undefined && { outdir }),
    analyticsReporting: false,
  });
  const options = readOptions(app.node.getAllContext() ?? {});
  assertModelIsInImage(options.clipModel, artefacts);
  const { CDK_DEFAULT_ACCOUNT: account, CDK_DEFAULT_REGION: region } = environment;
  const place = account && region ? { account, region } : undefined;
  createStack(app, { options, artefacts, ...(place && { place }) });
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  return app;
}

/** The image is made from `cdk.json`, before this app hears of `-c`. */
function assertModelIsInImage(model: string, { imageFolder }: Artefacts): void {
  if (model === "demo" || existsSync(join(imageFolder, "models", model, "config.json"))) return;
  throw new OptionsError([
    `clipModel is ${model}, which is not in the image. Pull it with npm run model -- pull ${model}, name it in cdk.json, not with -c, and start again`,
  ]);
}
