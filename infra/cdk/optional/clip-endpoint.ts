import { Aws, Validations } from "aws-cdk-lib";
import { DockerImageAsset, Platform } from "aws-cdk-lib/aws-ecr-assets";
import { PolicyDocument, PolicyStatement, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { CfnEndpoint, CfnEndpointConfig, CfnModel } from "aws-cdk-lib/aws-sagemaker";
import type { House } from "../function.ts";
import { substituted } from "../substituted.ts";

/**
 * A real-time endpoint of SageMaker that embeds, from the functions' image, which SageMaker starts
 * with `serve`. It costs its instance by the hour: for teams that index around the clock.
 */
export function createClipEndpoint({ scope, names, arns, options, artefacts }: House): void {
  const isArm = options.architecture === "arm64";
  const image = new DockerImageAsset(scope, "clipImage", {
    directory: artefacts.imageFolder,
    platform: isArm ? Platform.LINUX_ARM64 : Platform.LINUX_AMD64,
  });
  const frames = `${arns.buckets.media}/frames/*`;
  const logs = arns.endpointLog(names.clipEndpoint);
  const role = new Role(scope, "clipEndpointRole", {
    assumedBy: new ServicePrincipal("sagemaker.amazonaws.com"),
    inlinePolicies: {
      rights: new PolicyDocument({
        statements: [
          new PolicyStatement({
            actions: [
              "ecr:BatchCheckLayerAvailability",
              "ecr:BatchGetImage",
              "ecr:GetDownloadUrlForLayer",
            ],
            resources: [image.repository.repositoryArn],
          }),
          new PolicyStatement({ actions: ["ecr:GetAuthorizationToken"], resources: ["*"] }),
          new PolicyStatement({
            actions: ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"],
            resources: [substituted(logs)],
          }),
          new PolicyStatement({ actions: ["s3:GetObject"], resources: [substituted(frames)] }),
          // Without it S3 answers 403 for a missing frame, not 404.
          new PolicyStatement({
            actions: ["s3:ListBucket"],
            resources: [substituted(arns.buckets.media)],
          }),
        ],
      }),
    },
  });
  const wide = (resource: string, reason: string) => ({
    id: `AwsSolutions-IAM5[Resource::${resource.replaceAll("${", "<").replaceAll("}", ">")}]`,
    reason,
  });
  Validations.of(role).acknowledge(
    wide("*", "A token for the registry is the account's; Amazon ECR has no narrower resource."),
    wide(logs, "SageMaker opens a log stream for each instance under a name of its own."),
    wide(frames, "Objects are named by ids and dates; the folder is the narrowest that there is."),
  );
  const model = new CfnModel(scope, "clipModel", {
    executionRoleArn: role.roleArn,
    primaryContainer: {
      image: image.imageUri,
      environment: {
        CLIP_MODEL: options.clipModel,
        MEDIA_BUCKET: substituted(names.buckets.media),
        AWS_REGION: Aws.REGION,
      },
    },
  });
  const config = new CfnEndpointConfig(scope, "clipEndpointConfig", {
    productionVariants: [
      {
        variantName: "all",
        modelName: model.attrModelName,
        instanceType: options.clipInstanceType,
        initialInstanceCount: 1,
        initialVariantWeight: 1,
      },
    ],
  });
  new CfnEndpoint(scope, "clipEndpoint", {
    endpointName: names.clipEndpoint,
    endpointConfigName: config.attrEndpointConfigName,
  });
}
