import { afterAll } from "vitest";
import { colorOf } from "../fixtures/flat-picture.ts";
import { type ModelCall, type ModelServer, startModelServer } from "../servers/model-server.ts";
import type { SlackProxyOptions } from "../servers/slack-proxy.ts";
import { type AtelierProcess, atelierProcesses } from "./atelier-process.ts";
import { onModelServer } from "./on-model-server.ts";
import type { SlackMessage } from "./slack-screen.ts";
import { type SlackWorld, slackWorlds } from "./slack-world.ts";

export interface SlackStudio {
  slack: SlackWorld;
  atelier: AtelierProcess;
  /** It draws flat pictures whose colour comes from the seed, and keeps what it was asked for. */
  model: ModelServer;
}

/** To call once in a suite: a workspace with an Atelier that draws at a model server. */
export function slackStudios() {
  const worlds = slackWorlds();
  const processes = atelierProcesses();
  const models: ModelServer[] = [];

  afterAll(async () => {
    await Promise.all(models.map((model) => model.close()));
  });

  return {
    async open(options: SlackProxyOptions): Promise<SlackStudio> {
      const model = await startModelServer();
      models.push(model);
      const slack = await worlds.start(options);
      const environment = { ...slack.environment, ...onModelServer(model) };
      return { slack, model, atelier: await processes.start({ environment }) };
    },
  };
}

/** Fits a message that shows pictures of that prompt. */
export const drawn = (prompt: string) => (message: SlackMessage) =>
  message.pictureIds.length > 0 && message.text.includes(prompt);

/** The id of the job that the message shows, as its buttons carry it. */
export const jobOf = ({ blocks }: SlackMessage) =>
  /v1\.info\.([a-z0-9]+)/u.exec(JSON.stringify(blocks))?.[1] ?? "";

/** The model's last call for that prompt. */
export function lastCall({ calls }: ModelServer, prompt: string): ModelCall {
  const found = calls.findLast(({ body }) => String(body.prompt).startsWith(prompt));
  if (found !== undefined) return found;
  const asked = calls.map(({ body }) => body.prompt).join("; ");
  throw new Error(`The model was not asked for "${prompt}" but for: ${asked}.`);
}

/** The colour of the picture that the model was given to change. */
export function sourceColor({ body }: ModelCall) {
  return colorOf(Buffer.from(String(body.image), "base64"));
}
