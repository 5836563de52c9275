import { existsSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type Handler, named } from "./invocation-loop.ts";

const EXTENSIONS = [".mjs", ".js"];

/**
 * The function that Lambda's handler setting names, such as `worker.handler`: the file, from the
 * task's folder on and without its extension, and its export. Rejects with an error whose name is
 * the one that Lambda's own Node.js runtime reports.
 */
export async function loadHandler(taskRoot: string, setting: string): Promise<Handler> {
  const [, file, name] = /^(.+)\.([^./]+)$/u.exec(setting) ?? [];
  if (file === undefined || name === undefined) {
    throw named(
      "Runtime.MalformedHandlerName",
      `The handler "${setting}" must be a file and its export, such as worker.handler.`,
    );
  }
  const path = EXTENSIONS.map((each) => join(taskRoot, `${file}${each}`)).find(existsSync);
  if (path === undefined) {
    throw named("Runtime.ImportModuleError", `There is no ${file}.mjs in ${taskRoot}.`);
  }
  const module: Readonly<Record<string, unknown>> = await import(pathToFileURL(path).href);
  const handler = module[name];
  if (!isHandler(handler)) {
    throw named("Runtime.HandlerNotFound", `${path} exports no function "${name}".`);
  }
  return handler;
}

function isHandler(value: unknown): value is Handler {
  return typeof value === "function";
}
