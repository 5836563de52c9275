import { asAtelierError } from "#core";
import { runModelCommand } from "./models/model-command.ts";
import { loadSettings } from "./settings.ts";

/** `npm run model -- pull|list|verify|remove`: models that find moments. */
const stop = new AbortController();
process.once("SIGINT", () => stop.abort(new Error("Stopped. The same command goes on from here.")));

try {
  const { settings } = loadSettings();
  const lines = await runModelCommand(process.argv.slice(2), {
    settings,
    endpoint: settings.HF_ENDPOINT,
    output: process.stderr,
    now: () => performance.now(),
    signal: stop.signal,
  });
  process.stdout.write(`${lines.join("\n")}\n`);
} catch (thrown) {
  process.stderr.write(`${asAtelierError(thrown).message}\n`);
  process.exitCode = 1;
}
