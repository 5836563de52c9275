import { type Card, type CardButton, type CardField, createCard, shorten } from "../card.ts";
import { encodeAction } from "../command/action.ts";
import { newLinkButton } from "../command/new-link-button.ts";
import { momentName } from "../frames/video-time.ts";
import type { Job } from "../job/job.ts";
import { aspectRatios } from "../ports/index.ts";
import type { Services } from "../services.ts";
import type { PicturesResult } from "../verbs/make-pictures.ts";
import type { MadePicture } from "./recipe.ts";
import { recipeCommand } from "./recipe-command.ts";
import { findStyle } from "./styles.ts";

/** Labels whose values say by themselves what they are: chats leave these out. */
export const MODEL_LABEL = "Model";
export const RATIO_LABEL = "Ratio";

/** The card that answers with pictures: what they were made from, and what one may want next. */
export function pictureCard(
  job: Pick<Job, "id" | "user" | "isPrivate">,
  { pictures, failures }: PicturesResult,
  imageModels: Services["imageModels"],
): Card {
  const [first] = pictures;
  if (first === undefined) return createCard({ text: "There is no picture to show." });
  const { recipe } = first;
  const model = imageModels.get(recipe.model);
  const modelLabel = model?.label ?? recipe.model;
  return createCard({
    text: recipe.prompt,
    askedBy: job.user,
    images: pictures.map((picture, index) => ({
      blob: picture.blob,
      alt: altText(picture, index, pictures.length, modelLabel),
      mediaType: picture.mediaType,
      widthPx: picture.widthPx,
      heightPx: picture.heightPx,
    })),
    fields: recipeFields(pictures, modelLabel),
    buttons: pictureButtons(job, first, pictures.length),
    notices: [
      ...cacheNotice(pictures),
      ...failureNotice(pictures.length, failures),
      ...(model?.notice === undefined ? [] : [model.notice]),
    ],
  });
}

/** Four pictures with the longest prompt must still fit into one stored item. */
const ALT_PROMPT_MAX = 900;

function altText(picture: MadePicture, index: number, count: number, modelLabel: string): string {
  const { prompt, mode } = picture.recipe;
  const what = `${mode === "text-to-image" ? "" : "A picture restyled: "}${shorten(prompt, ALT_PROMPT_MAX)}`;
  const which = count === 1 ? "" : `, picture ${index + 1} of ${count}`;
  return `${what} (${modelLabel}, seed ${picture.seed}${which})`;
}

function recipeFields(pictures: readonly MadePicture[], modelLabel: string): CardField[] {
  const [first] = pictures;
  if (first === undefined) return [];
  const { recipe } = first;
  const style = recipe.style === undefined ? undefined : findStyle(recipe.style)?.label;
  const seeds = pictures.map((picture) => picture.seed).join(", ");
  const fields: [string, string | undefined][] = [
    [MODEL_LABEL, modelLabel],
    [RATIO_LABEL, recipe.aspectRatio ?? ratioOf(first)],
    [pictures.length === 1 ? "Seed" : "Seeds", seeds],
    ["Style", style],
    ["Without", recipe.negativePrompt],
    ["Strength", recipe.strength?.toString()],
    ["From", recipe.frame === undefined ? undefined : momentName(recipe.frame)],
    ["From the cache", cacheAnswer(pictures)],
  ];
  return fields.flatMap(([label, value]) => (value === undefined ? [] : [{ label, value }]));
}

/** The named ratio that a size has to within a pixel or two, else the size itself. */
function ratioOf({ widthPx, heightPx }: MadePicture): string {
  const named = aspectRatios.find((ratio) => {
    const [width = 1, height = 1] = ratio.split(":").map(Number);
    return Math.abs((heightPx * width) / height - widthPx) < 2;
  });
  return named ?? `${widthPx} × ${heightPx}`;
}

function cacheAnswer(pictures: readonly MadePicture[]): string {
  const cached = pictures.filter((picture) => picture.isFromCache).length;
  if (cached === 0) return "no";
  return cached === pictures.length ? "yes" : `${cached} of ${pictures.length}`;
}

function cacheNotice(pictures: readonly MadePicture[]): string[] {
  return pictures.some((picture) => picture.isFromCache)
    ? ["Asked before, so it came from the cache. Re-roll draws it anew."]
    : [];
}

function failureNotice(made: number, failures: PicturesResult["failures"]): string[] {
  const [failure] = failures;
  if (failure === undefined) return [];
  const isForOperator = failure.kind === "internal" || failure.kind === "misconfigured";
  const why = isForOperator ? "Something broke on our side." : failure.message;
  return [`${failures.length} of ${made + failures.length} could not be drawn. ${why}`];
}

/** Everything that one can do with a job's pictures. */
function pictureButtons(
  { id: jobId, isPrivate }: Pick<Job, "id" | "isPrivate">,
  first: MadePicture,
  count: number,
): CardButton[] {
  const action = (command: string, index = 0) => encodeAction({ command, jobId, index });
  return [
    { label: "Re-roll", action: action("reroll") },
    { label: "Vary", action: action("vary") },
    {
      label: "Restyle",
      action: action("restylethis", 1),
      prefill: `/restyle --from ${jobId}#1 ${isPrivate ? "--private " : ""}-- `,
    },
    {
      label: "Edit",
      action: action("edit"),
      prefill: recipeCommand(first.recipe, { count, isPrivate }),
    },
    ...(isPrivate ? [{ label: "Share to channel", action: action("share") }] : []),
    newLinkButton(jobId),
    { label: "Info", action: action("info") },
    { label: "Delete", action: action("delete"), style: "danger" },
  ];
}
