import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  type HeadObjectCommandOutput,
  PutObjectCommand,
  type S3Client,
} from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import { AtelierError } from "../../errors.ts";
import { type BlobStore, type Clock, contentDisposition } from "../../ports/index.ts";
import { createExtendableDeadline } from "./extendable-deadline.ts";
import { asS3Error, saysAbsent } from "./s3-errors.ts";
import { putS3File, transferTimeoutMs } from "./s3-put-file.ts";
import { readBody, saveBody } from "./s3-read-body.ts";

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/ShareObjectPreSignedURL.html */
const S3_LINK_TTL_SECONDS_MAX = 604_800;

export interface S3BlobStoreOptions {
  client: S3Client;
  bucket: string;
  clock: Clock;
  /**
   * How long one call may take, the SDK's retries and the body included. Files get 1 ms more for
   * each kilobyte.
   */
  deadlineMs?: number;
  /** A larger file is uploaded in parts; 5 GiB, the most that S3 takes in one piece, unless set. */
  onePieceMaxBytes?: number;
  /** Of such a file; S3 takes no smaller ones than 5 MiB. */
  partBytes?: number;
}

/**
 * Objects in a bucket. The role needs s3:GetObject, s3:PutObject, s3:AbortMultipartUpload (for
 * files above 5 GiB) and s3:DeleteObject on `<bucket>/*`, and s3:ListBucket on the bucket: without the last, S3 answers 403 instead of 404
 * for a missing object, and `get`, `has` and `etag` then reject with `misconfigured`.
 */
export function createS3BlobStore(options: S3BlobStoreOptions): BlobStore {
  const { client, bucket, clock, deadlineMs = 60_000 } = options;

  async function attempt<T>(
    right: string,
    work: (signal: AbortSignal) => Promise<T>,
    signal: AbortSignal = AbortSignal.timeout(deadlineMs),
  ): Promise<T> {
    try {
      return await work(signal);
    } catch (thrown) {
      // The signal also ends a body that is being read. A body that breaks off because time is up fails in several ways; the cause is one.
      const cause: unknown =
        signal.aborted && !(thrown instanceof AtelierError) ? signal.reason : thrown;
      throw asS3Error(cause, { bucket, right });
    }
  }

  /** Needs s3:GetObject. Such answers carry no error code, so a missing bucket is null here. */
  async function head(key: string): Promise<HeadObjectCommandOutput | null> {
    return attempt("s3:GetObject", (abortSignal) => {
      const command = new HeadObjectCommand({ Bucket: bucket, Key: key });
      return nullWhenAbsent(client.send(command, { abortSignal }));
    });
  }

  return {
    bucket,

    async put(key, { bytes, mediaType }) {
      await attempt("s3:PutObject", (abortSignal) =>
        client.send(
          new PutObjectCommand({ Bucket: bucket, Key: key, Body: bytes, ContentType: mediaType }),
          { abortSignal },
        ),
      );
    },

    async get(key, { maxBytes = Number.POSITIVE_INFINITY } = {}) {
      return attempt("s3:GetObject", async (signal) => {
        const command = new GetObjectCommand({ Bucket: bucket, Key: key });
        const answer = await nullWhenAbsent(client.send(command, { abortSignal: signal }));
        if (answer === null) return null;
        const { Body, ContentLength, ContentType } = answer;
        const bytes = await readBody(Body, { announcedBytes: ContentLength, maxBytes });
        return { bytes, mediaType: ContentType ?? "application/octet-stream" };
      });
    },

    async putFile(key, path, mediaType) {
      const upload = { ...options, deadlineMs, key, path, mediaType };
      // Each of its requests has a deadline of its own.
      await attempt("s3:PutObject", () => putS3File(upload), new AbortController().signal);
    },

    async getFile(key, path, { maxBytes = Number.POSITIVE_INFINITY } = {}) {
      const deadline = createExtendableDeadline(deadlineMs);
      const save = async (abortSignal: AbortSignal) => {
        const command = new GetObjectCommand({ Bucket: bucket, Key: key });
        const answer = await nullWhenAbsent(client.send(command, { abortSignal }));
        if (answer === null) return false;
        const { Body, ContentLength } = answer;
        deadline.allow(transferTimeoutMs(ContentLength ?? 0, deadlineMs));
        await saveBody(Body, path, { announcedBytes: ContentLength, maxBytes });
        return true;
      };
      try {
        return await attempt("s3:GetObject", save, deadline.signal);
      } finally {
        deadline.clear();
      }
    },

    async has(key) {
      return (await head(key)) !== null;
    },

    async etag(key) {
      return (await head(key))?.ETag ?? null;
    },

    /**
     * Sends nothing. The link also ends with the credentials that signed it: one signed by a
     * role's session dies with that session, however long it was meant to live.
     */
    async presign(key, { ttlSeconds, downloadName }) {
      if (!(ttlSeconds >= 1 && ttlSeconds <= S3_LINK_TTL_SECONDS_MAX)) {
        throw new AtelierError(
          "misconfigured",
          `A link cannot live for ${ttlSeconds} seconds. Choose 1 to ${S3_LINK_TTL_SECONDS_MAX} (7 days).`,
        );
      }
      const command = new GetObjectCommand({
        Bucket: bucket,
        Key: key,
        ...(downloadName !== undefined && {
          ResponseContentDisposition: contentDisposition("attachment", downloadName),
        }),
      });
      const nowMs = clock.nowMs();
      // The signature's date has whole seconds, cut off: without what was cut off, the link would
      // end up to a second before the time that was asked for.
      const expiresIn = Math.ceil(ttlSeconds + (nowMs % 1000) / 1000);
      return attempt("s3:GetObject", () =>
        getSignedUrl(client, command, {
          expiresIn: Math.min(expiresIn, S3_LINK_TTL_SECONDS_MAX),
          signingDate: new Date(nowMs),
        }),
      );
    },

    async delete(key) {
      await attempt("s3:DeleteObject", (abortSignal) =>
        nullWhenAbsent(
          client.send(new DeleteObjectCommand({ Bucket: bucket, Key: key }), { abortSignal }),
        ),
      );
    },
  };
}

async function nullWhenAbsent<T>(answer: Promise<T>): Promise<T | null> {
  try {
    return await answer;
  } catch (thrown) {
    if (saysAbsent(thrown)) return null;
    throw thrown;
  }
}
