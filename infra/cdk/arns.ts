import type { Names } from "./names.ts";

export type Arns = ReturnType<typeof createArns>;

/** The ARNs of everything by its name, written as for `Fn::Sub`. */
export function createArns(names: Names) {
  const own = (service: string, rest: string) =>
    `arn:\${AWS::Partition}:${service}:\${AWS::Region}:\${AWS::AccountId}:${rest}`;
  const mapped = <Key extends string>(
    record: Readonly<Record<Key, string>>,
    arnOf: (name: string) => string,
  ): Readonly<Record<Key, string>> =>
    Object.fromEntries(
      Object.entries<string>(record).map(([key, name]) => [key, arnOf(name)]),
    ) as Record<Key, string>;
  return {
    functions: mapped(names.functions, (name) => own("lambda", `function:${name}`)),
    /** Every stream of a function's log group; each process opens one of its own. */
    logStreams: mapped(names.functions, (name) =>
      own("logs", `log-group:${names.logGroup(name)}:*`),
    ),
    queues: mapped(names.queues, (name) => own("sqs", name)),
    tables: mapped(names.tables, (name) => own("dynamodb", `table/${name}`)),
    buckets: mapped(names.buckets, (name) => `arn:\${AWS::Partition}:s3:::${name}`),
    parameter: (setting: string) => own("ssm", `parameter${names.parameter(setting)}`),
    /** Foundation models belong to no account. */
    model: (modelId: string, region: string) =>
      `arn:\${AWS::Partition}:bedrock:${region}::foundation-model/${modelId}`,
    guardrail: (id: string, region: string) =>
      `arn:\${AWS::Partition}:bedrock:${region}:\${AWS::AccountId}:guardrail/${id}`,
    endpointLog: (name: string) => own("logs", `log-group:/aws/sagemaker/Endpoints/${name}:*`),
    /** SageMaker asks IAM about the name in small letters, however it is written. */
    endpoint: (name: string) => own("sagemaker", `endpoint/${name.toLowerCase()}`),
    vectorBucket: (name: string) => own("s3vectors", `bucket/${name}`),
  };
}
