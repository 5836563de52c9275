/** A deployment of this name has the names that contracts give to functions, queues and tables. */
export const DEFAULT_NAME = "atelier";

/** What CloudFormation puts in for a place; `substituted` says where. */
export const REGION = `\${AWS::Region}`;

export type Names = ReturnType<typeof createNames>;

/** Where the stack is deployed to. */
export interface Place {
  account: string;
  region: string;
}

/** As CloudFormation writes it, for a template that does not know yet where it goes. */
const anywhere: Place = { account: `\${AWS::AccountId}`, region: REGION };

/**
 * What everything is called. All names are fixed, so that a stack that was removed with its data
 * kept can be deployed over that data again (`--import-existing-resources`); CloudFormation takes
 * over only what the template itself names in full, so the place is put in where it is known.
 */
export function createNames(name: string, { account, region }: Place = anywhere) {
  /** A name that other programs know, on its own in the default deployment. */
  const known = (fixed: string) => (name === DEFAULT_NAME ? fixed : `${name}-${fixed}`);
  // A bucket's name is unique in the world.
  const bucket = (part: string) => `${name}-${part}-${account}-${region}`;
  return {
    stack: name,
    functions: {
      webhook: `${name}-webhook`,
      worker: `${name}-worker`,
      generate: known("aws_gen_pic"),
      clipInference: known("clip-inference"),
      clipBatch: known("clip-batch"),
      frameSearch: known("frame-search"),
      deadLetter: `${name}-dead-letter`,
    },
    queues: {
      jobs: `${name}-jobs.fifo`,
      jobsDeadLetters: `${name}-jobs-dead-letters.fifo`,
      imageBatch: known("image-batch"),
      imageBatchDeadLetters: `${known("image-batch")}-dead-letters`,
    },
    tables: { state: name, cache: known("image-cache"), videos: known("videos") },
    buckets: {
      outputs: bucket("outputs"),
      inputs: bucket("inputs"),
      media: bucket("media"),
      accessLogs: bucket("access-logs"),
    },
    /** The SSM parameter that holds a setting. */
    parameter: (setting: string) => `/${name}/${setting}`,
    logGroup: (functionName: string) => `/aws/lambda/${functionName}`,
    apiLogGroup: `/aws/vendedlogs/apis/${name}`,
    clipEndpoint: `${name}-clip`,
    alarms: `${name}-alarms`,
    /** An account has one list of budgets for all its regions. */
    budget: `${name}-${region}`,
    /** The CloudWatch namespace of our own figures, which no other deployment of the region shares. */
    metrics: name,
  };
}
