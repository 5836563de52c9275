import { createReadStream } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import { AtelierError } from "../../errors.ts";
import { readAwsFailure } from "./aws-failure.ts";

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html: 5 GiB in one, 10,000 parts. */
const S3_PUT_MAX_BYTES = 5 * 1024 ** 3;
const S3_PARTS_MAX = 10_000;
const PART_BYTES = 64 * 1024 ** 2;
/** What the slowest line that is waited for carries: 1 MB a second. */
const BYTES_PER_MS = 1_000;
/** Node's codes for a connection that the other end has let go of. */
const BROKEN_CONNECTION = new Set(["ECONNRESET", "EPIPE"]);

export interface S3FileUpload {
  client: S3Client;
  bucket: string;
  key: string;
  path: string;
  mediaType: string;
  /** How long it may take to be answered, beside the time for the bytes themselves. */
  deadlineMs: number;
  /** Up to this size in one piece. */
  onePieceMaxBytes?: number;
  partBytes?: number;
}

/** Uploads a file whole or not at all. */
export async function putS3File(upload: S3FileUpload): Promise<void> {
  const file = await open(upload.path, "r");
  try {
    const { size } = await file.stat();
    if (size <= (upload.onePieceMaxBytes ?? S3_PUT_MAX_BYTES)) await putWhole(upload, size);
    else await putInParts(upload, file, size);
  } finally {
    await file.close();
  }
}

/** The time that so many bytes may take; the client's own timeout is for small requests. */
export function transferTimeoutMs(sizeBytes: number, deadlineMs: number): number {
  return Math.ceil(deadlineMs + sizeBytes / BYTES_PER_MS);
}

/** The SDK cannot send a stream again: where the connection broke, the file is opened anew, once. */
async function putWhole(upload: S3FileUpload, size: number): Promise<void> {
  try {
    await putOnce(upload, size);
  } catch (thrown) {
    if (!BROKEN_CONNECTION.has(readAwsFailure(thrown).code)) throw thrown;
    await putOnce(upload, size);
  }
}

async function putOnce(upload: S3FileUpload, size: number): Promise<void> {
  const { client, bucket, key, path, mediaType, deadlineMs } = upload;
  const requestTimeout = transferTimeoutMs(size, deadlineMs);
  const body = createReadStream(path);
  try {
    await client.send(
      new PutObjectCommand({
        Bucket: bucket,
        Key: key,
        Body: body,
        ContentLength: size,
        ContentType: mediaType,
      }),
      { requestTimeout, abortSignal: AbortSignal.timeout(requestTimeout) },
    );
  } finally {
    body.destroy();
  }
}

async function putInParts(upload: S3FileUpload, file: FileHandle, size: number): Promise<void> {
  const { client, bucket, key, mediaType, deadlineMs } = upload;
  const partBytes = Math.max(upload.partBytes ?? PART_BYTES, Math.ceil(size / S3_PARTS_MAX));
  const requestTimeout = transferTimeoutMs(partBytes, deadlineMs);
  const target = { Bucket: bucket, Key: key };
  const { UploadId } = await client.send(
    new CreateMultipartUploadCommand({ ...target, ContentType: mediaType }),
    { abortSignal: AbortSignal.timeout(deadlineMs) },
  );
  try {
    const Parts: { PartNumber: number; ETag: string | undefined }[] = [];
    for (let start = 0; start < size; start += partBytes) {
      const PartNumber = Parts.length + 1;
      const Body = await readExactly(file, start, Math.min(partBytes, size - start));
      const { ETag } = await client.send(
        new UploadPartCommand({ ...target, UploadId, PartNumber, Body }),
        { requestTimeout, abortSignal: AbortSignal.timeout(requestTimeout) },
      );
      Parts.push({ PartNumber, ETag });
    }
    // S3 may take minutes to put many parts together.
    await client.send(
      new CompleteMultipartUploadCommand({ ...target, UploadId, MultipartUpload: { Parts } }),
      { requestTimeout, abortSignal: AbortSignal.timeout(requestTimeout) },
    );
  } catch (thrown) {
    // Parts that stay are paid for. What ended the upload is the news, not that tidying failed too.
    await client
      .send(new AbortMultipartUploadCommand({ ...target, UploadId }), {
        abortSignal: AbortSignal.timeout(deadlineMs),
      })
      .catch(() => {});
    throw thrown;
  }
}

async function readExactly(file: FileHandle, start: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await file.read(buffer, filled, length - filled, start + filled);
    if (bytesRead === 0) {
      throw new AtelierError("internal", "The file became shorter while it was being stored.");
    }
    filled += bytesRead;
  }
  return buffer;
}
