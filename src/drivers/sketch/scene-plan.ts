import type { Color } from "./color.ts";
import { createRandom, hashText, type Random } from "./random.ts";
import {
  type Backdrop,
  backdropWords,
  colorWords,
  countWords,
  type Feature,
  featureWords,
  plainWords,
  type Season,
  seasonWords,
  sizeWords,
  type Time,
  timeWords,
  type Weather,
  weatherWords,
} from "./setting-words.ts";
import { type Style, styleWords } from "./style-words.ts";
import { type SubjectName, subjectNames, subjects } from "./subject-words.ts";

export interface SubjectPlan {
  name: SubjectName;
  color: Color | null;
  count: number;
  size: number;
}

/** Everything that the words say; what they leave open is chosen from the seed. */
export interface ScenePlan {
  subjects: readonly SubjectPlan[];
  backdrop: Backdrop;
  time: Time;
  season: Season;
  weather: ReadonlySet<Weather>;
  wanted: ReadonlySet<Feature>;
  refused: ReadonlySet<Feature>;
  styles: readonly Style[];
  /** Colours that belong to no subject tint the whole scene. */
  tint: Color | null;
  /** From all words but colours and styles, so that those in no table change the picture too. */
  flavour: number;
}

/** Reads a prompt. The same words and seed give the same plan. */
export function planScene(prompt: string, negativePrompt: string, seed: number): ScenePlan {
  const words = wordsOf(prompt);
  const refusedWords = new Set(wordsOf(negativePrompt).flatMap(formsOf));
  const kept = words.filter((word) => !formsOf(word).some((form) => refusedWords.has(form)));
  const unknown = kept.filter((word) => !isKnown(word));
  // Another colour or style keeps the composition; any other word makes a new one.
  const flavour = hashText(kept.filter((word) => !isManner(word)).join(" "));
  const random = createRandom(hashText(`plan:${seed}:${flavour}`));

  const { named, tint } = readSubjects(kept, random);
  const refusedSubjects = namesIn(subjectWords, [...refusedWords]);
  const shown = named.filter((subject) => !refusedSubjects.includes(subject.name)).slice(0, 4);

  const places = allowed(backdropWords, kept, refusedWords);
  const homes = shown.flatMap(({ name }) => {
    const subject = subjects[name];
    return "home" in subject && subject.home !== undefined ? [subject.home] : [];
  });
  const backdrop = places[0] ?? homes[0] ?? openPlace(random, refusedWords, shown.length === 0);
  const seasons = allowed(seasonWords, kept, refusedWords);
  const times = allowed(timeWords, kept, refusedWords);
  const season = seasons[0] ?? random.pick(["summer", "summer", "spring", "autumn"]);

  // A scene of words that mean nothing to the tables still gets something to look at.
  const nothingToShow = shown.length === 0 && places.length === 0 && unknown.length > 0;
  const sculpture = { name: "sculpture", color: null, count: 1, size: 1 } as const;
  return {
    subjects: nothingToShow ? [sculpture] : shown,
    backdrop,
    time: times[0] ?? random.pick(["day", "day", "sunset", "dawn", "night"]),
    season,
    weather: new Set(allowed(weatherWords, kept, refusedWords)),
    wanted: new Set(allowed(featureWords, kept, refusedWords)),
    refused: new Set(namesIn(featureWords, [...refusedWords])),
    styles: allowed(styleWords, kept, refusedWords),
    tint,
    flavour,
  };
}

/** The words of a text in lower case, with two-word terms of art joined to one. */
export function wordsOf(text: string): string[] {
  const joined = text
    .toLowerCase()
    .normalize("NFKC")
    .replaceAll(/black[ -]and[ -]white|black & white/g, "b&w")
    .replaceAll(/pixel[ -]art/g, "pixelart")
    .replaceAll(/line[ -](art|work|drawing)/g, "lineart")
    .replaceAll(/(8|16)[ -]bit/g, "$1bit");
  return joined.match(/b&w|[\p{L}\p{N}]+(?:['’-][\p{L}\p{N}]+)*/gu) ?? [];
}

/** A word as it stands and in its likely singulars: `foxes` → foxes, foxe, fox. */
export function formsOf(word: string): string[] {
  const forms = [word];
  if (word.endsWith("s") && word.length > 3) forms.push(word.slice(0, -1));
  if (word.endsWith("es") && word.length > 4) forms.push(word.slice(0, -2));
  if (word.endsWith("ies") && word.length > 4) forms.push(`${word.slice(0, -3)}y`);
  if (word.endsWith("men")) forms.push(`${word.slice(0, -3)}man`);
  return forms;
}

const subjectWords = Object.fromEntries(
  subjectNames.map((name) => [name, subjects[name].words]),
) as Record<SubjectName, string>;

/** The entries of a table that the words name, in the order of the words. */
export function namesIn<Name extends string>(
  table: Readonly<Record<Name, string>>,
  words: readonly string[],
): Name[] {
  const found: Name[] = [];
  for (const word of words) {
    const forms = formsOf(word);
    for (const name in table) {
      if (!found.includes(name) && table[name].split(" ").some((entry) => forms.includes(entry)))
        found.push(name);
    }
  }
  return found;
}

function allowed<Name extends string>(
  table: Readonly<Record<Name, string>>,
  words: readonly string[],
  refused: ReadonlySet<string>,
): Name[] {
  const denied = namesIn(table, [...refused]);
  return namesIn(table, words).filter((name) => !denied.includes(name));
}

function isKnown(word: string): boolean {
  if (plainWords.has(word) || colorWords.has(word) || countWords.has(word) || sizeWords.has(word))
    return true;
  const tables: readonly Readonly<Record<string, string>>[] = [
    subjectWords,
    backdropWords,
    timeWords,
    seasonWords,
    weatherWords,
    featureWords,
    styleWords,
  ];
  return tables.some((table) => namesIn(table, [word]).length > 0);
}

/** Words that say how, not what: they leave the composition as it is. */
function isManner(word: string): boolean {
  return plainWords.has(word) || colorWords.has(word) || namesIn(styleWords, [word]).length > 0;
}

function openPlace(random: Random, refused: ReadonlySet<string>, isEmpty: boolean): Backdrop {
  const denied = namesIn(backdropWords, [...refused]);
  const open = (
    ["hills", "mountains", "hills", "forest", isEmpty ? "sea" : "mountains"] as const
  ).filter((place) => !denied.includes(place));
  const [first = "hills", ...rest] = open;
  return random.pick([first, ...rest]);
}

/** Adjectives hold until the noun they precede; a colour before a full stop tints the scene. */
function readSubjects(
  words: readonly string[],
  random: Random,
): { named: SubjectPlan[]; tint: Color | null } {
  const named: SubjectPlan[] = [];
  let tint: Color | null = null;
  let color: Color | null = null;
  let count: number | null = null;
  let size = 1;
  for (const word of words) {
    const nextColor = colorWords.get(word);
    const [name] = namesIn(subjectWords, [word]);
    if (name !== undefined) {
      const plural = formsOf(word).length > 1 && !subjectWords[name].split(" ").includes(word);
      const times = Math.min(6, count ?? (plural ? random.whole(2, 4) : 1));
      // "tulip flowers" is one kind of thing, and many of it.
      const known = named.find((subject) => subjects[subject.name].art === subjects[name].art);
      if (known === undefined) named.push({ name, color, count: times, size });
      else known.count = Math.max(known.count, times);
      color = null;
      count = null;
      size = 1;
    } else if (nextColor !== undefined) {
      tint = color ?? tint;
      color = nextColor;
    } else if (color !== null && namesIn(backdropWords, [word]).length > 0) {
      tint = color;
      color = null;
    } else {
      count = countWords.get(word) ?? count;
      size *= sizeWords.get(word) ?? 1;
    }
  }
  return { named, tint: color ?? tint };
}
