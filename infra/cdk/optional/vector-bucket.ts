import { RemovalPolicy } from "aws-cdk-lib";
import { CfnVectorBucket } from "aws-cdk-lib/aws-s3vectors";
import type { Construct } from "constructs";

/**
 * The bucket whose indexes, one for each CLIP model, the functions make when they first need them.
 * It stays in any case: with an index in it, of which the stack knows nothing, it cannot be deleted.
 */
export function createVectorBucket(scope: Construct, vectorBucketName: string): void {
  const bucket = new CfnVectorBucket(scope, "vectors", { vectorBucketName });
  bucket.applyRemovalPolicy(RemovalPolicy.RETAIN);
}
