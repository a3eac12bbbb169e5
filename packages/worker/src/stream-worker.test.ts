import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { streamProducer } from '@understudy/queue';
import {
  connect,
  findRedisServer,
  groupKeys,
  launchRedisServer,
  type RedisServer,
} from '@understudy/redis';
import { invariant } from '@understudy/runtime';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Mode, WorkerDefinition } from './definition.ts';
import type { WorkerEvent } from './events.ts';
import type { RunningWorker } from './running-worker.ts';
import { settingsFromEnvironment } from './settings.ts';
import { startWorker } from './worker.ts';

const directory = mkdtempSync(join(tmpdir(), 'understudy-stream-worker-'));
let data: RedisServer;
let lock: RedisServer;

beforeAll(async () => {
  const root = fileURLToPath(new URL('../../..', import.meta.url));
  const executable = findRedisServer(root, process.env)?.path;
  invariant(executable, 'a redis-server is installed');
  [data, lock] = await Promise.all([
    launchRedisServer({ executable, directory: join(directory, 'data') }),
    launchRedisServer({ executable, directory: join(directory, 'lock') }),
  ]);
});

afterAll(async () => {
  await Promise.all([data.stop(), lock.stop()]);
  rmSync(directory, { recursive: true, force: true });
});

interface Payment {
  id: string;
  account: string;
  amountCents: number;
}

function start(
  group: string,
  mode: Mode,
  node: string,
  handle: WorkerDefinition<Payment>['handle'],
  report: (event: WorkerEvent) => void = () => undefined,
): RunningWorker {
  const settings = settingsFromEnvironment({
    REDIS_URL: data.url,
    LOCK_REDIS_URLS: lock.url,
    UNDERSTUDY_NODE_ID: node,
    UNDERSTUDY_GROUP: group,
    UNDERSTUDY_MODE: mode,
    UNDERSTUDY_LANE: 'stream',
  });
  return startWorker<Payment>({ queue: 'payments', handle }, { settings, report });
}

/** The effects of `group`, in the order of the ledger, once there are `count`. */
async function effects(group: string, count: number): Promise<Record<string, string>[]> {
  const redis = connect(data.url, { purpose: 'observe', name: 'test' });
  try {
    while ((await redis.xlen(groupKeys(group).effects)) < count);
    const entries = await redis.xrange(groupKeys(group).effects, '-', '+');
    return entries.map(([, fields]) =>
      Object.fromEntries(
        fields.flatMap((name, i) => (i % 2 === 0 ? [[name, fields[i + 1] ?? '']] : [])),
      ),
    );
  } finally {
    redis.disconnect();
  }
}

async function enqueue(group: string, payments: readonly Payment[]): Promise<void> {
  await using producer = streamProducer({ url: data.url, group, queue: 'payments' });
  for (const payment of payments) await producer.enqueue({ ...payment });
}

const payments = Array.from({ length: 60 }, (_, i) => ({
  id: `p-${i}`,
  account: `a-${i % 3}`,
  amountCents: 1,
}));

const credit: WorkerDefinition<Payment>['handle'] = (job, context) =>
  context.credit(job.data.account, job.data.amountCents);

test.each(['active-active', 'uncoordinated'] as const)(
  'a worker on the stream lane does every job once, %s',
  async (mode) => {
    await enqueue(mode, payments);
    const workers = ['node-1', 'node-2'].map((node) => start(mode, mode, node, credit));
    const done = await effects(mode, 60);
    await Promise.all(workers.map((worker) => worker.stop()));
    expect(done.map(({ job }) => job).sort()).toEqual(payments.map(({ id }) => id).sort());
  },
);

test('a leader on the stream lane keeps the order of each account, also over a takeover and a failing handler', async () => {
  const group = 'led';
  await enqueue(group, payments.slice(0, 30));
  const failed = new Set<string>();
  const flaky: WorkerDefinition<Payment>['handle'] = (job, context) => {
    if (job.data.id.endsWith('5') && !failed.has(job.id)) {
      failed.add(job.id);
      throw new Error('at the first time');
    }
    return credit(job, context);
  };
  const first = start(group, 'active-passive', 'node-1', flaky);
  const second = start(group, 'active-passive', 'node-2', flaky);
  await effects(group, 10);
  const leader = first.state === 'active' ? first : second;
  await leader.stop();
  await enqueue(group, payments.slice(30));
  const done = await effects(group, 60);
  await Promise.all([first.stop(), second.stop()]);
  expect(done).toHaveLength(60);
  for (const account of ['a-0', 'a-1', 'a-2']) {
    const order = done.filter((effect) => effect.account === account).map(({ job }) => job);
    expect(order).toEqual(payments.filter((p) => p.account === account).map(({ id }) => id));
  }
  expect(failed.size).toBeGreaterThan(0);
});
