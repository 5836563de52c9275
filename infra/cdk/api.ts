import { Duration, RemovalPolicy, Validations } from "aws-cdk-lib";
import { AccessLogFormat } from "aws-cdk-lib/aws-apigateway";
import {
  CorsHttpMethod,
  HttpApi,
  HttpMethod,
  HttpStage,
  LogGroupLogDestination,
} from "aws-cdk-lib/aws-apigatewayv2";
import { HttpIamAuthorizer } from "aws-cdk-lib/aws-apigatewayv2-authorizers";
import { HttpLambdaIntegration } from "aws-cdk-lib/aws-apigatewayv2-integrations";
import { LogGroup } from "aws-cdk-lib/aws-logs";
import type { Construct } from "constructs";
import type { Functions } from "./functions.ts";
import type { Names } from "./names.ts";
import type { Options } from "./options.ts";
import { apiIntegrationTimeoutSeconds, apiThrottle } from "./sizes.ts";

/** What `GET /generate` asks for is in its query, which is none of the log's business. */
const ACCESS_LOG = {
  requestId: "$context.requestId",
  time: "$context.requestTime",
  ip: "$context.identity.sourceIp",
  route: "$context.routeKey",
  status: "$context.status",
  bytes: "$context.responseLength",
  latencyMs: "$context.responseLatency",
  functionStatus: "$context.integrationStatus",
  functionError: "$context.integrationErrorMessage",
};

/** The one door: what Slack and Discord send, and the generation service. */
export function createApi(
  scope: Construct,
  { names, options, functions }: { names: Names; options: Options; functions: Functions },
): HttpApi {
  const { corsOrigins } = options;
  const api = new HttpApi(scope, "api", {
    apiName: names.stack,
    createDefaultStage: false,
    ...(corsOrigins.length > 0 && {
      corsPreflight: {
        allowOrigins: [...corsOrigins],
        allowMethods: [CorsHttpMethod.POST, CorsHttpMethod.GET, CorsHttpMethod.OPTIONS],
        allowHeaders: ["content-type", "authorization", "x-api-key", "idempotency-key"],
        exposeHeaders: ["retry-after"],
        maxAge: Duration.hours(1),
      },
    }),
  });
  new HttpStage(scope, "apiStage", {
    httpApi: api,
    stageName: "$default",
    autoDeploy: true,
    throttle: { rateLimit: apiThrottle.requestsPerSecond, burstLimit: apiThrottle.burst },
    accessLogSettings: {
      destination: new LogGroupLogDestination(
        new LogGroup(scope, "apiLog", {
          logGroupName: names.apiLogGroup,
          retention: options.logRetentionDays,
          removalPolicy: RemovalPolicy.DESTROY,
        }),
      ),
      format: AccessLogFormat.custom(JSON.stringify(ACCESS_LOG)),
    },
  });
  addWebhooks(api, options, functions);
  addGenerate(api, options, functions);
  return api;
}

function addWebhooks(api: HttpApi, { slack, discord }: Options, functions: Functions): void {
  const integration = new HttpLambdaIntegration("webhook", functions.webhook);
  const paths = [
    ...(slack ? ["/slack/events"] : []),
    ...(discord ? ["/discord/interactions"] : []),
  ];
  for (const path of paths) {
    for (const route of api.addRoutes({ path, methods: [HttpMethod.POST], integration })) {
      Validations.of(route).acknowledge({
        id: "AwsSolutions-APIG4",
        reason: "The platform signs every request; the function verifies that before all else.",
      });
    }
  }
}

function addGenerate(api: HttpApi, { generateAuth }: Options, functions: Functions): void {
  const routes = api.addRoutes({
    path: "/generate",
    methods: [HttpMethod.POST, HttpMethod.GET],
    integration: new HttpLambdaIntegration("generate", functions.generate, {
      timeout: Duration.seconds(apiIntegrationTimeoutSeconds),
    }),
    ...(generateAuth === "iam" && { authorizer: new HttpIamAuthorizer() }),
  });
  if (generateAuth === "iam") return;
  for (const route of routes) {
    Validations.of(route).acknowledge({
      id: "AwsSolutions-APIG4",
      reason: "Callers send one of API_KEYS, which the function compares in constant time.",
    });
  }
}
