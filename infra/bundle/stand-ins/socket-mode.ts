import type { createSocketMode as realSocketMode } from "../../../adapters/slack/transport/socket-mode.ts";
import { AtelierError } from "../../../src/errors.ts";

export const createSocketMode: typeof realSocketMode = () => {
  throw new AtelierError(
    "misconfigured",
    "A function keeps no connection to Slack open. Unset SLACK_APP_TOKEN and set SLACK_SIGNING_SECRET: Slack then calls it.",
  );
};
