/** Lets a few in at once; those for whom someone waits go before what is done in the background. */
export function createIngestLine(atOnce: number) {
  const waiting: { isUrgent: () => boolean; enter: () => void }[] = [];
  let inside = 0;

  function letIn(): void {
    while (inside < atOnce && waiting.length > 0) {
      const urgent = waiting.findIndex(({ isUrgent }) => isUrgent());
      const [next] = waiting.splice(Math.max(0, urgent), 1);
      inside++;
      next?.enter();
    }
  }

  return {
    /** Runs the work when its turn has come. Rejects with the signal's reason while it waits. */
    async pass<T>(
      work: () => Promise<T>,
      { isUrgent, signal }: { isUrgent: () => boolean; signal: AbortSignal },
    ): Promise<T> {
      signal.throwIfAborted();
      await new Promise<void>((resolve, reject) => {
        const leave = () => {
          waiting.splice(waiting.indexOf(place), 1);
          reject(signal.reason);
        };
        const place = {
          isUrgent,
          enter() {
            signal.removeEventListener("abort", leave);
            resolve();
          },
        };
        waiting.push(place);
        signal.addEventListener("abort", leave, { once: true });
        letIn();
      });
      try {
        return await work();
      } finally {
        inside--;
        letIn();
      }
    },
  };
}
