import { cpus } from 'node:os';
import { quantile } from '../distribution.ts';
import type { LaneName } from '../fleet/lane.ts';
import { startServers } from '../fleet/servers.ts';
import type { Context, Measured, Measurement, Requirement } from '../measurement.ts';
import { describeShares, limitOf } from '../processor-time.ts';
import {
  bestConcurrency,
  jobsFor,
  measureRate,
  medianRate,
  type Rate,
  type Side,
} from './rates.ts';

const COUNTS = [1, 2, 4];
/** Two rates that differ by less are the same: medians of one setup do, from run to run. */
const TOLERANCE = 0.05;

/** 1, 2 and 4 processes on the lane over BullMQ. */
export const processesBullmq: Measurement = processesOf('bullmq');

/** 1, 2 and 4 processes on the lane over a stream. */
export const processesStream: Measurement = processesOf('stream');

function processesOf(lane: LaneName): Measurement {
  return {
    name: `processes-${lane}`,
    what: `lane ${lane}: effects/s of 1, 2 and 4 processes`,
    byDefault: true,
    measure: (context) => measure(context, lane),
  };
}

async function measure(context: Context, lane: LaneName): Promise<Measured> {
  await using servers = await startServers(['data']);
  const server = [...servers.all.values()][0]!;
  const { rounds } = context.options;
  const rates = new Map<string, Rate[]>();
  for (const side of [lane, 'bare'] as const) {
    const concurrency = await bestConcurrency(server, side, context);
    for (let round = 1; round <= rounds; round++) {
      for (const processes of COUNTS) {
        const setup = { side, processes, concurrency, jobs: jobsFor(side, context) };
        const rate = await measureRate(server, setup);
        const key = nameOf(side, processes);
        rates.set(key, [...(rates.get(key) ?? []), rate]);
      }
      context.progress(`processes on ${side}: round ${round}/${rounds}`);
    }
  }
  const of = (side: Side, processes: number): Rate[] => rates.get(nameOf(side, processes)) ?? [];
  const median = (side: Side, processes: number): number =>
    quantile(
      of(side, processes).map(({ perSecond }) => perSecond),
      0.5,
    );
  const line = (side: Side): string =>
    COUNTS.map((count) => median(side, count).toFixed(0)).join(' · ');
  return {
    ours: `${line(lane)} effects/s`,
    peers: [{ name: 'bare BullMQ', figure: `${line('bare')} jobs/s` }],
    ratio: COUNTS.map((count) => (median(lane, count) / median('bare', count)).toFixed(2)).join(
      ' · ',
    ),
    n: rounds,
    required: nothingLost(COUNTS.map((count) => [count, median(lane, count)] as const)),
    configuration: { mode: 'active-active', lane, handlerMs: 0, jobs: jobsFor(lane, context) },
    notes: COUNTS.map((count) => {
      const { use } = medianRate(of(lane, count));
      return `${count}: limited by ${limitOf(use, cpus().length)} (${describeShares(use.shares)})`;
    }),
    values: Object.fromEntries(
      [...rates].map(([name, list]) => [`${name}, a second`, list.map((rate) => rate.perSecond)]),
    ),
  };
}

function nameOf(side: Side, processes: number): string {
  return `${side} × ${processes}`;
}

/** Requires that more processes are no slower than fewer. */
export function nothingLost(rates: readonly (readonly [number, number])[]): Requirement[] {
  return rates.slice(1).map(([count, rate], index) => {
    const [fewer, before] = rates[index] ?? [0, 0];
    return {
      text: `${count} no slower than ${fewer} (within ${TOLERANCE * 100} %)`,
      held: rate >= before * (1 - TOLERANCE),
    };
  });
}
