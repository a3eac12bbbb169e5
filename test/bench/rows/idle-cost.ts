import { sleep, systemClock, systemTimers } from '@understudy/runtime';
import { Redis } from 'ioredis';
import { Fleet } from '../fleet/fleet.ts';
import type { Servers } from '../fleet/servers.ts';
import { atMost, type Context, type Measured, type Measurement } from '../measurement.ts';
import { CONFIGURATION } from './takeovers.ts';

const SIZES = [3, 10];
const FULL_SECONDS = 60;
const QUICK_SECONDS = 5;
const MOST_PERCENT = 3;
const AIMED_PERCENT = 1;
const NAMED_COMMANDS = 6;

/** What a fleet asks of its Redis servers when there is nothing to do. */
export const idleCost: Measurement = {
  name: 'idle-cost',
  what: `Redis commands a second, and its share of one core, of an idle fleet of ${SIZES.join(' and of ')} nodes`,
  byDefault: true,
  measure,
};

/** What Redis servers have done so far, all together. */
interface Work {
  readonly commands: ReadonlyMap<string, number>;
  readonly processorSeconds: number;
}

interface Cost {
  readonly size: number;
  readonly perSecond: number;
  readonly corePercent: number;
  readonly mostUsed: string;
}

async function measure({ options, progress }: Context): Promise<Measured> {
  const seconds = options.quick ? QUICK_SECONDS : FULL_SECONDS;
  const costs: Cost[] = [];
  for (const size of SIZES) {
    costs.push(await costOf(size, seconds));
    progress(`idle fleet of ${size}: measured for ${seconds} s`);
  }
  const { jobsPerSecond: _jobs, nodes: _nodes, ...configuration } = CONFIGURATION;
  return {
    ours: costs
      .map(
        (cost) =>
          `${cost.size} nodes: ${cost.perSecond.toFixed(0)}/s, ${cost.corePercent.toFixed(1)} %`,
      )
      .join('\n'),
    peers: [],
    n: costs.length,
    required: costs.map(({ size, corePercent }) =>
      atMost(`${size} nodes`, corePercent, MOST_PERCENT, '% of a core'),
    ),
    aims: costs.map(({ size, corePercent }) =>
      atMost(`${size} nodes`, corePercent, AIMED_PERCENT, '% of a core'),
    ),
    configuration: {
      ...configuration,
      seconds,
      redisServers: 'data and three lock nodes, together',
      counted: 'commands within scripts as well',
    },
    notes: costs.map(({ size, mostUsed }) => `${size} nodes, a second: ${mostUsed}`),
    values: Object.fromEntries(
      costs.flatMap(({ size, perSecond, corePercent }) => [
        [`${size} nodes, commands a second`, [perSecond]],
        [`${size} nodes, % of a core`, [corePercent]],
      ]),
    ),
  };
}

async function costOf(size: number, seconds: number): Promise<Cost> {
  await using fleet = await Fleet.start({ mode: 'active-passive', nodes: size });
  const before = await workOf(fleet.servers);
  const fromMs = systemClock.monotonicMs();
  await sleep(systemTimers, seconds * 1000);
  const after = await workOf(fleet.servers);
  const elapsed = (systemClock.monotonicMs() - fromMs) / 1000;
  const rates = [...after.commands]
    .map(([name, count]) => [name, (count - (before.commands.get(name) ?? 0)) / elapsed] as const)
    // Those of the measurement itself, a few in a minute.
    .filter(([name, rate]) => rate > 0 && name !== 'info')
    .sort((a, b) => b[1] - a[1]);
  return {
    size,
    perSecond: rates.reduce((sum, [, rate]) => sum + rate, 0),
    corePercent: (100 * (after.processorSeconds - before.processorSeconds)) / elapsed,
    mostUsed: rates
      .slice(0, NAMED_COMMANDS)
      .map(([name, rate]) => `${name} ${rate.toFixed(0)}`)
      .join(', '),
  };
}

async function workOf({ all }: Servers): Promise<Work> {
  const commands = new Map<string, number>();
  let processorSeconds = 0;
  for (const { url } of all.values()) {
    const redis = new Redis(url);
    try {
      const stats = await redis.info('commandstats');
      for (const [, name = '', calls] of stats.matchAll(/^cmdstat_(\S+?):calls=(\d+)/gm)) {
        commands.set(name, (commands.get(name) ?? 0) + Number(calls));
      }
      const used = await redis.info('cpu');
      for (const [, value] of used.matchAll(/^used_cpu_(?:sys|user):([\d.]+)/gm)) {
        processorSeconds += Number(value);
      }
    } finally {
      redis.disconnect();
    }
  }
  return { commands, processorSeconds };
}
