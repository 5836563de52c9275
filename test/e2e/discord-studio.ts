import { afterAll } from "vitest";
import { commands } from "#commands";
import { discordCommands } from "../../adapters/discord/register.ts";
import type { DiscordProxyOptions } from "../servers/discord-proxy.ts";
import { parseJson, recordsOf } from "../servers/json-record.ts";
import { type ModelServer, startModelServer } from "../servers/model-server.ts";
import { type AtelierProcess, atelierProcesses } from "./atelier-process.ts";
import type { DiscordMessage } from "./discord-screen.ts";
import { type DiscordWorld, discordWorlds } from "./discord-world.ts";
import { onModelServer } from "./on-model-server.ts";

export interface DiscordStudio {
  discord: DiscordWorld;
  atelier: AtelierProcess;
  /** It draws flat pictures whose colour comes from the seed, and keeps what it was asked for. */
  model: ModelServer;
}

/** To call once in a suite: a server with an Atelier that draws at a model server. */
export function discordStudios() {
  const worlds = discordWorlds();
  const processes = atelierProcesses();
  const models: ModelServer[] = [];

  afterAll(async () => {
    await Promise.all(models.map((model) => model.close()));
  });

  return {
    async open(options: DiscordProxyOptions): Promise<DiscordStudio> {
      const model = await startModelServer();
      models.push(model);
      const discord = await worlds.start(options);
      await registerAll(discord);
      const environment = { ...discord.environment, ...onModelServer(model) };
      return { discord, model, atelier: await processes.start({ environment }) };
    },
  };
}

/** Every command, as the operator's script registers them. */
export function registerAll({ register }: Pick<DiscordWorld, "register">): Promise<void> {
  return register(recordsOf(parseJson(JSON.stringify(discordCommands(commands)))));
}

/** Fits a message that shows pictures of that prompt. */
export const drawn = (prompt: string) => (message: DiscordMessage) =>
  message.pictureIds.length > 0 && message.text.includes(prompt);
