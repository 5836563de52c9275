import { measureIdentical, measureThroughput } from "./crowd.ts";
import { measureLatency } from "./latency.ts";
import { measureProcess } from "./memory.ts";
import { startBenchAtelier } from "./running-atelier.ts";
import { renderTable, type Section } from "./table.ts";
import { measureTwoProcesses } from "./two-processes.ts";

/** Measures one after the other and prints a table; `npm run bench`. */
async function main(): Promise<void> {
  const sections: Section[] = [];
  // The processes first, while nothing else of this run occupies the machine.
  for (const measure of [measureProcess, measureTwoProcesses]) sections.push(await measure());
  const atelier = await startBenchAtelier();
  try {
    for (const measure of [measureLatency, measureIdentical, measureThroughput]) {
      sections.push(await measure(atelier));
    }
  } finally {
    await atelier.close();
  }
  console.log(renderTable(sections));
}

await main();
