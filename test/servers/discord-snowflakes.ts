/** The first second of 2015. */
const DISCORD_EPOCH_MS = 1_420_070_400_000n;
/** discord-digital-twin makes its own ids as worker 0. */
const WORKER = 1n;

export type DiscordSnowflakes = ReturnType<typeof createDiscordSnowflakes>;

/** Ids as Discord makes them: the time, a worker, a count. */
export function createDiscordSnowflakes() {
  let count = 0n;
  return {
    next(): string {
      count = (count + 1n) % 4096n;
      const ms = BigInt(Date.now()) - DISCORD_EPOCH_MS;
      return String((ms << 22n) | (WORKER << 17n) | count);
    },
  };
}
