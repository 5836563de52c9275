import type { Embedder, TextEmbedding } from "../ports/index.ts";

/** A few hundred KB of embeddings at 512 dimensions. */
const TEXTS_MAX = 500;

/** The embedder, which remembers the texts that were asked for last: people repeat and page their queries. */
export function createCachedEmbedder(embedder: Embedder): Embedder {
  // A Map keeps the order in which its keys were set: the first is the one not used for longest.
  const remembered = new Map<string, TextEmbedding>();

  function remember(text: string, embedding: TextEmbedding): void {
    remembered.delete(text);
    remembered.set(text, embedding);
    for (const oldest of remembered.keys()) {
      if (remembered.size <= TEXTS_MAX) break;
      remembered.delete(oldest);
    }
  }

  return {
    ...embedder,
    async embedTexts(texts, options) {
      const missing = [...new Set(texts)].filter((text) => !remembered.has(text));
      const known = new Map(remembered);
      if (missing.length > 0) {
        const rows = await embedder.embedTexts(missing, options);
        for (const [index, row] of rows.entries()) known.set(missing[index] ?? "", row);
      }
      return texts.map((text) => {
        const row = known.get(text);
        if (row === undefined) throw new Error("The embedder gave fewer rows than it got texts.");
        remember(text, row);
        return row;
      });
    },
  };
}
