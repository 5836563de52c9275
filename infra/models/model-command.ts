import { existsSync } from "node:fs";
import { parseArgs } from "node:util";
import { AtelierError } from "#core";
import { DEMO_MODEL, pulledModelPath } from "../clip-models.ts";
import { createHub } from "./hub.ts";
import { listModels } from "./list-models.ts";
import { catalogued, modelCatalogue } from "./model-catalogue.ts";
import { createProgressPrinter } from "./progress-line.ts";
import { pullModel, removeModel } from "./pull-model.ts";
import { verifyModel } from "./verify-model.ts";

const USAGE = [
  "npm run model -- pull <name>     download a model, checked, going on where it stopped",
  "npm run model -- list            the models that there are",
  "npm run model -- verify [name]   load it and hold it to its golden embeddings",
  "npm run model -- remove <name>   delete a downloaded model",
];

export interface ModelCommandOptions {
  settings: { CLIP_MODEL: string; CLIP_MODEL_DIR?: string | undefined; DATA_DIR: string };
  /** The hub or a mirror of it. */
  endpoint: string;
  output: { isTTY?: boolean; write(text: string): unknown };
  catalogue?: typeof modelCatalogue;
  now: () => number;
  signal: AbortSignal;
}

/** Does what `npm run model` was asked and resolves to the lines to print. */
export async function runModelCommand(
  args: readonly string[],
  options: ModelCommandOptions,
): Promise<string[]> {
  const { settings, output, catalogue = modelCatalogue, now, signal } = options;
  const { endpoint, verb, name } = readArgs(args, options.endpoint);
  const dataDir = settings.DATA_DIR;
  if (name !== undefined && !/^[a-z0-9][a-z0-9.-]*$/u.test(name)) throw usage();
  switch (verb) {
    case "pull": {
      const model = catalogued(name ?? "", catalogue);
      const hub = createHub({ endpoint });
      const onProgress = createProgressPrinter(output, now);
      const { path, isNew } = await pullModel({ model, dataDir, hub, onProgress, signal });
      const was = isNew
        ? `${model.title} is in ${path}.`
        : `${model.title} was in ${path} already.`;
      return [
        was,
        ...(await verified(options, model.name)),
        `Set CLIP_MODEL=${model.name} to use it.`,
      ];
    }
    case "list":
      return listModels({ settings, catalogue });
    case "verify": {
      const isHere = name === undefined || name === DEMO_MODEL;
      if (!isHere && !existsSync(pulledModelPath(dataDir, name))) {
        throw new AtelierError(
          "not_found",
          `There is no model "${name}" here. "npm run model -- list" says what there is.`,
        );
      }
      return verified(options, name);
    }
    case "remove": {
      if (name === undefined) throw usage();
      if (name === DEMO_MODEL) {
        throw new AtelierError("invalid_input", "The demo model is part of Atelier and stays.");
      }
      const wasThere = await removeModel(dataDir, name);
      return [wasThere ? `Removed ${name}.` : `There is no ${name} in ${dataDir}.`];
    }
    default:
      throw usage();
  }
}

async function verified(
  { settings, now, signal }: ModelCommandOptions,
  name: string | undefined,
): Promise<string[]> {
  const asked = name === undefined ? settings : { CLIP_MODEL: name, DATA_DIR: settings.DATA_DIR };
  const result = await verifyModel(asked, { signal, now });
  const { lowestCosine } = result;
  const golden =
    lowestCosine === null
      ? "recorded just now; copies of this folder are held to them"
      : `cosine similarity at least ${lowestCosine.toFixed(4)}`;
  return [
    `model       ${result.title}`,
    `folder      ${result.path}`,
    `dimensions  ${result.dim}`,
    `space       ${result.space}`,
    `golden      ${golden}`,
    `speed       ${result.picturesPerSecond.toFixed(0)} pictures/s, ${result.textsPerSecond.toFixed(0)} sentences/s`,
  ];
}

function readArgs(args: readonly string[], standard: string) {
  try {
    const { positionals, values } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { endpoint: { type: "string" } },
    });
    const [verb, name] = positionals;
    return { endpoint: values.endpoint ?? standard, verb, name };
  } catch {
    throw usage();
  }
}

const usage = () => new AtelierError("invalid_input", USAGE.join("\n"));
