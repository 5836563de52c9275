import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { DynamoDBDocumentClient, GetCommand, PutCommand } from "@aws-sdk/lib-dynamodb";
import sharp from "sharp";
import { expect } from "vitest";
import { openFrameServices } from "../../infra/frame-services.ts";
import { openEmbedder } from "../../infra/open-embedder.ts";
import { readSettings } from "../../infra/settings.ts";
import { createStorage } from "../../infra/storage.ts";
import { processClock } from "../../src/drivers/process/process-runtime.ts";
import { quietLog } from "../fixtures/quiet.ts";
import { dynamodbTestClient } from "../servers/dynamodb-test-client.ts";
import { type Handler, startLambdaServer } from "../servers/lambda-server.ts";
import type { AwsServices } from "./aws-services.ts";

const demoVideos = join(import.meta.dirname, "../../infra/demo/videos");

/** The thumbnail's key of a video at a time. */
export function frameAt(videoId: string, timeMs: number): string {
  return `frames/${videoId}/${String(timeMs).padStart(10, "0")}.jpg`;
}

/** As docs/contracts.md section 5 has it. */
export interface FoundFrame {
  video_id: string;
  frame_id: string;
  timestamp_ms: number;
  score: number;
  frame_s3: string;
  url: string;
}

export type ClipFunctions = Awaited<ReturnType<typeof startClipFunctions>>;

/**
 * The CLIP functions behind a Lambda server, on the S3 and DynamoDB of `aws`; what a team's own
 * programs would use beside them. The functions' settings are this process's from now on.
 */
export async function startClipFunctions(
  aws: AwsServices,
  functions: Readonly<Record<string, Handler>>,
) {
  const { environment } = aws;
  Object.assign(process.env, environment, { LOG_LEVEL: "silent" });
  const credentials = {
    accessKeyId: environment.AWS_ACCESS_KEY_ID,
    secretAccessKey: environment.AWS_SECRET_ACCESS_KEY,
  };
  const lambda = await startLambdaServer(functions, { timeoutMs: 60_000 });
  const client = new LambdaClient({ region: "us-west-2", endpoint: lambda.endpoint, credentials });
  const s3 = new S3Client({
    endpoint: aws.endpoint,
    region: "us-east-1",
    credentials,
    forcePathStyle: true,
  });
  const dynamodb = dynamodbTestClient(
    { endpoint: environment.AWS_ENDPOINT_URL_DYNAMODB },
    { credentials },
  );
  const documents = DynamoDBDocumentClient.from(dynamodb);
  const bucket = environment.MEDIA_BUCKET;

  /** What S3 sends of objects; keys as an HTML form writes them. */
  function objectEvent(eventName: string, keys: readonly string[], inBucket: string) {
    return {
      Records: keys.map((key) => ({
        eventVersion: "2.1",
        eventSource: "aws:s3",
        awsRegion: "us-west-2",
        eventName,
        s3: {
          s3SchemaVersion: "1.0",
          bucket: { name: inBucket, arn: `arn:aws:s3:::${inBucket}` },
          object: {
            key: encodeURIComponent(key).replaceAll("%2F", "/").replaceAll("%20", "+"),
            size: 1_024,
          },
        },
      })),
    };
  }

  const createdEvent = (keys: readonly string[], inBucket = bucket) =>
    objectEvent("ObjectCreated:Put", keys, inBucket);
  const removedEvent = (keys: readonly string[]) =>
    objectEvent("ObjectRemoved:DeleteMarkerCreated", keys, bucket);

  /** The result of the function, which must not throw. */
  async function invoke(name: string, event: unknown) {
    const command = new InvokeCommand({
      FunctionName: name,
      Payload: Buffer.from(JSON.stringify(event)),
    });
    const { FunctionError, Payload } = await client.send(command);
    const text = Buffer.from(Payload ?? []).toString();
    expect(FunctionError, text).toBeUndefined();
    return JSON.parse(text);
  }
  const answerOf = async (name: string, event: unknown) => {
    const { statusCode, body } = await invoke(name, event);
    return { statusCode, body: JSON.parse(body) };
  };
  const search = (event: unknown) => answerOf("frame-search", event);
  const infer = (event: unknown) => answerOf("clip-inference", event);

  return {
    bucket,
    uri: (key: string) => `s3://${bucket}/${key}`,
    createdEvent,
    removedEvent,
    batch: (event: unknown) => invoke("clip-batch", event),
    search,
    infer,
    async find(event: unknown): Promise<FoundFrame[]> {
      const { statusCode, body } = await search(event);
      expect(statusCode, JSON.stringify(body)).toBe(200);
      return body.results;
    },
    /** The embedding of a picture, as clip-inference gives it. */
    async rowOf(item: string): Promise<number[]> {
      const { statusCode, body } = await infer({ mode: "image", items: [item] });
      expect(statusCode, JSON.stringify(body)).toBe(200);
      return body.embeddings[0];
    },

    /** Another process of the same team, such as the one that answers in the chat. */
    async otherProcess() {
      const { settings } = readSettings(environment);
      const storage = await createStorage(settings, processClock, () => "");
      const embedder = await openEmbedder(settings, { signal: AbortSignal.timeout(30_000) });
      const parts = { settings, storage, embedder, clock: processClock, log: quietLog };
      const frames = await openFrameServices({ ...parts, owner: "chat" });
      return {
        videos: frames.videos,
        ingest: frames.ingest,
        async close() {
          await frames.close();
          await embedder.close();
          await storage.close();
        },
      };
    },

    async putFrames(videoId: string, times: readonly number[]): Promise<string[]> {
      const keys = times.map((timeMs) => frameAt(videoId, timeMs));
      for (const [index, Key] of keys.entries()) {
        const background = { r: (index * 90) % 256, g: (index * 50) % 256, b: 60 };
        const create = { width: 160, height: 90, channels: 3 as const, background };
        const Body = await sharp({ create }).jpeg().toBuffer();
        await s3.send(new PutObjectCommand({ Bucket: bucket, Key, Body }));
      }
      return keys;
    },
    async put(key: string, bytes: Uint8Array, contentType = "image/jpeg"): Promise<void> {
      const object = { Bucket: bucket, Key: key, Body: bytes, ContentType: contentType };
      await s3.send(new PutObjectCommand(object));
    },
    putDemoVideo: async (key: string, file: string) => {
      const Body = await readFile(join(demoVideos, file));
      await s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body }));
    },
    async get(key: string): Promise<Buffer> {
      const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
      return Buffer.from((await Body?.transformToByteArray()) ?? []);
    },
    async remove(key: string): Promise<void> {
      await s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: key }));
    },
    /** Keys below a folder, each with its ETag and the time of its last change. */
    async list(prefix: string) {
      const command = new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix });
      const { Contents = [] } = await s3.send(command);
      return Contents.map(({ Key = "", ETag, LastModified, Size }) => ({
        key: Key,
        etag: ETag,
        changedAt: LastModified?.toISOString(),
        sizeBytes: Size,
      }));
    },
    /** The item of the table `videos`, as another program reads it. */
    async videoItem(videoId: string): Promise<Record<string, unknown> | undefined> {
      const command = new GetCommand({ TableName: "videos", Key: { video_id: videoId } });
      return (await documents.send(command)).Item;
    },

    /** What another program puts there. */
    async putVideoItem(Item: Record<string, unknown>): Promise<void> {
      await documents.send(new PutCommand({ TableName: "videos", Item }));
    },

    async close(): Promise<void> {
      client.destroy();
      s3.destroy();
      dynamodb.destroy();
      await lambda.close();
    },
  };
}
