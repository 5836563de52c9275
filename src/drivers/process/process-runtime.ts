import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { Clock, NewId } from "../../ports/index.ts";

/** The machine's clock. */
export const processClock: Clock = {
  nowMs: () => Date.now(),
  async sleep(ms, signal) {
    signal?.throwIfAborted();
    try {
      await sleep(ms, undefined, signal === undefined ? {} : { signal });
    } catch (thrown) {
      signal?.throwIfAborted();
      throw thrown;
    }
  },
};

/** 12 characters of 5 random bits each, without letters that are mistaken for digits. */
export const newRandomId: NewId = () => {
  const alphabet = "0123456789abcdefghjkmnpqrstvwxyz";
  return [...randomBytes(12)].map((byte) => alphabet.charAt(byte & 31)).join("");
};
