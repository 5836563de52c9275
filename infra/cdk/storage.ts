import { Duration, RemovalPolicy, Validations } from "aws-cdk-lib";
import {
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  type BucketProps,
  type IBucket,
  type LifecycleRule,
  ObjectOwnership,
} from "aws-cdk-lib/aws-s3";
import type { Construct } from "constructs";
import type { Names } from "./names.ts";
import type { Options } from "./options.ts";
import { lifecycleDays } from "./sizes.ts";
import { substituted } from "./substituted.ts";

export interface Buckets {
  outputs: Bucket;
  inputs: Bucket;
  media: Bucket;
}

/** Results, pictures that people gave, and videos with their frames: private, encrypted, TLS only. */
export function createBuckets(scope: Construct, names: Names, options: Options): Buckets {
  const safe: BucketProps = {
    blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
    encryption: BucketEncryption.S3_MANAGED,
    enforceSSL: true,
    objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
  };
  const accessLogs = new Bucket(scope, "accessLogs", {
    ...safe,
    bucketName: substituted(names.buckets.accessLogs),
    lifecycleRules: [incompleteUploads, expiring("access-logs", lifecycleDays.accessLogs)],
    ...removal(options),
  });
  Validations.of(accessLogs).acknowledge({
    id: "AwsSolutions-S1",
    reason: "It keeps the access logs of the others; one of its own would log its own logging.",
  });

  function create(id: keyof Buckets, rules: readonly LifecycleRule[], props: BucketProps = {}) {
    return new Bucket(scope, id, {
      ...safe,
      bucketName: substituted(names.buckets[id]),
      lifecycleRules: [incompleteUploads, ...rules],
      // The CDK's classes do not tell a member that is absent from one that is undefined.
      serverAccessLogsBucket: accessLogs as IBucket,
      serverAccessLogsPrefix: `${id}/`,
      ...removal(options),
      ...props,
    });
  }

  return {
    outputs: create("outputs", [expiring("outputs-30d", lifecycleDays.outputs)]),
    inputs: create("inputs", [expiring("inputs-7d", lifecycleDays.inputs)]),
    // Videos are what nobody can make again here; the others can, or are gone soon anyway.
    media: create("media", [embeddingsCache, earlierVersions], { versioned: true }),
  };
}

const incompleteUploads: LifecycleRule = {
  id: "incomplete-uploads-1d",
  abortIncompleteMultipartUploadAfter: Duration.days(lifecycleDays.incompleteUploads),
};

/** Contracts, section 4. */
const embeddingsCache: LifecycleRule = {
  id: "embeddings-cache-7d",
  prefix: "embeddings-cache/",
  expiration: Duration.days(lifecycleDays.embeddingsCache),
  noncurrentVersionExpiration: Duration.days(1),
};

const earlierVersions: LifecycleRule = {
  id: "earlier-versions-7d",
  noncurrentVersionExpiration: Duration.days(lifecycleDays.mediaEarlierVersions),
  expiredObjectDeleteMarker: true,
};

function expiring(id: string, days: number): LifecycleRule {
  return { id, expiration: Duration.days(days) };
}

/** Pictures and videos are a team's own: only who says so loses them with the stack. */
function removal({ keepData }: Options): BucketProps {
  return keepData
    ? { removalPolicy: RemovalPolicy.RETAIN }
    : { removalPolicy: RemovalPolicy.DESTROY, autoDeleteObjects: true };
}
