import { type JsonRecord, parseJson, recordOf, textOf } from "./json-record.ts";

/** One right that a request to AWS makes use of. */
export interface AwsCall {
  /** As policies name it, e.g. `s3:GetObject`. */
  action: string;
  /** The ARN that it is about. */
  resource: string;
  /** Which keys are listed, where keys are. */
  prefix?: string;
}

/** A signed request as it goes over the wire. */
export interface AwsRequest {
  method: string;
  /** Path and query. */
  url: string;
  headers: Readonly<Record<string, string | string[] | undefined>>;
  body: Buffer;
}

export const TEST_ACCOUNT = "123456789012";

/** SQS has no rights of their own for its batches. */
const BATCH = /Batch$/u;

/** Which service, in which region, the request was signed for; null for unsigned ones. */
export function signedFor({
  url,
  headers,
}: AwsRequest): { service: string; region: string } | null {
  const query = new URL(url, "http://aws").searchParams;
  const authorization = String(headers.authorization ?? "");
  const scope =
    /Credential=([^,\s]+)/u.exec(authorization)?.[1] ?? query.get("X-Amz-Credential") ?? "";
  const [, , region, service] = scope.split("/");
  return region === undefined || service === undefined ? null : { service, region };
}

/**
 * The rights that the request needs, with `status` as the service answered it. Throws for what is
 * not known here. Source: Service Authorization Reference, "Actions, resources, and condition keys".
 */
export function awsCallsOf(request: AwsRequest, status: number): AwsCall[] {
  const signed = signedFor(request);
  if (signed === null) throw new Error(`${request.method} ${request.url} is not signed.`);
  const { service, region } = signed;
  const arn = (name: string, rest: string) => `arn:aws:${name}:${region}:${TEST_ACCOUNT}:${rest}`;
  const body = () => recordOf(parseJson(request.body.toString()));
  const operation = String(request.headers["x-amz-target"] ?? "").split(".")[1] ?? "";
  const [path = ""] = request.url.split("?");
  switch (service) {
    case "s3":
      return s3Calls(request, status);
    case "dynamodb":
      return dynamodbResources(body()).map((rest) => ({
        action: `dynamodb:${operation}`,
        resource: arn("dynamodb", rest),
      }));
    case "sqs": {
      const queue = textOf(body().QueueUrl).split("/").at(-1) ?? "";
      return [{ action: `sqs:${operation.replace(BATCH, "")}`, resource: arn("sqs", queue) }];
    }
    case "ssm": {
      const { Names } = body();
      const names = Array.isArray(Names) ? Names.map(String) : [];
      return names.map((name) => ({
        action: `ssm:${operation}`,
        resource: arn("ssm", `parameter/${name.replace(/^\//u, "")}`),
      }));
    }
    case "lambda": {
      const name = decodeURIComponent(named(/\/functions\/([^/]+)\/invocations$/u, path));
      const resource = name.startsWith("arn:") ? name : arn("lambda", `function:${name}`);
      return [{ action: "lambda:InvokeFunction", resource }];
    }
    case "s3vectors":
      return s3VectorsCalls(path.slice(1), body(), (rest) => arn("s3vectors", rest));
    case "bedrock": {
      const guardrail = /^\/guardrail\/([^/]+)\/version\/[^/]+\/apply$/u.exec(path)?.[1];
      if (guardrail !== undefined) {
        return [
          { action: "bedrock:ApplyGuardrail", resource: arn("bedrock", `guardrail/${guardrail}`) },
        ];
      }
      const id = decodeURIComponent(named(/^\/model\/([^/]+)\/invoke$/u, path));
      // https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonbedrock.html
      const resource = /^(us|eu|apac|global)\./u.test(id)
        ? arn("bedrock", `inference-profile/${id}`)
        : `arn:aws:bedrock:${region}::foundation-model/${id}`;
      return [{ action: "bedrock:InvokeModel", resource }];
    }
    case "sagemaker": {
      const endpoint = named(/^\/endpoints\/([^/]+)\/invocations$/u, path);
      return [
        { action: "sagemaker:InvokeEndpoint", resource: arn("sagemaker", `endpoint/${endpoint}`) },
      ];
    }
    default:
      throw new Error(`What ${service} calls ${request.method} ${path} is not known here.`);
  }
}

function named(pattern: RegExp, path: string): string {
  const name = pattern.exec(path)?.[1];
  if (name === undefined) throw new Error(`${path} is no call that is known here.`);
  return name;
}

/** The bucket and the key that the path names; the key decoded. */
export function s3Object(url: string): { bucket: string; key: string } {
  const [path = ""] = url.split("?");
  const [, bucket = "", ...key] = path.split("/");
  return { bucket, key: decodeURIComponent(key.join("/")) };
}

function s3Calls({ method, url, headers }: AwsRequest, status: number): AwsCall[] {
  const query = new URL(url, "http://s3").searchParams;
  const { bucket, key } = s3Object(url);
  const ofBucket = `arn:aws:s3:::${bucket}`;
  const onObject = (action: string): AwsCall => ({
    action: `s3:${action}`,
    resource: `${ofBucket}/${key}`,
  });
  if (key === "" && method === "GET" && query.get("list-type") === "2") {
    const prefix = query.get("prefix") ?? "";
    return [{ action: "s3:ListBucket", resource: ofBucket, prefix }];
  }
  if (key === "") throw new Error(`${method} ${url} on a bucket is not known here.`);
  const isUpload = query.has("uploadId");
  switch (method) {
    case "GET":
    case "HEAD": {
      if (isUpload) return [onObject("ListMultipartUploadParts")];
      // Without the right to list, S3 says 403 instead of 404, which means something else.
      const isAbsent = status === 404;
      return [
        onObject("GetObject"),
        ...(isAbsent ? [{ action: "s3:ListBucket", resource: ofBucket }] : []),
      ];
    }
    case "PUT": {
      const source = headers["x-amz-copy-source"];
      const copied = typeof source === "string" ? decodeURIComponent(source) : null;
      const from = copied === null ? [] : [`arn:aws:s3:::${copied.replace(/^\//u, "")}`];
      return [
        onObject("PutObject"),
        ...from.map((resource) => ({ action: "s3:GetObject", resource })),
      ];
    }
    case "POST":
      if (isUpload || query.has("uploads")) return [onObject("PutObject")];
      break;
    case "DELETE":
      return [onObject(isUpload ? "AbortMultipartUpload" : "DeleteObject")];
  }
  throw new Error(`${method} ${url} is not known here.`);
}

/**
 * On an index where one is named, else on the bucket. A query that filters, or has metadata
 * returned, also needs the right to get vectors: https://docs.aws.amazon.com/AmazonS3/latest/API/API_S3VectorBuckets_QueryVectors.html
 */
function s3VectorsCalls(
  operation: string,
  body: JsonRecord,
  arn: (rest: string) => string,
): AwsCall[] {
  const { vectorBucketName, indexName, returnMetadata, filter } = body;
  const ofBucket = `bucket/${textOf(vectorBucketName)}`;
  const index = textOf(indexName);
  const resource = arn(index === "" ? ofBucket : `${ofBucket}/index/${index}`);
  const alsoGets =
    operation === "QueryVectors" && (returnMetadata === true || filter !== undefined);
  return [`s3vectors:${operation}`, ...(alsoGets ? ["s3vectors:GetVectors"] : [])].map(
    (action) => ({ action, resource }),
  );
}

/** What a DynamoDB request is about: a table, or an index of it. */
function dynamodbResources({ TableName, IndexName, RequestItems }: JsonRecord): string[] {
  const names = TableName === undefined ? Object.keys(recordOf(RequestItems)) : [textOf(TableName)];
  const index = textOf(IndexName);
  return names.map((name) => `table/${name}${index === "" ? "" : `/index/${index}`}`);
}
