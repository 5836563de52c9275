import { type ChannelClient, expectDone, openChannel } from "./channel-client.ts";
import { drawDirectly } from "./direct-call.ts";
import { percentile, timeMs } from "./measure.ts";
import type { RunningAtelier } from "./running-atelier.ts";
import { ms, ratio, type Section } from "./table.ts";

const IDENTICAL_REQUESTS = 1_000;
/** A person may have 3 jobs running and 10 waiting. */
const REQUESTS_PER_PERSON = 10;
const PEOPLE = 200;
const PEOPLE_PER_CHANNEL = 10;
const REQUESTS_EACH = 5;

/** Everyone wants the same picture at the same moment. */
export async function measureIdentical(atelier: RunningAtelier): Promise<Section> {
  const channel = await openChannel(atelier.url, "identical");
  try {
    const before = atelier.model.callCount();
    const tookMs = await timeMs(() =>
      Promise.all(
        Array.from({ length: IDENTICAL_REQUESTS }, (_, index) => {
          const user = `person ${Math.floor(index / REQUESTS_PER_PERSON)}`;
          return expectDone(channel.run("/imagine the same for all", user));
        }),
      ),
    );
    return {
      heading: `${IDENTICAL_REQUESTS} identical requests at once`,
      rows: [
        {
          what: "calls of the model, one process",
          value: String(atelier.model.callCount() - before),
          beside: "target: exactly 1",
        },
        { what: "until the last card", value: ms(tookMs) },
      ],
    };
  } finally {
    channel.close();
  }
}

/** Each person sends a command, waits for the card, and sends the next. */
export async function measureThroughput(atelier: RunningAtelier): Promise<Section> {
  const channels = await Promise.all(
    Array.from({ length: PEOPLE }, (_, person) =>
      // Everyone has the page open, so that every change is told to all in the channel.
      openChannel(atelier.url, `team-${Math.floor(person / PEOPLE_PER_CHANNEL)}`),
    ),
  );
  try {
    const cold = await runAll(commands(channels, (person, n) => `/imagine ${person} wants ${n}`));
    const hits = await runAll(commands(channels, () => "/imagine the same for all teams"));
    const direct = await runAll((person, n) => drawDirectly(atelier, `crowd/${person}-${n}`));
    return {
      heading: `${PEOPLE} people at once, ${PEOPLE_PER_CHANNEL} in a channel, ${REQUESTS_EACH} commands each`,
      rows: [
        { what: "new pictures", value: `${cold.perSecond.toFixed(0)} /s` },
        { what: "  a person waits, p50", value: ms(percentile(cold.times, 0.5)) },
        { what: "  a person waits, p99", value: ms(percentile(cold.times, 0.99)) },
        {
          what: "pictures from the cache",
          value: `${hits.perSecond.toFixed(0)} /s`,
          beside: `${ratio(hits.perSecond, cold.perSecond)} the new ones`,
        },
        { what: "  a person waits, p50", value: ms(percentile(hits.times, 0.5)) },
        { what: "  a person waits, p99", value: ms(percentile(hits.times, 0.99)) },
        {
          what: "the model called directly, and the file written",
          value: `${direct.perSecond.toFixed(0)} /s`,
          beside: `${ratio(direct.perSecond, cold.perSecond)} the commands`,
        },
      ],
    };
  } finally {
    for (const channel of channels) channel.close();
  }
}

type Run = (person: number, n: number) => Promise<unknown>;

function commands(
  channels: readonly ChannelClient[],
  textOf: (person: number, n: number) => string,
): Run {
  return async (person, n) => {
    const run = channels[person]?.run(textOf(person, n), `person ${person}`);
    if (run !== undefined) await expectDone(run);
  };
}

async function runAll(run: Run): Promise<{ perSecond: number; times: number[] }> {
  const times: number[] = [];
  const tookMs = await timeMs(() =>
    Promise.all(
      Array.from({ length: PEOPLE }, async (_, person) => {
        for (let n = 0; n < REQUESTS_EACH; n++) times.push(await timeMs(() => run(person, n)));
      }),
    ),
  );
  return { perSecond: times.length / (tookMs / 1_000), times };
}
