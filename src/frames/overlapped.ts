/**
 * Works on batches while the next one is gathered: `add` waits only while `atOnce` batches are
 * under way. They are finished with in the order in which they came.
 */
export function createOverlapped<T, R>({
  atOnce,
  work,
  finish,
}: {
  atOnce: number;
  work: (batch: T) => Promise<R>;
  finish: (batch: T, result: R) => Promise<void>;
}) {
  const underWay: Promise<void>[] = [];
  let lastFinished: Promise<void> = Promise.resolve();

  return {
    async add(batch: T): Promise<void> {
      while (underWay.length >= atOnce) await underWay.shift();
      const result = work(batch);
      const before = lastFinished;
      const mine = (async () => {
        const [done] = await Promise.all([result, before]);
        await finish(batch, done);
      })();
      lastFinished = mine;
      // Whoever adds or drains hears of a failure; nobody may be there at the moment it happens.
      mine.catch(() => {});
      underWay.push(mine);
    },
    /** Resolves when nothing is under way; rejects with the first failure. */
    async drain(): Promise<void> {
      while (underWay.length > 0) await underWay.shift();
    },
    /** Resolves when nothing is under way, however it ended. */
    async settle(): Promise<void> {
      await Promise.allSettled(underWay.splice(0));
    },
  };
}
