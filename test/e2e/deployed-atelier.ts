import { SQSClient } from "@aws-sdk/client-sqs";
import { startCeph } from "../servers/ceph.ts";
import { DISCORD_APP } from "../servers/discord-workspace.ts";
import { startHttpApi } from "../servers/http-api.ts";
import { parseJson, recordOf, textOf } from "../servers/json-record.ts";
import { createLambdaFunction, type LambdaFunction } from "../servers/lambda-function.ts";
import type { Handler } from "../servers/lambda-server.ts";
import { createS3Events } from "../servers/s3-events.ts";
import { SLACK_APP } from "../servers/slack-workspace.ts";
import { type SqsEventSource, startSqsEventSource } from "../servers/sqs-event-source.ts";
import {
  readStackTemplate,
  type StackReferences,
  type StackResource,
  type StackTemplate,
  TEST_REGION,
} from "../servers/stack-template.ts";
import type { Chat } from "./chat-tables.ts";
import { artefactOf, functionsOf } from "./deployed-functions.ts";
import { deployedNotifications } from "./deployed-resources.ts";
import {
  type Closers,
  createClosers,
  type DeployedServices,
  startDeployedServices,
} from "./deployed-services.ts";
import { synthesise } from "./deployed-synth.ts";

/** Enough for what runs side by side, and not too much for two cores. */
const ENVIRONMENTS_MAX = 2;

/** A key of `API_KEYS`. */
export const DEPLOYED_API_KEY = "a-key-of-the-team-1";

/** The secrets that an operator puts into Parameter Store, by the setting that each holds. */
const secrets: Readonly<Record<string, string>> = {
  SLACK_BOT_TOKEN: SLACK_APP.botToken,
  SLACK_SIGNING_SECRET: SLACK_APP.signingSecret,
  DISCORD_TOKEN: DISCORD_APP.botToken,
  DISCORD_APPLICATION_ID: DISCORD_APP.id,
  DISCORD_PUBLIC_KEY: DISCORD_APP.publicKey,
  API_KEYS: DEPLOYED_API_KEY,
};

export type DeployedAtelier = Awaited<ReturnType<typeof deployAtelier>>;

/** What an operator does: chooses in the context, and puts the secrets where they belong. */
export interface DeployOptions {
  /** Opens the chat platforms, which are told where the API is. */
  openChats: (apiUrl: string) => Promise<readonly Chat[]>;
  context?: Readonly<Record<string, unknown>>;
}

/**
 * What `npm run deploy` would make, on loopback: the artefacts and the template of `cdk synth`,
 * each function in processes of its own under Lambda's Runtime API, with the template's queues,
 * tables, buckets and routes between them.
 */
export async function deployAtelier({ openChats, context = {} }: DeployOptions) {
  const closers = createClosers();
  try {
    const api = closers.add(await startHttpApi(), (one) => one.close());
    const chats = await openChats(api.url);
    const settings = { ...apiUrlsOf(chats), RATE_MODEL_PER_MINUTE: "6000" };
    const [synthesised, ceph] = await Promise.all([
      synthesise({ settings, ...context }),
      startCeph().then((one) => closers.add(one, () => one.close())),
    ]);
    closers.add(synthesised, (one) => one.remove());
    const template = await readStackTemplate(synthesised.folder);
    const invokable: Record<string, Handler> = {};
    const services = await startDeployedServices(template, ceph, {
      closers,
      invokable,
      onChange: (object) => events.changed(object),
    });
    const stack = await startFunctions({ template, services, closers, apiUrl: api.url });
    for (const lambda of stack.functions()) {
      const handler: Handler = async (event) => resultOf(await lambda.invoke(event));
      invokable[lambda.name] = handler;
      invokable[lambda.arn] = handler;
    }
    const events = createS3Events(
      deployedNotifications(template).map(({ functionArn, ...hears }) => {
        return { ...hears, retries: 2, invoke: stack.byArn(functionArn).invoke };
      }),
    );
    const sources = startSources({ template, services, closers, stack });
    api.serve(
      template.ofType("AWS::ApiGatewayV2::Route").map(({ properties }) => {
        const target = template.resolveText(properties.Target).split("/").at(-1) ?? "";
        const uri = template.resolveText(template.resource(target).properties.IntegrationUri);
        // The function's ARN, in older ones with a path before and behind it.
        const arn = /arn:aws:lambda:[^/]+$/u.exec(uri.replace(/\/invocations$/u, ""))?.[0] ?? "";
        return { key: textOf(properties.RouteKey), invoke: stack.byArn(arn).invoke };
      }),
    );
    await startWebhooks(api.url);
    return {
      api,
      chats,
      template,
      events,
      ...services,
      function: stack.named,
      functions: stack.functions,
      roleOf: stack.roleOf,
      /** The event source mapping of the queue. */
      source(queue: string): SqsEventSource {
        const found = sources.get(queue);
        if (found === undefined) throw new Error(`Nothing polls ${queue}.`);
        return found;
      },
      close: closers.closeAll,
    };
  } catch (thrown) {
    await closers.closeAll();
    throw thrown;
  }
}

interface Stack {
  named(name: string): LambdaFunction;
  byArn(arn: string): LambdaFunction;
  functions(): readonly LambdaFunction[];
  /** The logical id of the function's role. */
  roleOf(name: string): string;
  /** The URL of a queue as the function is given it. */
  queueUrl(name: string, queue: StackResource): string;
  /** Where the function reaches AWS. */
  doorOf(name: string): string;
}

async function startFunctions({
  template,
  services: { recorder, credentials, ssm, sqs },
  closers,
  apiUrl,
}: {
  template: StackTemplate;
  services: DeployedServices;
  closers: Closers;
  apiUrl: string;
}): Promise<Stack> {
  const started = new Map<string, { lambda: LambdaFunction; roleId: string; door: string }>();
  const urlOf = (door: string, queue: StackResource) =>
    sqs.queueUrl(template.nameOf(queue)).replace(sqs.endpoint, door);

  for (const resource of functionsOf(template)) {
    const name = template.nameOf(resource);
    const door = await recorder.open(name);
    const references: StackReferences = {
      ref: (one) => (one.type === "AWS::SQS::Queue" ? urlOf(door, one) : undefined),
      attribute: (_, attribute) => (attribute === "ApiEndpoint" ? apiUrl : undefined),
    };
    const artefact = await artefactOf(template, resource, references, {
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
      AWS_ENDPOINT_URL: door,
      AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true",
    });
    for (const parameter of (artefact.environment.SECRET_PARAMETERS ?? "").split(",")) {
      const secret = secrets[parameter.split("/").at(-1) ?? ""];
      if (secret !== undefined) ssm.put(parameter, secret);
    }
    const reserved = Number(resource.properties.ReservedConcurrentExecutions ?? ENVIRONMENTS_MAX);
    const concurrency = Math.min(reserved, ENVIRONMENTS_MAX);
    const lambda = createLambdaFunction({ artefact, concurrency });
    closers.add(lambda, (one) => one.stop());
    started.set(name, { lambda, door, roleId: artefact.roleId });
  }

  function one(name: string) {
    const found = started.get(name);
    if (found !== undefined) return found;
    throw new Error(`There is no function ${name}, but ${[...started.keys()].join(", ")}.`);
  }
  return {
    named: (name) => one(name).lambda,
    byArn: (arn) => one(template.nameOf(template.byArn(arn))).lambda,
    functions: () => [...started.values()].map(({ lambda }) => lambda),
    roleOf: (name) => one(name).roleId,
    queueUrl: (name, queue) => urlOf(one(name).door, queue),
    doorOf: (name) => one(name).door,
  };
}

/** What nobody signed starts the webhook's environments, so that no platform waits for a cold start. */
async function startWebhooks(apiUrl: string): Promise<void> {
  const unsigned = () => fetch(`${apiUrl}/slack/events`, { method: "POST" });
  const answers = await Promise.all(Array.from({ length: ENVIRONMENTS_MAX }, unsigned));
  const [refused] = answers.filter(({ status }) => status !== 401);
  if (refused !== undefined) throw new Error(`The webhook answered with ${refused.status}.`);
}

/** The template's event source mappings, by the name of their queue. */
function startSources({
  template,
  services: { credentials },
  closers,
  stack,
}: {
  template: StackTemplate;
  services: DeployedServices;
  closers: Closers;
  stack: Stack;
}): ReadonlyMap<string, SqsEventSource> {
  const sources = new Map<string, SqsEventSource>();
  for (const { properties } of template.ofType("AWS::Lambda::EventSourceMapping")) {
    const queue = template.byArn(template.resolveText(properties.EventSourceArn));
    const named = template.resolveText(properties.FunctionName);
    const lambda = named.startsWith("arn:") ? stack.byArn(named) : stack.named(named);
    const endpoint = stack.doorOf(lambda.name);
    const client = new SQSClient({ endpoint, region: TEST_REGION, credentials });
    const types = properties.FunctionResponseTypes;
    const most = Number(recordOf(properties.ScalingConfig).MaximumConcurrency ?? ENVIRONMENTS_MAX);
    const source = startSqsEventSource({
      client,
      queueUrl: stack.queueUrl(lambda.name, queue),
      queueArn: template.arnOf(queue),
      batchSize: Number(properties.BatchSize ?? 10),
      reportsItemFailures: Array.isArray(types) && types.includes("ReportBatchItemFailures"),
      concurrency: Math.min(most, ENVIRONMENTS_MAX),
      invoke: lambda.invoke,
    });
    closers.add(source, async (one) => {
      await one.close();
      client.destroy();
    });
    sources.set(template.nameOf(queue), source);
  }
  return sources;
}

/** Where the platforms are: in a real deployment, where they always are. */
function apiUrlsOf(chats: readonly Chat[]): Record<string, string> {
  const entries = chats.flatMap(({ environment }) => Object.entries(environment));
  return Object.fromEntries(entries.filter(([name]) => name.endsWith("_API_URL")));
}

/** As Lambda's Invoke answers it: the result, or what the function threw. */
function resultOf({ payload, isFailed }: { payload: string; isFailed: boolean }): unknown {
  if (!isFailed) return parseJson(payload);
  const { errorType, errorMessage } = recordOf(parseJson(payload));
  throw Object.assign(new Error(textOf(errorMessage)), { name: textOf(errorType) });
}
