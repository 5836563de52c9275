import { writeFile } from "node:fs/promises";
import { renderEnvExample } from "./render-env-example.ts";

/** `npm run env-example`: writes `.env.example` from the settings' schema. */
await writeFile(new URL("../.env.example", import.meta.url), renderEnvExample());
