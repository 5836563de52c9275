import { type StateItem, type StateStore, tableKeys } from "#core";

/** One write or read as it was asked for. */
export type StoreCall =
  | { method: "get"; args: Parameters<StateStore["get"]> }
  | { method: "put"; args: Parameters<StateStore["put"]> }
  | { method: "delete"; args: Parameters<StateStore["delete"]> };

export interface RecordedStateStore extends StateStore {
  /** The calls that are made while `work` runs, in their order. */
  record(work: () => Promise<unknown>): Promise<StoreCall[]>;
}

/** The same store, which can write down what is asked of it. */
export function recordStateStore(state: StateStore): RecordedStateStore {
  let calls: StoreCall[] | null = null;
  return {
    ...state,
    get(...args) {
      calls?.push({ method: "get", args });
      return state.get(...args);
    },
    put(...args) {
      calls?.push({ method: "put", args });
      return state.put(...args);
    },
    delete(...args) {
      calls?.push({ method: "delete", args });
      return state.delete(...args);
    },
    async record(work) {
      const recorded: StoreCall[] = [];
      calls = recorded;
      try {
        await work();
      } finally {
        calls = null;
      }
      return recorded;
    },
  };
}

/** Makes the same calls one after the other, on items of their own whose keys begin with `prefix`. */
export async function replay(
  state: StateStore,
  calls: readonly StoreCall[],
  prefix: string,
): Promise<void> {
  for (const call of calls) {
    switch (call.method) {
      case "get":
        await state.get(call.args[0], `${prefix}${call.args[1]}`);
        break;
      case "put": {
        const [table, item, anyOf] = call.args;
        const key = tableKeys[table];
        const moved: StateItem = { ...item, [key]: `${prefix}${item[key]}` };
        const isWritten = await state.put(table, moved, anyOf);
        if (!isWritten) throw new Error(`A replayed write to ${table} met another state.`);
        break;
      }
      case "delete":
        await state.delete(call.args[0], `${prefix}${call.args[1]}`, call.args[2]);
    }
  }
}
