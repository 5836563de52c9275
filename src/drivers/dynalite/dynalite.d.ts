/** dynalite 4 carries no types; these are the parts that Atelier uses. */
declare module "dynalite" {
  import type { Server } from "node:http";

  interface DynaliteOptions {
    /** Folder of the LevelDB database. */
    path: string;
    createTableMs?: number;
    deleteTableMs?: number;
    updateTableMs?: number;
  }

  function dynalite(options: DynaliteOptions): Server;
  export = dynalite;
}
