import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { TEST_ACCOUNT } from "./aws-calls.ts";
import { isRecord, type JsonRecord, parseJson, recordOf, textOf } from "./json-record.ts";

export interface StackResource {
  id: string;
  type: string;
  properties: JsonRecord;
}

/** What stands for the deployed resources here. */
export interface StackReferences {
  /** What `Ref` gives, where it is not the physical name. */
  ref(resource: StackResource): string | undefined;
  /** What `Fn::GetAtt` gives, where it is neither an ARN nor a name. */
  attribute(resource: StackResource, name: string): string | undefined;
}

export type StackTemplate = Awaited<ReturnType<typeof readStackTemplate>>;

export const TEST_REGION = "us-west-2";

const pseudo: Readonly<Record<string, string>> = {
  "AWS::Region": TEST_REGION,
  "AWS::AccountId": TEST_ACCOUNT,
  "AWS::Partition": "aws",
  "AWS::URLSuffix": "amazonaws.com",
  "AWS::StackName": "atelier-test",
};
const noReferences: StackReferences = { ref: () => undefined, attribute: () => undefined };

/** What `cdk synth` wrote: the one stack's template, its intrinsic functions and its assets. */
export async function readStackTemplate(cdkOut: string) {
  const readJson = async (name: string) =>
    recordOf(parseJson(await readFile(join(cdkOut, name), "utf8")));
  const { artifacts } = await readJson("manifest.json");
  const stacks = Object.entries(recordOf(artifacts)).filter(
    ([, artifact]) => recordOf(artifact).type === "aws:cloudformation:stack",
  );
  const [[stackName] = [""]] = stacks;
  if (stacks.length !== 1) throw new Error(`There are ${stacks.length} stacks, not one.`);
  const template = await readJson(`${stackName}.template.json`);
  const assets = await readJson(`${stackName}.assets.json`);
  const resources = new Map(
    Object.entries(recordOf(template.Resources)).map(([id, raw]): [string, StackResource] => {
      const { Type, Properties } = recordOf(raw);
      return [id, { id, type: textOf(Type), properties: recordOf(Properties) }];
    }),
  );

  function resource(id: string): StackResource {
    const found = resources.get(id);
    if (found === undefined) throw new Error(`There is no resource ${id} in the template.`);
    return found;
  }

  /** Its name on AWS, or one that CloudFormation could have made up. */
  function nameOf({ id, type, properties }: StackResource): string {
    const kind = type.split("::").at(-1) ?? "";
    const given = properties[`${kind === "GlobalTable" ? "Table" : kind}Name`];
    if (given !== undefined) return resolveText(given);
    if (type === "AWS::S3::Bucket") return `test-${id.toLowerCase()}`.slice(0, 63);
    return properties.FifoQueue === true ? `${id}.fifo` : id;
  }

  function arnOf(one: StackResource): string {
    const name = nameOf(one);
    const regional = (service: string, rest: string) =>
      `arn:aws:${service}:${TEST_REGION}:${TEST_ACCOUNT}:${rest}`;
    switch (one.type) {
      case "AWS::S3::Bucket":
        return `arn:aws:s3:::${name}`;
      case "AWS::DynamoDB::Table":
      case "AWS::DynamoDB::GlobalTable":
        return regional("dynamodb", `table/${name}`);
      case "AWS::SQS::Queue":
        return regional("sqs", name);
      case "AWS::Lambda::Function":
        return regional("lambda", `function:${name}`);
      case "AWS::SNS::Topic":
        return regional("sns", name);
      case "AWS::Logs::LogGroup":
        return regional("logs", `log-group:${name}:*`);
      case "AWS::IAM::Role":
        return `arn:aws:iam::${TEST_ACCOUNT}:role/${name}`;
      default:
        return regional(one.type.split("::")[1]?.toLowerCase() ?? "", name);
    }
  }

  function refOf(id: string, { ref }: StackReferences): string {
    const known = pseudo[id];
    if (known !== undefined) return known;
    const parameter = recordOf(template.Parameters)[id];
    if (parameter !== undefined) return String(recordOf(parameter).Default ?? "");
    const one = resource(id);
    return ref(one) ?? (one.type === "AWS::SNS::Topic" ? arnOf(one) : nameOf(one));
  }

  function attributeOf(given: unknown, { attribute }: StackReferences): string {
    const [id = "", ...rest] = Array.isArray(given) ? given.map(String) : String(given).split(".");
    const name = rest.join(".");
    const one = resource(id);
    const own = attribute(one, name);
    if (own !== undefined) return own;
    if (name.endsWith("Arn")) return arnOf(one);
    if (name.endsWith("Name") || name.endsWith("Id")) return nameOf(one);
    throw new Error(`What ${id}.${name} is, is not known here.`);
  }

  /** The value with every intrinsic function worked out. */
  function resolve(value: unknown, references: StackReferences = noReferences): unknown {
    if (Array.isArray(value)) return value.map((each) => resolve(each, references));
    if (!isRecord(value)) return value;
    const [[name, given] = ["", undefined], ...others] = Object.entries(value);
    if (others.length > 0 || (name !== "Ref" && !name.startsWith("Fn::"))) {
      const resolved = Object.entries(value).map(([key, each]) => [key, resolve(each, references)]);
      return Object.fromEntries(resolved);
    }
    const list = () => (Array.isArray(given) ? given.map((each) => resolve(each, references)) : []);
    switch (name) {
      case "Ref":
        return refOf(String(given), references);
      case "Fn::GetAtt":
        return attributeOf(given, references);
      case "Fn::Join": {
        const [separator, parts] = list();
        return Array.isArray(parts) ? parts.map(String).join(String(separator)) : "";
      }
      case "Fn::Select": {
        const [index, parts] = list();
        return Array.isArray(parts) ? parts[Number(index)] : "";
      }
      case "Fn::Split": {
        const [separator, text] = list();
        return String(text).split(String(separator));
      }
      case "Fn::Sub": {
        const [text, more] = Array.isArray(given) ? given : [given, {}];
        return String(text).replace(/\$\{([^!}][^}]*)\}/gu, (_, key: string) => {
          const own = recordOf(more)[key];
          if (own !== undefined) return String(resolve(own, references));
          return key.includes(".") ? attributeOf(key, references) : refOf(key, references);
        });
      }
      default:
        throw new Error(`${name} is not known here.`);
    }
  }

  function resolveText(value: unknown, references?: StackReferences): string {
    const resolved = resolve(value, references);
    if (typeof resolved !== "string") throw new Error(`${JSON.stringify(value)} is no text.`);
    return resolved;
  }

  /** The folder of a function's code: the unpacked zip, or the context of its image. */
  function assetFolder(code: unknown): { kind: "zip" | "image"; folder: string } {
    const { S3Key, ImageUri } = recordOf(code);
    const kind = ImageUri === undefined ? "zip" : "image";
    const where = resolveText(ImageUri ?? S3Key ?? "");
    const listed = recordOf(assets[kind === "zip" ? "files" : "dockerImages"]);
    const found = Object.entries(listed).find(([hash]) => where.includes(hash));
    const { path, directory } = recordOf(recordOf(found?.[1]).source);
    const folder = textOf(path) || textOf(directory);
    if (folder === "") throw new Error(`There is no asset for ${where || JSON.stringify(code)}.`);
    return { kind, folder: join(cdkOut, folder) };
  }

  return {
    resource,
    nameOf,
    arnOf,
    resolve,
    resolveText,
    assetFolder,
    /** Every resource of the type. */
    ofType: (...types: readonly string[]): StackResource[] =>
      [...resources.values()].filter(({ type }) => types.includes(type)),
    /** The resource whose ARN that is. */
    byArn(arn: string): StackResource {
      const found = [...resources.values()].find((one) => {
        return one.type.startsWith("AWS::") && arnOf(one) === arn;
      });
      if (found === undefined) throw new Error(`Nothing in the template has the ARN ${arn}.`);
      return found;
    },
  };
}
