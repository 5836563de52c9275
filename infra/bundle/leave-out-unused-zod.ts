import { readFile } from "node:fs/promises";
import { join, sep } from "node:path";
import type { Plugin } from "esbuild";
import { repositoryRoot } from "./options.ts";

const packages = join(repositoryRoot, "node_modules") + sep;
const wholeObject = 'import { z } from "zod";';
const namespace = 'import * as z from "zod";';

/**
 * Through its object `z` all of zod is used, every language and JSON Schema included; through a
 * namespace of the same names esbuild sees what is. That is half of it, and much of a cold start.
 */
export const leaveOutUnusedZod: Plugin = {
  name: "leave-out-unused-zod",
  setup(build) {
    build.onLoad({ filter: /\.ts$/ }, async ({ path }) => {
      if (path.startsWith(packages)) return undefined;
      const text = await readFile(path, "utf8");
      if (!text.includes(wholeObject)) return undefined;
      return { contents: text.replace(wholeObject, namespace), loader: "ts" };
    });
  },
};
