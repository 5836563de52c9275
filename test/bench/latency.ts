import { type ChannelClient, expectDone, openChannel } from "./channel-client.ts";
import { drawDirectly } from "./direct-call.ts";
import { interleave, median, percentile } from "./measure.ts";
import { replay, type StoreCall } from "./recorded-state-store.ts";
import type { RunningAtelier } from "./running-atelier.ts";
import { ms, type Row, ratio, type Section } from "./table.ts";

const ROUNDS = 200;
const WARM_UP_ROUNDS = 60;

/** One person, one command at a time: a picture that is new, and one that was asked for before. */
export async function measureLatency(atelier: RunningAtelier): Promise<Section> {
  const channel = await openChannel(atelier.url, "latency");
  try {
    const cold = await recordOne(atelier, channel, "recorded", false);
    const hit = await recordOne(atelier, channel, "recorded", true);
    const times = await interleave(
      {
        cold: (round) => expectDone(channel.run(`/imagine fox ${round}`, "ann")),
        async coldStore(round) {
          await replay(atelier.storage.state, cold, `cold-${round}-`);
          await drawDirectly(atelier, `replayed/${round}`);
        },
        hit: (round) => expectDone(channel.run(`/imagine fox ${round}`, "bob")),
        hitStore: (round) => replay(atelier.storage.state, hit, `hit-${round}-`),
        direct: (round) => drawDirectly(atelier, `direct/${round}`),
      },
      { rounds: ROUNDS, warmUpRounds: WARM_UP_ROUNDS },
    );
    const own = differences(times.cold, times.coldStore);
    return {
      heading: `From command to card, one at a time (${ROUNDS} rounds, interleaved)`,
      rows: [
        ...timeRows("a new picture, model of zero latency", times.cold),
        { what: "  its store requests alone, p50", ...storeValue(times.coldStore, cold, 1) },
        {
          what: "  own time beyond them, p50",
          value: ms(median(own)),
          beside: "target: at most 10 ms",
        },
        { what: "  own time beyond them, p99", value: ms(percentile(own, 0.99)) },
        ...timeRows("a picture from the cache", times.hit, "target: p50 at most 15 ms"),
        { what: "  its store requests alone, p50", ...storeValue(times.hitStore, hit, 0) },
        {
          what: "  own time beyond them, p50",
          value: ms(median(differences(times.hit, times.hitStore))),
        },
        {
          what: "the model called directly, and the file written, p50",
          value: ms(median(times.direct)),
        },
        {
          what: "  a command beside it",
          value: ratio(median(times.cold), median(times.direct)),
          beside: "its record, claim, cache entry and card are what it adds",
        },
      ],
    };
  } finally {
    channel.close();
  }
}

/** What one command asks of the store; the second time it is a hit. */
async function recordOne(
  { state }: RunningAtelier,
  channel: ChannelClient,
  prompt: string,
  isFromCache: boolean,
): Promise<StoreCall[]> {
  const calls = await state.record(async () => {
    const ending = await expectDone(channel.run(`/imagine ${prompt}`, "ann"));
    if (ending.isFromCache !== isFromCache) throw new Error("The cache did not do as expected.");
  });
  return calls;
}

const differences = (values: readonly number[], others: readonly number[]) =>
  values.map((value, index) => value - (others[index] ?? Number.NaN));

function timeRows(what: string, times: readonly number[], beside = ""): Row[] {
  return [
    { what: `${what}, p50`, value: ms(median(times)), beside },
    { what: `${what}, p99`, value: ms(percentile(times, 0.99)) },
  ];
}

function storeValue(
  times: readonly number[],
  calls: readonly StoreCall[],
  files: number,
): Omit<Row, "what"> {
  const count = (method: StoreCall["method"]) =>
    calls.filter((call) => call.method === method).length;
  return {
    value: ms(median(times)),
    beside: `${count("put")} puts, ${count("get")} gets, ${files} files`,
  };
}
