import { AtelierError } from "../errors.ts";

/** The time as people read it on players: `4:12`, `1:02:03`; parts of a second are left out. */
export function clockTime(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  const minutes = Math.floor(seconds / 60);
  const two = (value: number) => String(value).padStart(2, "0");
  const hours = Math.floor(minutes / 60);
  return hours === 0
    ? `${minutes}:${two(seconds % 60)}`
    : `${hours}:${two(minutes % 60)}:${two(seconds % 60)}`;
}

/** A moment of a video by its name: `Harbour at dusk, 1:23`. */
export function momentName({ title, timeMs }: { title: string; timeMs: number }): string {
  return `${title}, ${clockTime(timeMs)}`;
}

const SECONDS = /^\d{1,6}(?:\.\d{1,3})?$/u;
const CLOCK = /^(?:(\d{1,3}):)?(\d{1,3}):([0-5]\d(?:\.\d{1,3})?)$/u;

/** Reads `1:23`, `1:02:03` or seconds as milliseconds; rejects with `invalid_input` that names the option. */
export function readVideoTime(text: string, option: string): number {
  const given = text.trim();
  if (SECONDS.test(given)) return Math.round(Number(given) * 1000);
  const [, hours = "0", minutes, seconds] = CLOCK.exec(given) ?? [];
  if (minutes === undefined || seconds === undefined) {
    throw new AtelierError(
      "invalid_input",
      `--${option} is a time in the video: minutes and seconds as 1:23, or seconds as 83.`,
      { option },
    );
  }
  return Math.round((Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)) * 1000);
}
