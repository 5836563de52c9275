/** Which of the stores: pictures that were made, pictures that people gave, or videos and their frames. */
export type StoreName = "outputs" | "inputs" | "media";

/** Names a stored object for as long as it exists; links to it are signed when they are shown. */
export interface BlobRef {
  store: StoreName;
  /** Path inside the store, e.g. `outputs/2026/11/21/k3v9-1.png`. Lower-case words, digits, `/-_.`. */
  key: string;
}

export interface Blob {
  bytes: Uint8Array;
  mediaType: string;
}

/** One place that keeps objects: a folder on disk, or a bucket. */
export interface BlobStore {
  /** The bucket's name; `local` on disk. */
  readonly bucket: string;
  /** Writes the object whole or not at all; an object of that key is replaced. */
  put(key: string, blob: Blob): Promise<void>;
  /** The object, or null when there is none. Rejects with `invalid_input` above `maxBytes`. */
  get(key: string, options?: { maxBytes?: number }): Promise<Blob | null>;
  /** Writes the file's bytes as `put` does, without holding them in memory. */
  putFile(key: string, path: string, mediaType: string): Promise<void>;
  /**
   * Writes the object's bytes to a new file at `path`; false when there is no such object.
   * Rejects with `invalid_input` above `maxBytes`.
   */
  getFile(key: string, path: string, options?: { maxBytes?: number }): Promise<boolean>;
  /** Whether the object is there now, without reading it. */
  has(key: string): Promise<boolean>;
  /** The object's ETag, which is another one when other bytes are written over it; null when there is no such object. */
  etag(key: string): Promise<string | null>;
  /**
   * A URL that anyone may GET until `ttlSeconds` from now. Signing does not look whether the
   * object exists. `downloadName` makes browsers save it under that name.
   */
  presign(key: string, options: { ttlSeconds: number; downloadName?: string }): Promise<string>;
  /** Removes the object; removing what is not there is no error. */
  delete(key: string): Promise<void>;
}
