import { cpus } from 'node:os';
import { quantile } from '../distribution.ts';
import type { LaneName } from '../fleet/lane.ts';
import { startServers } from '../fleet/servers.ts';
import { atLeast, type Context, type Measured, type Measurement } from '../measurement.ts';
import { describeShares, limitOf } from '../processor-time.ts';
import {
  bestConcurrency,
  concurrencies,
  jobsFor,
  measureRate,
  medianRate,
  type Rate,
} from './rates.ts';

/** Effects a second of one process on the lane over BullMQ. */
export const throughputBullmq: Measurement = throughputOf('bullmq', 0.8, 1);

/** Effects a second of one process on the lane over a stream. */
export const throughputStream: Measurement = throughputOf('stream', 3, 5);

function throughputOf(lane: LaneName, least: number, aim: number): Measurement {
  return {
    name: `throughput-${lane}`,
    what: `lane ${lane}: effects/s ÷ a bare BullMQ worker’s jobs/s, one process, each at its best concurrency`,
    byDefault: true,
    measure: (context) => measure(context, lane, least, aim),
  };
}

async function measure(
  context: Context,
  lane: LaneName,
  least: number,
  aim: number,
): Promise<Measured> {
  await using servers = await startServers(['data']);
  const server = [...servers.all.values()][0]!;
  const sides = [lane, 'bare'] as const;
  const concurrency = new Map<string, number>();
  const rates = new Map<string, Rate[]>(sides.map((side) => [side, []]));
  for (const side of sides) concurrency.set(side, await bestConcurrency(server, side, context));
  // In turns, so that what else the machine does meets both.
  for (let round = 1; round <= context.options.rounds; round++) {
    for (const side of sides) {
      const at = concurrency.get(side) ?? 1;
      const setup = { side, processes: 1, concurrency: at, jobs: jobsFor(side, context) };
      rates.get(side)?.push(await measureRate(server, setup));
    }
    context.progress(`throughput of ${lane}: round ${round}/${context.options.rounds}`);
  }
  const of = (side: string): number[] => (rates.get(side) ?? []).map((rate) => rate.perSecond);
  const [ours, bare] = [quantile(of(lane), 0.5), quantile(of('bare'), 0.5)];
  const notes = sides.map((side) => {
    const { use } = medianRate(rates.get(side) ?? []);
    return `${side}: limited by ${limitOf(use, cpus().length)} (${describeShares(use.shares)})`;
  });
  return {
    ours: `${ours.toFixed(0)} effects/s at concurrency ${concurrency.get(lane)}`,
    peers: [
      {
        name: 'bare BullMQ',
        figure: `${bare.toFixed(0)} jobs/s at concurrency ${concurrency.get('bare')}`,
      },
    ],
    ratio: (ours / bare).toFixed(2),
    n: context.options.rounds,
    required: [atLeast('ratio', ours / bare, least)],
    aims: [atLeast('ratio', ours / bare, aim)],
    configuration: {
      ...{ mode: 'active-active', lane, handlerMs: 0, jobs: jobsFor(lane, context) },
      concurrenciesTried: concurrencies(context).join(', '),
    },
    notes,
    values: { 'effects a second': of(lane), 'jobs a second of bare BullMQ': of('bare') },
  };
}
