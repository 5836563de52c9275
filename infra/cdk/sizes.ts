/**
 * What the deployment is dimensioned by, as plain data: the stack is made from it and the month's
 * bill (`npm run cost`) is computed from it.
 */
export interface FunctionSize {
  memoryMb: number;
  timeoutSeconds: number;
  /** `/tmp`; 512 MB cost nothing. */
  temporaryMb: number;
}

/** An account that is new may not have more memory than 3,008 MB; 1,769 MB are one whole vCPU. */
export const functionSizes = {
  /** Slack and Discord wait 3 s. A whole vCPU, as its cold start is all computing. */
  webhook: { memoryMb: 1769, timeoutSeconds: 10, temporaryMb: 512 },
  /** Lambda's longest: a video is indexed in it, from a file in `/tmp`. */
  worker: { memoryMb: 2048, timeoutSeconds: 900, temporaryMb: 10_240 },
  /** Over HTTP it answers within 29 s; a batch of pictures may take longer. */
  generate: { memoryMb: 1769, timeoutSeconds: 300, temporaryMb: 512 },
  clipInference: { memoryMb: 3008, timeoutSeconds: 120, temporaryMb: 512 },
  clipBatch: { memoryMb: 3008, timeoutSeconds: 900, temporaryMb: 10_240 },
  /** The index's rows are in memory, the segments' files in `/tmp`: 3.1 GB for 3 million frames. */
  frameSearch: { memoryMb: 3008, timeoutSeconds: 60, temporaryMb: 4096 },
  deadLetter: { memoryMb: 512, timeoutSeconds: 60, temporaryMb: 512 },
} as const satisfies Record<string, FunctionSize>;

export type FunctionId = keyof typeof functionSizes;

/** The HTTP API gives up at 30 s at the latest. */
export const apiIntegrationTimeoutSeconds = 29;
export const apiThrottle = { requestsPerSecond: 50, burst: 100 };

/** Tries before a message goes to the dead letters. */
export const maxReceiveCount = 5;
/** AWS advises six times the function's timeout, so that a message never comes to two at once. */
export const visibilityFactor = 6;
export const queueRetentionDays = 4;
export const deadLetterRetentionDays = 14;

/** How many messages a function is given at once. */
export const batchSizes = { jobs: 1, imageBatch: 5, deadLetters: 1 };
/** `image-batch` shares the model's rate with people, who come first. */
export const imageBatchConcurrency = 2;

export const lifecycleDays = {
  outputs: 30,
  inputs: 7,
  embeddingsCache: 7,
  incompleteUploads: 1,
  /** What was written over or removed in the media bucket. */
  mediaEarlierVersions: 7,
  accessLogs: 90,
};

/** What CloudWatch charges for beside logs; tests compare it with the template. */
export const watched = { dashboards: 1, alarmMetrics: 19 };
