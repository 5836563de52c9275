import { readEnvironment } from "../settings.ts";
import { createApp } from "./app.ts";
import { OptionsError } from "./read-context.ts";

/** What the CDK's command line starts (`cdk.json`). */
try {
  createApp({ environment: readEnvironment() }).synth();
} catch (thrown) {
  if (!(thrown instanceof OptionsError)) throw thrown;
  process.stderr.write(`${thrown.message}\n`);
  process.exitCode = 1;
}
