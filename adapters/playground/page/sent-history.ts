const SENT_MAX = 100;

/** What this person sent, newest last; kept in this browser. */
export function readSent(user: string): readonly string[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(keyOf(user)) ?? "[]");
    return Array.isArray(kept) ? kept.filter((text) => typeof text === "string") : [];
  } catch {
    return [];
  }
}

export function addSent(user: string, text: string): void {
  const others = readSent(user).filter((each) => each !== text);
  try {
    localStorage.setItem(keyOf(user), JSON.stringify([...others, text].slice(-SENT_MAX)));
  } catch {
    // Storage is full or forbidden: the arrow keys then know less.
  }
}

function keyOf(user: string): string {
  return `atelier.sent.${user}`;
}
