import { measureAcknowledgement } from "./acknowledgement.ts";
import { measureIdentical, measureThroughput } from "./crowd.ts";
import { measureEmbedding } from "./embedding.ts";
import { measureIngest } from "./ingest.ts";
import { measureLatency } from "./latency.ts";
import { measureProcess } from "./memory.ts";
import { type RunningAtelier, startBenchAtelier } from "./running-atelier.ts";
import { measureSearch } from "./search.ts";
import { renderTable, type Section } from "./table.ts";
import { measureTwoProcesses } from "./two-processes.ts";
import { measureWebhook } from "./webhook.ts";
import { measureWorker } from "./worker.ts";

/** With processes of their own. */
const apart = {
  process: measureProcess,
  acknowledgement: measureAcknowledgement,
  webhook: measureWebhook,
  worker: measureWorker,
  "two-processes": measureTwoProcesses,
  embedding: measureEmbedding,
  search: measureSearch,
  ingest: measureIngest,
};
/** On an Atelier in this process. */
const here = {
  latency: measureLatency,
  identical: measureIdentical,
  throughput: measureThroughput,
};

/** Measures one after the other and prints a table: `npm run bench`, or `npm run bench latency` for one. */
async function main(names: readonly string[]): Promise<void> {
  const isWanted = ([name]: [string, unknown]) => names.length === 0 || names.includes(name);
  const sections: Section[] = [];
  try {
    // The processes first, while nothing else of this run occupies the machine.
    for (const [, measure] of Object.entries(apart).filter(isWanted)) {
      sections.push(await measure());
    }
    const measures = Object.entries(here).filter(isWanted);
    if (measures.length > 0) sections.push(...(await measureHere(measures)));
  } finally {
    // What was measured before something failed took minutes.
    console.log(renderTable(sections));
  }
}

async function measureHere(
  measures: readonly [string, (atelier: RunningAtelier) => Promise<Section>][],
): Promise<Section[]> {
  const sections: Section[] = [];
  const atelier = await startBenchAtelier();
  try {
    for (const [, measure] of measures) sections.push(await measure(atelier));
  } finally {
    await atelier.close();
  }
  return sections;
}

await main(process.argv.slice(2));
