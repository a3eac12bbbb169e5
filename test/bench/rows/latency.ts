import process from 'node:process';
import { groupKeys } from '@understudy/redis';
import { sleep, systemClock, systemTimers } from '@understudy/runtime';
import { Redis } from 'ioredis';
import { quantile, spread } from '../distribution.ts';
import { fieldsOf } from '../fleet/effects.ts';
import { type LaneName, openFeed, paymentOf } from '../fleet/lane.ts';
import { startServers } from '../fleet/servers.ts';
import { atMost, type Context, type Measured, type Measurement } from '../measurement.ts';
import { describeShares, watchCores } from '../processor-time.ts';
import { describeStalls, startTimerProbe } from '../timer-probe.ts';
import { bestConcurrency, jobsFor, measureRate, startWorking, WARM_UP } from './rates.ts';

const GROUP = 'bench';
const LIMIT_MS = 20;
const FULL_SECONDS = 25;
const QUICK_SECONDS = 3;
/** With these the process connects. */
const FIRST_JOBS = 500;
const LOOK_MS = 10;
const BATCH_MS = 5;
const PAGE = 10_000;
/** At the end nothing may be under way. */
const SETTLE_MS = 500;

/** From before a job is enqueued to its effect, at half of what one process can do. */
export const latencyBullmq: Measurement = latencyOf('bullmq');

/** The same on the lane over a stream. */
export const latencyStream: Measurement = latencyOf('stream');

function latencyOf(lane: LaneName): Measurement {
  return {
    name: `latency-${lane}`,
    what: `lane ${lane}: enqueue → effect at half the maximal rate of one process`,
    byDefault: true,
    measure: (context) => measure(context, lane),
  };
}

async function measure(context: Context, lane: LaneName): Promise<Measured> {
  await using servers = await startServers(['data']);
  const server = [...servers.all.values()][0]!;
  const concurrency = await bestConcurrency(server, lane, context);
  const setup = { side: lane, processes: 1, concurrency, jobs: jobsFor(lane, context) };
  const rates: number[] = [];
  for (let round = 1; round <= context.options.rounds; round++) {
    rates.push((await measureRate(server, setup)).perSecond);
  }
  const maximum = quantile(rates, 0.5);
  const perSecond = Math.round(maximum / 2);
  const seconds = context.options.quick ? QUICK_SECONDS : FULL_SECONDS;
  context.progress(`${lane}: ${perSecond} jobs/s for ${seconds} s`);
  using probe = startTimerProbe();
  const redis = new Redis(server.url);
  await redis.flushall();
  const child = await startWorking(server.url, setup);
  try {
    child.stdin?.write('go\n');
    await begin(server.url, lane, redis);
    const pids = { Redis: server.pid, worker: child.pid ?? 0, producer: process.pid };
    const used = watchCores(new Map(Object.entries(pids)));
    const { enqueuedAt, lateMs } = await produce(server.url, lane, perSecond, seconds);
    const use = used();
    await sleep(systemTimers, SETTLE_MS);
    const every = await latencies(redis, enqueuedAt);
    const took = every.filter((ms) => ms !== undefined);
    const missing = enqueuedAt.length - took.length;
    const warmUp = Math.floor(WARM_UP * every.length);
    const tookMs = every.slice(warmUp).filter((ms) => ms !== undefined);
    return {
      ours: spread(tookMs, [50, 95, 99]),
      peers: [],
      n: tookMs.length,
      required: [
        atMost('p95', quantile(tookMs, 0.95), LIMIT_MS, 'ms'),
        { text: 'every job took effect', held: missing === 0 },
      ],
      configuration: {
        ...{ mode: 'active-active', lane, processes: 1, concurrency, handlerMs: 0 },
        ...{ jobsPerSecond: perSecond, maximumPerSecond: Math.round(maximum) },
        enqueuedTogether: `all of ${BATCH_MS} ms`,
      },
      notes: [
        describeStalls(await probe.read()),
        `the producer was late by ${spread(lateMs, [50, 95, 99])}`,
        `with the first fifth, in which the process compiles: ${spread(took, [50, 95, 99])}`,
        `cores, meanwhile: ${describeShares(use.shares)}, idle ${use.idleCores.toFixed(2)}`,
        'whole milliseconds of the ledger’s clock, rounded up',
      ],
      values: { 'enqueue to effect, ms': tookMs, 'maximal rate, a second': rates },
    };
  } finally {
    child.kill('SIGKILL');
    redis.disconnect();
  }
}

/** Has the process do its first jobs, which do not count. */
async function begin(url: string, lane: LaneName, redis: Redis): Promise<void> {
  await using feed = openFeed(lane, url, GROUP);
  const jobs = Array.from({ length: FIRST_JOBS }, (_, i) => ({ ...paymentOf(i), id: `w-${i}` }));
  await feed.add(jobs);
  while ((await redis.xlen(groupKeys(GROUP).effects)) < FIRST_JOBS) {
    await sleep(systemTimers, LOOK_MS);
  }
}

/** What a producer did. */
interface Produced {
  /** When (ms since 1970) each job was to be enqueued, by its number. */
  readonly enqueuedAt: readonly number[];
  /** By how much each batch was begun later than it was to be. */
  readonly lateMs: readonly number[];
}

/**
 * Enqueues at a steady rate, some jobs together every few milliseconds, whether those before are
 * acknowledged or not: else it would wait with us, and what is slow would not be seen. A producer that is
 * late all the same is late with its jobs.
 */
async function produce(
  url: string,
  lane: LaneName,
  perSecond: number,
  seconds: number,
): Promise<Produced> {
  await using feed = openFeed(lane, url, GROUP);
  const enqueuedAt: number[] = [];
  const lateMs: number[] = [];
  const adding: Promise<void>[] = [];
  const [startedMs, startedWallMs] = [systemClock.monotonicMs(), systemClock.wallMs()];
  for (let elapsedMs = 0; elapsedMs < seconds * 1000; elapsedMs += BATCH_MS) {
    const waitMs = startedMs + elapsedMs - systemClock.monotonicMs();
    if (waitMs > 0) await sleep(systemTimers, waitMs);
    lateMs.push(systemClock.monotonicMs() - startedMs - elapsedMs);
    const from = enqueuedAt.length;
    const due = Math.floor(((elapsedMs + BATCH_MS) * perSecond) / 1000);
    const jobs = Array.from({ length: due - from }, (_, i) => paymentOf(from + i));
    for (let i = from; i < due; i++) enqueuedAt.push(startedWallMs + elapsedMs);
    if (jobs.length > 0) adding.push(feed.add(jobs));
  }
  await Promise.all(adding);
  return { enqueuedAt, lateMs };
}

/**
 * What each job took, by its number and by the clock of the effect log, which is this machine's; undefined
 * where it took no effect.
 */
async function latencies(
  redis: Redis,
  enqueuedAt: readonly number[],
): Promise<(number | undefined)[]> {
  const tookMs: (number | undefined)[] = enqueuedAt.map(() => undefined);
  let last = '-';
  for (;;) {
    const page = await redis.xrange(groupKeys(GROUP).effects, last, '+', 'COUNT', PAGE);
    for (const [id, flat] of page) {
      const [kind, number] = (fieldsOf(flat).get('job') ?? '').split('-');
      const atMs = Number(id.split('-')[0]);
      if (kind !== 'b') continue;
      tookMs[Number(number)] = atMs + 1 - (enqueuedAt[Number(number)] ?? Number.NaN);
    }
    const end = page.at(-1)?.[0];
    if (page.length < PAGE || end === undefined) return tookMs;
    last = `(${end}`;
  }
}
