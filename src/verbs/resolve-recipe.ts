import { AtelierError } from "../errors.ts";
import type { LimitedImageModel } from "../limits/limited-image-model.ts";
import { normalizePrompt, type Recipe } from "../recipe/recipe.ts";
import { findStyle, promptWithStyle, stylePresets } from "../recipe/styles.ts";
import type { Services } from "../services.ts";

export const PROMPT_MAX = 10_000;

/** The prompt as recipes keep it; rejects an empty one and one that is too long with `invalid_input`. */
export function resolvePrompt(text: string): string {
  const prompt = normalizePrompt(text.toWellFormed());
  if (prompt === "") {
    throw new AtelierError("invalid_input", "Say what to draw, such as: a red fox in the snow.");
  }
  if (prompt.length > PROMPT_MAX) {
    throw new AtelierError(
      "invalid_input",
      `The prompt takes at most ${PROMPT_MAX.toLocaleString("en")} characters; this has ${prompt.length.toLocaleString("en")}.`,
    );
  }
  return prompt;
}

/** Rejects with `invalid_input` a prompt that its style's words would make too long for a model. */
export function assertPromptFits({ prompt, style }: Pick<Recipe, "prompt" | "style">): void {
  const full = promptWithStyle(prompt, style).length;
  if (full > PROMPT_MAX) {
    throw new AtelierError(
      "invalid_input",
      `The prompt and the words of its style take at most ${PROMPT_MAX.toLocaleString("en")} characters together; these are ${full.toLocaleString("en")}.`,
    );
  }
}

/** The optional text as recipes keep it: absent rather than empty. */
export function resolveNegativePrompt(text: string | undefined): { negativePrompt?: string } {
  if (text === undefined || text.trim() === "") return {};
  return { negativePrompt: resolvePrompt(text) };
}

/** A style by its name or label, as its name; rejects an unknown one with the list. */
export function resolveStyle(name: string | undefined): { style?: string } {
  if (name === undefined || name.trim() === "") return {};
  const style = findStyle(name);
  if (style === undefined) {
    const names = stylePresets.map((each) => each.name).join(", ");
    throw new AtelierError(
      "invalid_input",
      `There is no style “${name.slice(0, 40)}”. There are ${names}.`,
      { option: "style" },
    );
  }
  return { style: style.name };
}

/** A model by its id, its label or a part of either that fits one only; the first one when absent. */
export function resolveModel(
  models: Services["imageModels"],
  name: string | undefined,
): LimitedImageModel {
  const all = [...models.values()];
  const [standard] = all;
  if (standard === undefined) throw new AtelierError("misconfigured", "No image model is set up.");
  if (name === undefined || name.trim() === "") return standard;
  const wanted = name.trim().toLowerCase();
  const exact = all.find(
    (model) => model.id.toLowerCase() === wanted || model.label.toLowerCase() === wanted,
  );
  const partial = all.filter((model) =>
    `${model.id} ${model.label}`.toLowerCase().includes(wanted),
  );
  const found = exact ?? (partial.length === 1 ? partial[0] : undefined);
  if (found === undefined) {
    const ids = all.map((model) => model.id).join(", ");
    throw new AtelierError(
      "invalid_input",
      `No model here is called “${name.slice(0, 60)}”. Choose one of ${ids}.`,
    );
  }
  return found;
}
