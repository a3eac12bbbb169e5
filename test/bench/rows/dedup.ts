import {
  type CommitOutcome,
  type CommitRequest,
  type Ledger,
  redisLedger,
} from '@understudy/exactly-once';
import { groupKeys } from '@understudy/redis';
import { invariant, type Prng, seededPrng, sleep, systemTimers } from '@understudy/runtime';
import { Redis } from 'ioredis';
import { startServers } from '../fleet/servers.ts';
import { atMost, type Context, type Measured, type Measurement } from '../measurement.ts';

const GROUP = 'bench';
const JOBS = 1_000_000;
const REPLAYED = 10_000;
/** One job in so many is enqueued twice. */
const TWICE_EVERY = 100;
const AT_ONCE = 1000;
const PRODUCERS = 4;
const WARM_UP_JOBS = 50_000;
const SAY_EVERY = 200_000;
const LOOK_MS = 20;

/** What the ledger is asked to remember of a job. */
interface Identity {
  readonly key: string;
  readonly sequence?: { readonly producer: string; readonly number: number };
}

/** Memory a job with ids of any form. */
export const dedupArbitrary: Measurement = {
  name: 'dedup-arbitrary',
  what: 'memory that deduplication takes a job, arbitrary ids',
  byDefault: true,
  measure: (context) => {
    const prng = seededPrng('dedup');
    const keys = Array.from({ length: jobsOf(context) }, () => randomUuid(prng));
    return measure(context, (n) => ({ key: keys[n] ?? '' }), { least: 40, aim: 24 });
  },
};

/** Memory a job whose producer numbers its jobs. */
export const dedupSequenced: Measurement = {
  name: 'dedup-sequenced',
  what: `memory that deduplication takes a job, ${PRODUCERS} producers that number their jobs`,
  byDefault: true,
  measure: (context) =>
    measure(
      context,
      (n) => ({
        key: `b-${n}`,
        sequence: { producer: `p-${n % PRODUCERS}`, number: Math.floor(n / PRODUCERS) },
      }),
      { least: 1, aim: 0.2 },
    ),
};

function jobsOf({ options }: Context): number {
  return options.quick ? JOBS / 20 : JOBS;
}

async function measure(
  context: Context,
  identityOf: (n: number) => Identity,
  limits: { readonly least: number; readonly aim: number },
): Promise<Measured> {
  const jobs = jobsOf(context);
  await using servers = await startServers(['data']);
  const url = servers.urlOf('data');
  const redis = new Redis(url);
  try {
    // What the server takes once, for scripts and their arguments, it has before and after; what a
    // connection takes, while it is there, is in neither.
    const warmUp = Math.min(WARM_UP_JOBS, jobs);
    await withLedger(url, (ledger) => commitAll(ledger, warmUp, identityOf, context));
    await redis.flushdb();
    const before = await usedMemory(redis);
    const wrong = await withLedger(url, async (ledger) => {
      await commitAll(ledger, jobs, identityOf, context);
      return replay(ledger, jobs, identityOf);
    });
    const { effects, balances } = groupKeys(GROUP);
    const effectCount = await redis.xlen(effects);
    // What effects and balances take is not deduplication's.
    await redis.del(effects, balances);
    const bytes = ((await usedMemory(redis)) - before) / jobs;
    return {
      ours: `${bytes.toFixed(2)} bytes a job`,
      peers: [],
      n: jobs,
      required: [
        atMost('bytes a job', bytes, limits.least, ''),
        { text: `${REPLAYED} replayed keys all duplicate`, held: wrong === 0 },
        { text: 'one effect a job', held: effectCount === jobs },
      ],
      aims: [atMost('bytes a job', bytes, limits.aim, '')],
      configuration: { jobs, enqueuedTwice: `1 in ${TWICE_EVERY}`, replayed: REPLAYED },
      notes: [`${wrong} of ${REPLAYED} replayed keys were not answered with duplicate`],
      values: { 'bytes a job': [bytes] },
    };
  } finally {
    redis.disconnect();
  }
}

async function withLedger<T>(url: string, use: (ledger: Ledger) => Promise<T>): Promise<T> {
  await using ledger = redisLedger({ url, group: GROUP, name: 'bench' });
  await ledger.ready();
  return await use(ledger);
}

/** Commits each job, and one in `TWICE_EVERY` a second time at once. */
async function commitAll(
  ledger: Ledger,
  jobs: number,
  identityOf: (n: number) => Identity,
  { progress }: Context,
): Promise<void> {
  for (let from = 0; from < jobs; from += AT_ONCE) {
    const numbers = Array.from({ length: Math.min(AT_ONCE, jobs - from) }, (_, i) => from + i);
    const first = numbers.map((n) => ledger.commit(requestOf(identityOf(n), `b-${n}`)));
    const again = numbers
      .filter((n) => n % TWICE_EVERY === 0)
      .map((n) => ledger.commit(requestOf(identityOf(n), `b-${n}`)));
    assertAll(await Promise.all(first), 'applied');
    assertAll(await Promise.all(again), 'duplicate');
    if ((from + AT_ONCE) % SAY_EVERY === 0) progress(`dedup: ${from + AT_ONCE}/${jobs} jobs`);
  }
}

/** Commits random jobs again. @returns how many were not answered with `duplicate` */
async function replay(
  ledger: Ledger,
  jobs: number,
  identityOf: (n: number) => Identity,
): Promise<number> {
  const prng = seededPrng('replay');
  let wrong = 0;
  for (let done = 0; done < REPLAYED; done += AT_ONCE) {
    const outcomes = await Promise.all(
      Array.from({ length: AT_ONCE }, () => {
        const n = Math.floor(prng.float() * jobs);
        return ledger.commit(requestOf(identityOf(n), `b-${n}`));
      }),
    );
    wrong += outcomes.filter(({ status }) => status !== 'duplicate').length;
  }
  return wrong;
}

function requestOf(identity: Identity, job: string): CommitRequest {
  return {
    ...identity,
    ...{ job, digest: 'd', token: null, node: 'node-1', incarnation: 'i1' },
    credits: [{ account: 'a-1', amountCents: 100 }],
  };
}

function assertAll(outcomes: readonly CommitOutcome[], status: CommitOutcome['status']): void {
  const other = outcomes.find((outcome) => outcome.status !== status);
  invariant(!other, `a commit is ${status}, not ${other?.status}`);
}

/** What the server holds when only the bench's own connection is left. */
async function usedMemory(redis: Redis): Promise<number> {
  while (Number(/^connected_clients:(\d+)/m.exec(await redis.info('clients'))?.[1]) > 1) {
    await sleep(systemTimers, LOOK_MS);
  }
  const info = await redis.info('memory');
  return Number(/^used_memory:(\d+)/m.exec(info)?.[1]);
}

/** 122 random bits, as most ids are written. */
function randomUuid(prng: Prng): string {
  const hex = Array.from({ length: 32 }, () => Math.floor(prng.float() * 16).toString(16)).join('');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20)}`;
}
