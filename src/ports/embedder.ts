/** From which cosine similarity on a frame counts, for queries of some length in an index of some size. */
export interface SimilarityFloor {
  /** How many of 100 queries that nothing fits still find something, as a share. */
  falsePositiveRate: number;
  /** By number of content words (`3` stands for three and more), then by number of indexed frames. */
  floors: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

/** What is known about a model that embeds sentences and pictures. */
export interface EmbeddingModel {
  /** As settings and people name it, e.g. `demo` or `clip-vit-base-patch32`. */
  name: string;
  /** What people read. */
  title: string;
  /**
   * Model, weights and version of the preprocessing in one word of `a-z0-9.-`, e.g.
   * `demo-3f2a91c0-p1`. Embeddings of different spaces are never compared.
   */
  space: string;
  /** Length of every embedding. */
  dim: number;
  /** What it understands, where that can be listed; a query with another content word is refused. */
  vocabulary: {
    /** What people are told it knows, by group, e.g. `things`, `colours`. */
    knows: Readonly<Record<string, readonly string[]>>;
    /** Every word that carries meaning for it, in lower case, plurals and synonyms too. */
    contentWords: readonly string[];
    /** Words that may stand in any query and carry nothing. */
    stopWords: readonly string[];
  } | null;
  /** Measured floors, where the model brings them; else they are measured on the index itself. */
  calibration: { maybe: SimilarityFloor; strong: SimilarityFloor } | null;
  /** Sentences to propose to people. */
  suggestions: readonly string[];
  /** A sentence for the card, where people should know something about this model. */
  notice?: string;
}

export interface TextEmbedding {
  /** L2 norm 1, `dim` numbers. */
  embedding: Float32Array;
  /** The text was longer than the model reads; its end was left out. */
  isTruncated: boolean;
}

/** Puts sentences and pictures into one space, where near means alike. */
export interface Embedder {
  readonly model: EmbeddingModel;
  /** One row for each text, in their order. Rejects with `unavailable` or `misconfigured`. */
  embedTexts(
    texts: readonly string[],
    options: { signal: AbortSignal },
  ): Promise<readonly TextEmbedding[]>;
  /**
   * One row of L2 norm 1 for each encoded picture (JPEG, PNG, WebP), in their order. Rejects with
   * `invalid_input` (code `InvalidImage`) when one cannot be read.
   */
  embedPictures(
    pictures: readonly Uint8Array[],
    options: { signal: AbortSignal },
  ): Promise<readonly Float32Array[]>;
  close(): Promise<void>;
}
