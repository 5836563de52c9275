export interface Turns {
  /** Runs `work` after all work given earlier under the same name, and passes its outcome on. */
  take<T>(name: string, work: () => Promise<T>): Promise<T>;
}

/** One at a time for each name, within this process; different names do not wait for each other. */
export function createTurns(): Turns {
  const lastByName = new Map<string, Promise<unknown>>();
  return {
    take(name, work) {
      const before = lastByName.get(name) ?? Promise.resolve();
      const mine = before.then(work, work);
      lastByName.set(name, mine);
      const forget = () => {
        if (lastByName.get(name) === mine) lastByName.delete(name);
      };
      mine.then(forget, forget);
      return mine;
    },
  };
}
