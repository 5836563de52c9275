import { closestWord } from "../src/command/closest-word.ts";

/** Families of settings: what begins like one of them is meant for Atelier. */
const PREFIXES = [
  "ATELIER_",
  "BEDROCK_",
  "CLIP_",
  "DISCORD_",
  "GUARDRAIL_",
  "IMAGE_MODEL",
  "PRICE_",
  "RATE_",
  "SAGEMAKER_",
  "SLACK_",
  "VIDEO_",
];
/** Shorter names are near too many variables that mean something else. */
const SHORTEST_GUESSED = 5;

/** A sentence for every variable that looks like a setting but is none. */
export function findMisspeltSettings(given: readonly string[], known: readonly string[]): string[] {
  const guessable = known.filter((setting) => setting.length >= SHORTEST_GUESSED);
  return given.flatMap((name) => {
    if (known.includes(name) || name.startsWith("AWS_")) return [];
    const stripped = name.replace(/^ATELIER_/u, "");
    const meant = known.includes(stripped) ? stripped : closestWord(stripped, guessable);
    if (meant !== null) return [`${name} is no setting of Atelier. Did you mean ${meant}?`];
    return PREFIXES.some((prefix) => name.startsWith(prefix))
      ? [`${name} is no setting of Atelier; .env.example lists them.`]
      : [];
  });
}
