/**
 * Opens something when it is first needed and gives the same from then on. What failed is tried
 * again by the next who needs it: a service that was down at a cold start must not stay so. What
 * was opened can say, by calling `forget`, that the next who needs it shall open another.
 */
export function once<T>(open: (forget: () => void) => Promise<T>): () => Promise<T> {
  let opened: Promise<T> | null = null;
  return () => {
    if (opened !== null) return opened;
    const forget = () => {
      if (opened === mine) opened = null;
    };
    const mine = open(forget).catch((thrown: unknown) => {
      forget();
      throw thrown;
    });
    opened = mine;
    return mine;
  };
}
