import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { type InvocationOutcome, startLambdaRuntimeApi } from "./lambda-runtime-api.ts";

/** What a function's environment is made from. */
export interface LambdaArtefact {
  functionName: string;
  functionArn: string;
  /** A program and its arguments: the runtime client with the handler's name. */
  command: readonly [string, ...string[]];
  /** The unpacked artefact; `LAMBDA_TASK_ROOT`. */
  folder: string;
  environment: Readonly<Record<string, string>>;
  timeoutMs: number;
}

export interface LambdaEnvironment {
  pid: number;
  isBusy(): boolean;
  /** Thaws the process and gives it the event. */
  invoke(payload: string): Promise<InvocationOutcome>;
  /** As the machine below it would: at once and without a word. Resolves when it is gone. */
  kill(): Promise<void>;
}

/**
 * One execution environment: the artefact in a process of its own, frozen (SIGSTOP) whenever it
 * has asked for work and there is none, as Lambda does. What is left to do after an answer is not
 * done until the next event, if there ever is one. A function that runs out of time is killed.
 */
export async function startLambdaEnvironment(
  artefact: LambdaArtefact,
  {
    onLine,
    onProblem,
    onEnd,
  }: {
    onLine: (line: string) => void;
    /** Its runtime client went against the Runtime API's rules. */
    onProblem: (problem: string) => void;
    /** The process is gone. */
    onEnd: (environment: LambdaEnvironment) => void;
  },
): Promise<LambdaEnvironment> {
  const { functionArn, functionName, command, folder, timeoutMs } = artefact;
  const onIdle = () => signal(child, "SIGSTOP");
  const api = await startLambdaRuntimeApi({ functionArn, onIdle, onProblem });
  // Ends with us however we end: one that is frozen could not end itself.
  const withUs = ["--pdeathsig", "KILL", "--", ...command];
  // Each has a /tmp of its own, for as long as it lives.
  const temporary = await mkdtemp(join(tmpdir(), "atelier-lambda-"));
  const own = Object.entries(artefact.environment).map(([name, value]) => [
    name,
    value.replace(/^\/tmp(?=\/|$)/u, temporary),
  ]);
  const child = spawn("setpriv", withUs, {
    cwd: folder,
    env: {
      ...Object.fromEntries(own),
      TMPDIR: temporary,
      AWS_LAMBDA_FUNCTION_NAME: functionName,
      AWS_LAMBDA_FUNCTION_VERSION: "$LATEST",
      AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${functionName}`,
      AWS_LAMBDA_RUNTIME_API: api.host,
      LAMBDA_TASK_ROOT: folder,
      TZ: ":UTC",
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  createInterface({ input: child.stdout }).on("line", onLine);
  createInterface({ input: child.stderr }).on("line", onLine);
  let isBusy = false;
  const ended = once(child, "exit").then(async () => {
    onEnd(environment);
    const how = child.signalCode === null ? `exit status ${child.exitCode}` : "signal: killed";
    api.fail("Runtime.ExitError", `Error: Runtime exited with error: ${how}`);
    await api.close();
    await rm(temporary, { recursive: true, force: true });
  });

  const environment: LambdaEnvironment = {
    pid: child.pid ?? 0,
    isBusy: () => isBusy,
    async invoke(payload) {
      isBusy = true;
      const timer = setTimeout(() => {
        const seconds = (timeoutMs / 1000).toFixed(2);
        api.fail("Sandbox.Timedout", `Error: Task timed out after ${seconds} seconds`);
        signal(child, "SIGKILL");
      }, timeoutMs);
      try {
        const outcome = api.invoke(payload, Date.now() + timeoutMs);
        signal(child, "SIGCONT");
        return await outcome;
      } finally {
        clearTimeout(timer);
        isBusy = false;
      }
    },
    async kill() {
      signal(child, "SIGKILL");
      await ended;
    },
  };
  return environment;
}

function signal(child: ChildProcess, name: NodeJS.Signals): void {
  if (child.exitCode === null && child.signalCode === null) child.kill(name);
}
