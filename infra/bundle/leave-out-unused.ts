import { readFile } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import type { OnLoadResult, Plugin } from "esbuild";
import { repositoryRoot } from "./options.ts";

const standIns = join(import.meta.dirname, "stand-ins");

const ours = (name: string) => async (): Promise<OnLoadResult> => ({
  contents: await readFile(join(standIns, name), "utf8"),
  loader: "ts",
  resolveDir: standIns,
});
const commonJs = (contents: string) => async (): Promise<OnLoadResult> => ({ contents });

const noReceiver = commonJs(`module.exports = function NoReceiver() {
  throw new Error("Bolt's App has no receiver of its own here: it must be given one.");
};`);

/** By the file, from the repository's root: what is bundled in its place. */
const insteadOf: Readonly<Record<string, () => Promise<OnLoadResult>>> = {
  // A function keeps no line open, so nothing comes in over one.
  "adapters/discord/transport/gateway.ts": ours("gateway.ts"),
  "adapters/slack/transport/socket-mode.ts": ours("socket-mode.ts"),
  // Of Bolt, its App and all that it does with a delivery. The rest of its index is ways in that
  // are not ours: express, an OAuth server, Socket Mode.
  "node_modules/@slack/bolt/dist/index.js": commonJs(
    `const app = require("./App"); exports.App = app.default; exports.LogLevel = app.LogLevel;`,
  ),
  // These its App makes only where nobody gives it one.
  "node_modules/@slack/bolt/dist/receivers/HTTPReceiver.js": noReceiver,
  "node_modules/@slack/bolt/dist/receivers/SocketModeReceiver.js": noReceiver,
};

/**
 * What no function uses although the one process does, and what stands in its place. Fails the
 * bundle where one of these files was not met: it has moved, and would be bundled as it is.
 */
export const leaveOutUnused: Plugin = {
  name: "leave-out-unused",
  setup(build) {
    const met = new Set<string>();
    build.onLoad({ filter: /gateway|socket-mode|bolt.*(?:index|Receiver)/ }, ({ path }) => {
      const file = relative(repositoryRoot, path).split(sep).join("/");
      met.add(file);
      return insteadOf[file]?.();
    });
    build.onEnd(() => ({
      errors: Object.keys(insteadOf)
        .filter((file) => !met.has(file))
        .map((file) => ({ text: `${file} was to be left out of the bundle, and is not in it.` })),
    }));
  },
};
