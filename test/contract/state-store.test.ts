import { stateStoreContract } from "./state-store-contract.ts";
import { stateStores } from "./state-stores.ts";

for (const [name, start] of Object.entries(stateStores)) stateStoreContract(name, start);
