import * as discord from "discord-api-types/v10";
import type { Plugin } from "esbuild";

/**
 * discord-api-types holds every enum of Discord's, in CommonJS, of which nothing can be left out:
 * 150 KB that are run before a first answer. Here its enums become literals, and those stay that
 * are used; what is more than data comes from the package itself, where it is asked for.
 */
export const inlineDiscordEnums: Plugin = {
  name: "inline-discord-enums",
  setup(build) {
    build.onLoad({ filter: /discord-api-types.v10\.mjs$/ }, () => {
      const all = Object.entries(discord).filter(([name]) => name !== "default");
      const literals = all.flatMap(([name, value]) => {
        const literal = literalOf(value);
        return literal === null ? [] : [{ name, literal }];
      });
      const names = new Set(literals.map(({ name }) => name));
      const others = all.map(([name]) => name).filter((name) => !names.has(name));
      const lines = literals.map(({ name, literal }) => `export const ${name} = ${literal};`);
      return {
        contents: [...lines, `export { ${others.join(", ")} } from "./v10.js";`].join("\n"),
      };
    });
    // Nothing but its exports: unused, it is not there.
    build.onResolve(
      { filter: /^\.\/v10\.js$/ },
      async ({ path, importer, kind, resolveDir, pluginData }) => {
        if (pluginData === inlineDiscordEnums || !importer.endsWith("v10.mjs")) return undefined;
        const found = await build.resolve(path, {
          importer,
          kind,
          resolveDir,
          pluginData: inlineDiscordEnums,
        });
        return { path: found.path, sideEffects: false };
      },
    );
  },
};

/** An object of texts and numbers as source; null for anything else. */
function literalOf(value: unknown): string | null {
  if (typeof value !== "object" || value === null) return null;
  const fields = Object.entries(value).map(([name, field]) => {
    if (typeof field === "bigint") return `${JSON.stringify(name)}: ${field}n`;
    const isData = typeof field === "string" || typeof field === "number";
    return isData ? `${JSON.stringify(name)}: ${JSON.stringify(field)}` : null;
  });
  return fields.includes(null) ? null : `{ ${fields.join(", ")} }`;
}
