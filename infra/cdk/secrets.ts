import type { Options } from "./options.ts";
import type { FunctionId } from "./sizes.ts";

/**
 * The settings that each function reads from SSM parameters, SecureStrings that the operator
 * makes. No secret is in the template, nor in a function's environment. What proves a delivery's
 * origin is the webhook's alone; the others only send.
 */
export function secretsOf(id: FunctionId, options: Options): string[] {
  const sending = [
    ...(options.slack ? ["SLACK_BOT_TOKEN"] : []),
    ...(options.discord ? ["DISCORD_TOKEN", "DISCORD_APPLICATION_ID"] : []),
  ];
  const receiving = [
    ...(options.slack ? ["SLACK_SIGNING_SECRET"] : []),
    ...(options.discord ? ["DISCORD_PUBLIC_KEY"] : []),
  ];
  switch (id) {
    case "webhook":
      return [...sending, ...receiving];
    case "worker":
    case "deadLetter":
      return sending;
    case "generate":
      return options.generateAuth === "key" ? ["API_KEYS"] : [];
    case "clipInference":
    case "clipBatch":
    case "frameSearch":
      return [];
  }
}
