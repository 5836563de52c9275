export type JsonValue =
  | string
  | number
  | boolean
  | null
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue | undefined };

/** The tables of the core, each with the attribute that is its partition key. */
export const tableKeys = { state: "pk", cache: "prompt_hash", videos: "video_id" } as const;
export type TableName = keyof typeof tableKeys;

/** Indexes of the `state` table: partition attribute, sorted by the attribute `at` (ISO 8601). */
export const stateIndexes = { user: "user_key", place: "place_key", open: "open_key" } as const;
export type StateIndex = keyof typeof stateIndexes;

/**
 * A stored item: its table's key attribute, `expires_at` (epoch seconds) where it ends by
 * itself, and anything else that is JSON. At most 400 KB.
 */
export type StateItem = { readonly [attribute: string]: JsonValue | undefined };

/** When a write may happen. `equals`: every named attribute has this value; null means it is absent. */
export type WriteCondition =
  | { kind: "absent" }
  | { kind: "expired" }
  | { kind: "equals"; attributes: Readonly<Record<string, string | number | null>> };

export interface QueryOptions {
  newestFirst: boolean;
  limit: number;
  /** Only items whose `at` is before (newestFirst) or after this one. */
  beyond?: string;
}

/**
 * What must outlive the process. Single-item operations only: each is atomic, none spans two
 * items. An item past its `expires_at` counts as absent in `get` and `query`, deleted or not.
 */
export interface StateStore {
  /** The item as of the last completed write, or null. */
  get(table: TableName, key: string): Promise<StateItem | null>;
  /** Writes the whole item if any of the conditions holds (always, without conditions); says whether it did. */
  put(table: TableName, item: StateItem, anyOf?: readonly WriteCondition[]): Promise<boolean>;
  /** Deletes under the same rule; an absent item counts as deleted when no condition is given. */
  delete(table: TableName, key: string, anyOf?: readonly WriteCondition[]): Promise<boolean>;
  /** Adds to a counter that starts at 0 and ends at `expiresAtSeconds`; returns the new value. */
  add(key: string, amount: number, expiresAtSeconds: number): Promise<number>;
  /** Items of one index partition in the order of `at`; may lag a write by a moment on AWS. */
  query(index: StateIndex, value: string, options: QueryOptions): Promise<StateItem[]>;
}
