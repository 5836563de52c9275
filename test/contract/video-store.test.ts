import { stateStores } from "./state-stores.ts";
import { videoStoreContract } from "./video-store-contract.ts";

for (const [name, start] of Object.entries(stateStores)) videoStoreContract(name, start);
