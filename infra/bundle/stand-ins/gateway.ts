import type { createGateway as realGateway } from "../../../adapters/discord/transport/gateway.ts";
import { AtelierError } from "../../../src/errors.ts";

export const createGateway: typeof realGateway = () => {
  throw new AtelierError(
    "misconfigured",
    "A function keeps no connection to Discord open. Set DISCORD_PUBLIC_KEY: Discord then calls it.",
  );
};
