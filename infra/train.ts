import { mkdir, writeFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { dirname, extname, join } from "node:path";
import { asAtelierError } from "#core";
import { readEnvironment } from "./settings.ts";
import { metricDefinitions } from "./training/metrics.ts";
import { EXIT_STOPPED } from "./training/run-stage.ts";
import { type StagePrograms, trainModel } from "./training/train-model.ts";
import { trainingFolders } from "./training/training-folders.ts";

/** Two threads in one process wait for each other at every layer; and nothing is written beside the code. */
const PYTHON_SETTINGS = ["OMP_NUM_THREADS=1", "PYTHONDONTWRITEBYTECODE=1"];

/** The stages lie beside this file, as sources and in the bundle alike. */
function stagePrograms(python: string): StagePrograms {
  const folder = join(import.meta.dirname, "training/demo");
  const extension = extname(import.meta.filename);
  return {
    script: (name, args) => ({
      program: process.execPath,
      args: [...process.execArgv, join(folder, `${name}${extension}`), ...args],
    }),
    python: (name, args) => ({
      program: "env",
      args: [...PYTHON_SETTINGS, python, join(folder, `${name}.py`), ...args],
    }),
  };
}

/**
 * `npm run train`: the training entry of a SageMaker container. Ends with 0 when the model is
 * written, with 143 when SIGTERM stopped it and its checkpoint is kept, and with 1 when it failed:
 * `output/failure` then says what to do. `npm run train -- metrics` prints the metric definitions.
 */
async function main(): Promise<void> {
  const print = (line: string) => process.stdout.write(`${line}\n`);
  if (process.argv.at(-1) === "metrics") {
    print(JSON.stringify(metricDefinitions, null, 1));
    return;
  }
  const { SM_ROOT = "/opt/ml", PYTHON = "/usr/bin/python3" } = readEnvironment();
  const folders = trainingFolders(SM_ROOT);
  const stopped = new AbortController();
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.on(signal, () => stopped.abort());
  }
  try {
    const programs = stagePrograms(PYTHON);
    const processors = availableParallelism();
    await trainModel({ folders, programs, processors, signal: stopped.signal, print });
  } catch (thrown) {
    if (thrown === stopped.signal.reason) {
      print("stopped; the checkpoint is kept, and the same job goes on from there");
      process.exitCode = EXIT_STOPPED;
      return;
    }
    const { message } = asAtelierError(thrown);
    process.stderr.write(`${message}\n`);
    await mkdir(dirname(folders.failure), { recursive: true });
    await writeFile(folders.failure, message);
    process.exitCode = 1;
  }
}

await main();
