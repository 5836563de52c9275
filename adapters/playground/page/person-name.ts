/** As the server takes them. */
const NAME_PATTERN = /^[\p{L}\p{N}][\p{L}\p{N} _.-]{0,31}$/u;
const NAME_KEY = "atelier.name";
const FIRST_TAB_KEY = "atelier.first-tab";
/** Browsers slow the timers of hidden tabs down to one a minute. */
const FIRST_TAB_GONE_MS = 150_000;

const firstWords =
  "Amber Calm Clever Copper Gentle Golden Indigo Ivory Jolly Lucky Merry Misty Ochre Olive Quiet Sunny Umber Velvet".split(
    " ",
  );
const secondWords =
  "Badger Brush Canvas Crane Easel Finch Fox Heron Kettle Lantern Lark Maple Otter Pigment Robin Sparrow Thistle Wren".split(
    " ",
  );

/** Why a name cannot be used, or null. */
export function nameProblem(name: string): string | null {
  const trimmed = name.trim();
  if (trimmed === "") return "Write a name of 1 to 32 characters.";
  const length = [...trimmed].length;
  if (length > 32) return `That is ${length} characters; a name has at most 32.`;
  return NAME_PATTERN.test(trimmed)
    ? null
    : "Begin with a letter or digit; then letters, digits, spaces and - _ . are fine.";
}

/**
 * The name of this tab's person. Each tab has its own; the first tab of a browser gets back the
 * name it had last time.
 */
export function readName(): string {
  const isFirst = claimFirstTab();
  const firstTabs = read("local", NAME_KEY);
  const kept = read("session", NAME_KEY) ?? (isFirst ? firstTabs : null);
  const name = kept !== null && nameProblem(kept) === null ? kept : friendlyName(firstTabs ?? "");
  saveName(name);
  return name;
}

export function saveName(name: string): void {
  write("session", NAME_KEY, name);
  if (isFirstTab()) write("local", NAME_KEY, name);
}

/** Another one than the first tab's: the same name would be the same person. */
function friendlyName(taken: string): string {
  const pick = (words: readonly string[]) => words[Math.floor(Math.random() * words.length)] ?? "";
  return `${pick(firstWords)} ${pick(secondWords.filter((word) => !taken.endsWith(word)))}`;
}

function isFirstTab(): boolean {
  const mark = read("session", FIRST_TAB_KEY);
  return mark !== null && read("local", FIRST_TAB_KEY)?.startsWith(`${mark} `) === true;
}

/** The first tab says now and then that it is there; a tab that finds nobody becomes the first. */
function claimFirstTab(): boolean {
  const [, seenAt] = (read("local", FIRST_TAB_KEY) ?? "").split(" ");
  if (!isFirstTab() && Date.now() - Number(seenAt ?? 0) < FIRST_TAB_GONE_MS) return false;
  const mark = Math.random().toString(36).slice(2);
  write("session", FIRST_TAB_KEY, mark);
  const say = () => write("local", FIRST_TAB_KEY, `${mark} ${Date.now()}`);
  say();
  setInterval(() => isFirstTab() && say(), 30_000);
  addEventListener("pagehide", () => {
    if (isFirstTab()) write("local", FIRST_TAB_KEY, `${mark} 0`);
  });
  addEventListener("pageshow", () => isFirstTab() && say());
  return true;
}

/** Storage can be forbidden; then names last as long as the page. */
function read(where: "local" | "session", key: string): string | null {
  try {
    return (where === "local" ? localStorage : sessionStorage).getItem(key);
  } catch {
    return null;
  }
}

function write(where: "local" | "session", key: string, value: string): void {
  try {
    (where === "local" ? localStorage : sessionStorage).setItem(key, value);
  } catch {
    // As above.
  }
}
