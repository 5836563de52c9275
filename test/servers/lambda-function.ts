import {
  type LambdaArtefact,
  type LambdaEnvironment,
  startLambdaEnvironment,
} from "./lambda-environment.ts";
import type { InvocationOutcome } from "./lambda-runtime-api.ts";

export type LambdaFunction = ReturnType<typeof createLambdaFunction>;

/**
 * A deployed function: as many environments as events at once ask for, up to `concurrency`; what
 * is beyond that waits in line. An environment is kept for the next event.
 */
export function createLambdaFunction({
  artefact,
  concurrency,
}: {
  artefact: LambdaArtefact;
  concurrency: number;
}) {
  const environments = new Set<LambdaEnvironment>();
  const lines: string[] = [];
  const problems: string[] = [];
  const waiting: (() => void)[] = [];
  let running = 0;
  let invocations = 0;

  async function takeTurn(): Promise<void> {
    if (running < concurrency) running += 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
  }

  function endTurn(): void {
    const next = waiting.shift();
    if (next === undefined) running -= 1;
    else next();
  }

  const start = (): Promise<LambdaEnvironment> =>
    startLambdaEnvironment(artefact, {
      onLine: (line) => lines.push(line),
      onProblem: (problem) => problems.push(problem),
      onEnd: (ended) => environments.delete(ended),
    });

  return {
    name: artefact.functionName,
    arn: artefact.functionArn,

    /** Runs the function once; what it throws, or dies of, is in the outcome. */
    async invoke(event: unknown): Promise<InvocationOutcome> {
      await takeTurn();
      try {
        invocations += 1;
        const idle = [...environments].find((one) => !one.isBusy());
        const environment = idle ?? (await start());
        // At once: nobody else may find it idle in between.
        environments.add(environment);
        return await environment.invoke(JSON.stringify(event));
      } finally {
        endTurn();
      }
    },

    /** How often it was invoked. */
    invocations: () => invocations,
    /** All that it wrote so far. */
    output: () => lines.join("\n"),
    lines: (): readonly string[] => lines,
    /** What its runtime client did against the Runtime API's rules. */
    problems: (): readonly string[] => problems,
    isBusy: () => [...environments].some((one) => one.isBusy()),

    /** SIGKILL to the environments that are at work, as when their machine fails. */
    async killBusy(): Promise<number> {
      const busy = [...environments].filter((one) => one.isBusy());
      await Promise.all(busy.map((one) => one.kill()));
      return busy.length;
    },

    /** Ends all environments; the next event starts cold. */
    async stop(): Promise<void> {
      await Promise.all([...environments].map((one) => one.kill()));
    },
  };
}
