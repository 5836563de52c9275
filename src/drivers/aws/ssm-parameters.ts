import { GetParametersCommand, type SSMClient } from "@aws-sdk/client-ssm";
import { AtelierError } from "../../errors.ts";
import { readAwsFailure } from "./aws-failure.ts";

/** Source: AWS Systems Manager API Reference, GetParameters: at most 10 names a call. */
const NAMES_MAX = 10;

/**
 * The values of SSM parameters by name, SecureStrings decrypted. Rejects with `misconfigured` and
 * the names of those that are missing or may not be read, or with `unavailable`.
 */
export async function readSsmParameters(
  client: SSMClient,
  names: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const values = new Map<string, string>();
  const missing: string[] = [];
  for (let from = 0; from < names.length; from += NAMES_MAX) {
    const Names = names.slice(from, from + NAMES_MAX);
    const { Parameters = [], InvalidParameters = [] } = await asked(client, Names);
    for (const { Name, Value } of Parameters) {
      if (Name !== undefined && Value !== undefined) values.set(Name, Value);
    }
    missing.push(...InvalidParameters);
  }
  if (missing.length > 0) {
    throw new AtelierError(
      "misconfigured",
      `SSM has no parameter ${missing.join(", ")} in this account and region. Create it as a SecureString, or take its name out of SECRET_PARAMETERS.`,
    );
  }
  return values;
}

async function asked(client: SSMClient, Names: string[]) {
  try {
    return await client.send(new GetParametersCommand({ Names, WithDecryption: true }));
  } catch (thrown) {
    throw ssmError(thrown, Names.join(", "));
  }
}

function ssmError(cause: unknown, names: string): AtelierError {
  const { kind, name, message } = readAwsFailure(cause);
  if (/^AccessDenied/u.test(name)) {
    // The service names the missing right: "… is not authorized to perform: ssm:GetParameters on …".
    const right = /(?:ssm|kms):\w+/u.exec(message)?.[0] ?? "ssm:GetParameters and kms:Decrypt";
    const advice = `The credentials may not read the SSM parameters ${names}. Grant them ${right} on those.`;
    return new AtelierError("misconfigured", advice, { cause });
  }
  if (kind === "credentials") {
    const advice = `AWS did not accept the credentials for the SSM parameters ${names} (${name}). Renew them.`;
    return new AtelierError("misconfigured", advice, { cause });
  }
  if (kind === "other") {
    const what = `SSM refused to give the parameters ${names}: ${message}`;
    return new AtelierError("misconfigured", what, { cause });
  }
  return new AtelierError("unavailable", "SSM does not answer. Try again in a minute.", { cause });
}
