/**
 * Opens something when it is first needed and gives the same from then on. What failed is tried
 * again by the next who needs it: a service that was down at a cold start must not stay so.
 */
export function once<T>(open: () => Promise<T>): () => Promise<T> {
  let opened: Promise<T> | null = null;
  return () => {
    opened ??= open().catch((thrown: unknown) => {
      opened = null;
      throw thrown;
    });
    return opened;
  };
}
