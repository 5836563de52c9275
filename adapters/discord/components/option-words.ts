import { AtelierError, type Command, inFormWords } from "#core";

/** Does it; what goes wrong is said of fields and options with names, for nobody types flags here. */
export async function inOptionWords<T>(command: Command, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    if (!(thrown instanceof AtelierError)) throw thrown;
    const said = inFormWords(thrown.message, command);
    if (said === thrown.message) throw thrown;
    const { code, retryAfterMs, option, retryAtMostOnce } = thrown;
    throw new AtelierError(thrown.kind, said, {
      cause: thrown,
      retryAtMostOnce,
      ...(code === undefined ? {} : { code }),
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
      ...(option === undefined ? {} : { option }),
    });
  }
}
