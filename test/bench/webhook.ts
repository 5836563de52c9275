import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { bundleImage } from "../../infra/bundle/image-bundle.ts";
import { bundleOptions, repositoryRoot } from "../../infra/bundle/options.ts";
import { bundleWebhook } from "../../infra/bundle/webhook-bundle.ts";
import { zippedSizeBytes } from "../../infra/bundle/zipped-size.ts";
import { startDynalite } from "../../src/drivers/dynalite/dynalite-server.ts";
import { parseJson, recordOf } from "../servers/json-record.ts";
import { startLambdaEnvironment } from "../servers/lambda-environment.ts";
import { startLoopbackAws } from "./loopback-aws.ts";
import { median } from "./measure.ts";
import { ms, type Section } from "./table.ts";
import { discordEvent, slackEvent } from "./webhook-events.ts";

const ROUNDS = 15;
const WARM_UP_ROUNDS = 2;

type Start = "node" | "runtime" | "slack" | "discord";

/**
 * The webhook function as it is deployed, under the image's runtime client: from the start of its
 * process to its answer of a signed command that it has queued, with AWS on loopback.
 */
export async function measureWebhook(): Promise<Section> {
  const folder = await mkdtemp(join(tmpdir(), "atelier-bench-"));
  const webhook = join(folder, "webhook");
  const runtime = join(folder, "runtime");
  await bundleWebhook(webhook);
  const entryPoints = { runtime: join(repositoryRoot, "infra/container/lambda-runtime.ts") };
  await build({ ...bundleOptions, entryPoints, outdir: runtime });
  const nothing = join(folder, "nothing.mjs");
  await writeFile(nothing, "export const handler = async () => ({ statusCode: 200 });\n");

  const word = join(folder, "word.mjs");
  await writeFile(word, "process.stdout.write('here');\n");
  const dynamodb = await startDynalite({ path: join(folder, "state") });
  const aws = await startLoopbackAws({ ...dynamodb, secretAccessKey: "bench" });
  const { environment } = aws;
  const client = join(runtime, "runtime.mjs");
  const artefact = (taskRoot: string, handler: string) =>
    ({ command: [process.execPath, client, handler], folder: taskRoot, environment }) as const;
  const starts = {
    node: () => firstWordMs(word),
    runtime: () => answerMs(artefact(folder, "nothing.handler"), {}),
    slack: (n: number) => answerMs(artefact(webhook, "webhook.handler"), slackEvent(n, aws.slack)),
    discord: (n: number) => answerMs(artefact(webhook, "webhook.handler"), discordEvent(n)),
  };
  const times = { node: [], runtime: [], slack: [], discord: [] } as Record<Start, number[]>;
  try {
    // In turn, so that whatever else the machine does meets all of them alike.
    for (let round = 0; round < WARM_UP_ROUNDS + ROUNDS; round++) {
      for (const name of ["node", "runtime", "slack", "discord"] as const) {
        const tookMs = await starts[name](round);
        if (round >= WARM_UP_ROUNDS) times[name].push(tookMs);
      }
    }
    const image = join(folder, "image");
    await bundleImage(image);
    const zippedMb = async (of: string) => `${((await zippedSizeBytes(of)) / 1e6).toFixed(2)} MB`;
    const beyond = (name: Start) => ms(median(times[name]) - median(times.node));
    const least = (name: Start) => ms(Math.min(...times[name]) - Math.min(...times.node));
    return {
      heading: `The webhook function, cold, median of ${ROUNDS} starts (AWS on loopback)`,
      rows: [
        {
          what: "its bundle, zipped",
          value: await zippedMb(webhook),
          beside: "target: at most 1.5 MB",
        },
        {
          what: "the image's own part, zipped",
          value: await zippedMb(image),
          beside: "with the demo model; without Node, ffmpeg and the native packages",
        },
        { what: "Node itself, from its start to its first word", value: ms(median(times.node)) },
        {
          what: "beyond that: a function that does nothing, to its first answer",
          value: beyond("runtime"),
          beside: "the runtime client's share",
        },
        {
          what: "beyond that: a signed slash command of Slack's, queued and answered",
          value: beyond("slack"),
          beside: `target: at most 300 ms; the fastest: ${least("slack")}`,
        },
        {
          what: "beyond that: a signed command of Discord's, queued and answered",
          value: beyond("discord"),
          beside: `target: at most 300 ms; the fastest: ${least("discord")}`,
        },
      ],
    };
  } finally {
    await aws.close();
    await dynamodb.close();
    await rm(folder, { recursive: true, force: true });
  }
}

/** From the start of Node to the first word of a program that does nothing else. */
async function firstWordMs(program: string): Promise<number> {
  const startMs = performance.now();
  const child = spawn(process.execPath, [program], { env: {} });
  await once(child.stdout, "data");
  const tookMs = performance.now() - startMs;
  await once(child, "close");
  return tookMs;
}

/**
 * From the start of an environment of its own to its first answer. One that refuses, as it does
 * where it is too late for Slack and Discord, is never there: so is the median of too many.
 */
async function answerMs(
  artefact: Pick<
    Parameters<typeof startLambdaEnvironment>[0],
    "command" | "folder" | "environment"
  >,
  event: object,
): Promise<number> {
  const said: string[] = [];
  const startMs = performance.now();
  const environment = await startLambdaEnvironment(
    {
      ...artefact,
      functionName: "webhook",
      functionArn: "arn:aws:lambda:us-west-2:123456789012:function:webhook",
      timeoutMs: 10_000,
    },
    { onLine: (line) => said.push(line), onProblem: () => {}, onEnd: () => {} },
  );
  try {
    const { payload } = await environment.invoke(JSON.stringify(event));
    const tookMs = performance.now() - startMs;
    const answer = recordOf(parseJson(payload));
    // Discord's first response says 200 and 4, a message, for what was refused.
    const isTaken = answer.statusCode === 200 && !String(answer.body).startsWith('{"type":4');
    if (isTaken) return tookMs;
    console.error(`A start was refused: ${payload}\n${said.join("\n")}`);
    return Number.POSITIVE_INFINITY;
  } finally {
    await environment.kill();
  }
}
