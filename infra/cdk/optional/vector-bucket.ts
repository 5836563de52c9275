import { RemovalPolicy } from "aws-cdk-lib";
import { CfnVectorBucket } from "aws-cdk-lib/aws-s3vectors";
import type { Construct } from "constructs";

/** The bucket whose indexes, one for each CLIP model, the functions make when they first need them. */
export function createVectorBucket(
  scope: Construct,
  { vectorBucketName, keepData }: { vectorBucketName: string; keepData: boolean },
): void {
  const bucket = new CfnVectorBucket(scope, "vectors", { vectorBucketName });
  bucket.applyRemovalPolicy(keepData ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY);
}
