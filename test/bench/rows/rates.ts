import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { groupKeys, type RedisServer } from '@understudy/redis';
import { invariant, sleep, systemClock, systemTimers } from '@understudy/runtime';
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { startChild } from '../children.ts';
import { quantile } from '../distribution.ts';
import { type LaneName, openFeed, paymentOf, QUEUE } from '../fleet/lane.ts';
import type { Context } from '../measurement.ts';
import { type CoreUse, watchCores } from '../processor-time.ts';

/** Whose rate: one of our lanes, or BullMQ's own worker. */
export type Side = LaneName | 'bare';

/** How a filled queue is worked empty. */
export interface RateSetup {
  readonly side: Side;
  readonly processes: number;
  /** Of each process. */
  readonly concurrency: number;
  readonly jobs: number;
}

/** How fast it was. */
export interface Rate {
  /** Of ours committed effects, of the bare queue completed jobs. */
  readonly perSecond: number;
  readonly use: CoreUse;
}

/** The concurrencies among which the best is looked for. */
const CONCURRENCIES = [10, 50, 100, 200];
const QUICK_CONCURRENCIES = [50, 100];
const QUICK_DIVISOR = 10;
const GROUP = 'bench';
const KEYS = groupKeys(GROUP);
const MAIN = fileURLToPath(new URL('./rate-child.ts', import.meta.url));
const FILL_AT_ONCE = 1000;
const LOOK_MS = 10;
/** So much of the work is done before the clock starts: connecting and compiling are no rate. */
export const WARM_UP = 0.2;

/** The concurrencies that are tried. */
export function concurrencies({ options }: Pick<Context, 'options'>): readonly number[] {
  return options.quick ? QUICK_CONCURRENCIES : CONCURRENCIES;
}

/** How many jobs give a rate of this side, in some seconds. */
export function jobsFor(side: Side, { options }: Pick<Context, 'options'>): number {
  return (side === 'stream' ? 200_000 : 40_000) / (options.quick ? QUICK_DIVISOR : 1);
}

/** Fills the queue and has processes of their own work it empty. */
export async function measureRate(server: RedisServer, setup: RateSetup): Promise<Rate> {
  const redis = new Redis(server.url, { maxRetriesPerRequest: null });
  await redis.flushall();
  await fill(server.url, setup);
  const children = await Promise.all(
    Array.from({ length: setup.processes }, () => startWorking(server.url, setup)),
  );
  const queue = new Queue(QUEUE, { connection: redis, prefix: KEYS.queuePrefix });
  try {
    for (const child of children) child.stdin?.write('go\n');
    const rate = await watch(server, setup, children, () => done(redis, queue, setup));
    for (const child of children) child.stdin?.write('stop\n');
    await Promise.all(children.map((child) => once(child, 'close')));
    const effects = await redis.xlen(KEYS.effects);
    const expected = setup.side === 'bare' ? 0 : setup.jobs;
    invariant(effects === expected, `one effect a job: ${effects} of ${expected}`);
    return rate;
  } finally {
    for (const child of children) child.kill('SIGKILL');
    await queue.close();
    redis.disconnect();
  }
}

/** The concurrency with the best rate, of one measurement each. */
export async function bestConcurrency(
  server: RedisServer,
  side: Side,
  context: Context,
): Promise<number> {
  const rates = new Map<number, number>();
  for (const concurrency of concurrencies(context)) {
    const setup = { side, processes: 1, concurrency, jobs: jobsFor(side, context) };
    const { perSecond } = await measureRate(server, setup);
    context.progress(`${side}, concurrency ${concurrency}: ${perSecond.toFixed(0)}/s`);
    rates.set(concurrency, perSecond);
  }
  return [...rates].reduce((a, b) => (b[1] > a[1] ? b : a))[0];
}

/** The rate in the middle of several. */
export function medianRate(rates: readonly Rate[]): Rate {
  const median = quantile(
    rates.map(({ perSecond }) => perSecond),
    0.5,
  );
  const found = rates.find(({ perSecond }) => perSecond === median);
  invariant(found, 'a median by nearest rank is one of them');
  return found;
}

async function fill(url: string, { side, jobs }: RateSetup): Promise<void> {
  await using feed = openFeed(side === 'stream' ? 'stream' : 'bullmq', url, GROUP);
  for (let from = 0; from < jobs; from += FILL_AT_ONCE) {
    const count = Math.min(FILL_AT_ONCE, jobs - from);
    await feed.add(Array.from({ length: count }, (_, i) => paymentOf(from + i)));
  }
}

let started = 0;
/** Starts a process that works from its first line of input to its second. */
export async function startWorking(
  url: string,
  { side, concurrency }: RateSetup,
): Promise<ChildProcess> {
  started += 1;
  const role = side === 'bare' ? 'bare' : 'ours';
  const child = startChild(process.execPath, [MAIN, role], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: {
      ...process.env,
      REDIS_URL: url,
      UNDERSTUDY_NODE_ID: `node-${started}`,
      UNDERSTUDY_GROUP: GROUP,
      UNDERSTUDY_MODE: 'active-active',
      UNDERSTUDY_CONCURRENCY: String(concurrency),
      ...(side === 'stream' ? { UNDERSTUDY_LANE: 'stream' } : {}),
      ...(side === 'bare' ? { UNDERSTUDY_PREFIX: KEYS.queuePrefix } : {}),
    },
  });
  invariant(child.stdout, 'stdout is a pipe');
  await once(child.stdout, 'data');
  return child;
}

async function done(redis: Redis, queue: Queue, { side, jobs }: RateSetup): Promise<number> {
  if (side === 'stream') return redis.xlen(KEYS.effects);
  const {
    waiting = 0,
    active = 0,
    failed = 0,
  } = await queue.getJobCounts(...(['waiting', 'active', 'failed'] as const));
  invariant(failed === 0, `no job fails, but ${failed} did`);
  return jobs - waiting - active;
}

async function watch(
  server: RedisServer,
  { jobs }: RateSetup,
  children: readonly ChildProcess[],
  doneNow: () => Promise<number>,
): Promise<Rate> {
  const pids = new Map([['Redis', server.pid]]);
  children.forEach((child, i) => pids.set(`process ${i + 1}`, child.pid ?? 0));
  const until = async (count: number): Promise<{ count: number; atMs: number }> => {
    for (;;) {
      const now = await doneNow();
      if (now >= count) return { count: now, atMs: systemClock.monotonicMs() };
      const dead = children.find((child) => child.exitCode !== null || child.signalCode !== null);
      invariant(!dead, 'the measured processes live');
      await sleep(systemTimers, LOOK_MS);
    }
  };
  const from = await until(jobs * WARM_UP);
  const use = watchCores(pids);
  const to = await until(jobs);
  const perSecond = ((to.count - from.count) * 1000) / (to.atMs - from.atMs);
  return { perSecond, use: use() };
}
