import type { Recipe } from "./recipe.ts";

/**
 * The command that asks for exactly this: with the seed that drew it, paste it and the same
 * picture comes back.
 */
export function recipeCommand(
  recipe: Recipe,
  {
    seed = recipe.seed,
    count = 1,
    isPrivate = false,
  }: { seed?: number | undefined; count?: number; isPrivate?: boolean } = {},
): string {
  const flags = [
    flag("from", recipe.imageSha256),
    flag("ar", recipe.aspectRatio),
    flag("seed", seed),
    flag("no", recipe.negativePrompt, true),
    flag("style", recipe.style, true),
    flag("strength", recipe.strength),
    flag("count", count === 1 ? undefined : count),
    flag("model", recipe.model, true),
    flag("format", recipe.outputFormat === "jpeg" ? undefined : recipe.outputFormat),
    isPrivate ? "--private" : null,
  ].filter((text) => text !== null);
  const name = recipe.mode === "text-to-image" ? "/imagine" : "/restyle";
  // A prompt with dashes in it comes last, behind the `--` that ends the flags.
  const parts =
    /(^|\s)(--|[—–])/u.test(recipe.prompt) || recipe.prompt.toLowerCase() === "help"
      ? [name, ...flags, "--", recipe.prompt]
      : [name, recipe.prompt, ...flags];
  return parts.join(" ");
}

function flag(name: string, value: string | number | undefined, isText = false): string | null {
  if (value === undefined) return null;
  const text = String(value);
  const needsQuotes = isText && /["\\“„”]|(^|\s)(--|[—–])/u.test(text);
  return `--${name} ${needsQuotes ? `"${text.replace(/["\\]/gu, "\\$&")}"` : text}`;
}
