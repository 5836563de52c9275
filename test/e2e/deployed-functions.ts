import { readFile } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import { parseJson, recordOf, textOf } from "../servers/json-record.ts";
import type { LambdaArtefact } from "../servers/lambda-environment.ts";
import {
  type StackReferences,
  type StackResource,
  type StackTemplate,
  TEST_REGION,
} from "../servers/stack-template.ts";

/** What a function of the template is started with. */
export interface DeployedArtefact extends LambdaArtefact {
  /** The role's logical id. */
  roleId: string;
}

/** The functions of the template: all are ours, none is the CDK's own. */
export function functionsOf(template: StackTemplate): StackResource[] {
  return template.ofType("AWS::Lambda::Function");
}

/**
 * The function as the template has it: its artefact, environment, handler and timeout. Lambda
 * would start the image with its entry point; a zip runs under the same runtime client here.
 */
export async function artefactOf(
  template: StackTemplate,
  resource: StackResource,
  references: StackReferences,
  environment: Readonly<Record<string, string>>,
): Promise<DeployedArtefact> {
  const { properties } = resource;
  const { kind, folder } = template.assetFolder(properties.Code);
  const resolved = template.resolve(recordOf(properties.Environment).Variables, references);
  const own = Object.entries(recordOf(resolved)).map(([name, value]) => [name, String(value)]);
  const image = imageFolder(template);
  const { entryPoint, variables } = await readDockerfile(image);
  const [program = "", ...args] = entryPoint;
  const command = recordOf(properties.ImageConfig).Command;
  const handler = Array.isArray(command) ? textOf(command[0]) : textOf(properties.Handler);
  const role = recordOf(properties.Role)["Fn::GetAtt"];
  return {
    functionName: template.nameOf(resource),
    functionArn: template.arnOf(resource),
    command: [program === "node" ? process.execPath : program, ...args, handler],
    folder,
    timeoutMs: Number(properties.Timeout ?? 3) * 1000,
    roleId: Array.isArray(role) ? textOf(role[0]) : "",
    environment: {
      // Node itself, and ffmpeg.
      PATH: [dirname(process.execPath), process.env.PATH ?? ""].join(delimiter),
      AWS_REGION: TEST_REGION,
      AWS_DEFAULT_REGION: TEST_REGION,
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(properties.MemorySize ?? 128),
      _HANDLER: handler,
      ...(kind === "image" ? variables : {}),
      ...Object.fromEntries(own),
      ...environment,
    },
  };
}

function imageFolder(template: StackTemplate): string {
  const image = functionsOf(template).find(
    ({ properties }) => recordOf(properties.Code).ImageUri !== undefined,
  );
  if (image === undefined) throw new Error("No function of the template is an image.");
  return template.assetFolder(image.properties.Code).folder;
}

/** What the image's Dockerfile says of how it starts; its own folder is the context here. */
async function readDockerfile(folder: string) {
  const text = (await readFile(join(folder, "Dockerfile"), "utf8")).replaceAll(/\\\n\s*/gu, " ");
  const workFolder = /^WORKDIR (\S+)$/mu.exec(text)?.[1] ?? "/";
  const here = (value: string) => value.replaceAll(workFolder, folder);
  const entry = parseJson(/^ENTRYPOINT (\[.*\])$/mu.exec(text)?.[1] ?? "[]");
  const variables = [...text.matchAll(/^ENV (.+)$/gmu)].flatMap(([, line = ""]) =>
    [...line.matchAll(/(\w+)=(\S+)/gu)].map(([, name = "", value = ""]) => [name, here(value)]),
  );
  const entryPoint = (Array.isArray(entry) ? entry : []).map((part, index) => {
    const value = here(String(part));
    return index > 0 && /\.m?js$/u.test(value) && !value.startsWith("/")
      ? join(folder, value)
      : value;
  });
  if (entryPoint.length === 0) throw new Error("The Dockerfile has no ENTRYPOINT.");
  return { entryPoint, variables: Object.fromEntries(variables) };
}
