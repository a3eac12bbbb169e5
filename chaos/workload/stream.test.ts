import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { connect, findRedisServer, launchRedisServer, type RedisServer } from '@understudy/redis';
import { invariant } from '@understudy/runtime';
import type { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { StreamContents } from './stream-contents.ts';
import { streamEnqueuer } from './stream-enqueuer.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const KEY = 'mine:payments';
const signal = AbortSignal.timeout(15_000);

let directory: string;
let server: RedisServer;
let redis: Redis;
let place: { url: string; queue: string; prefix: string };

beforeAll(async () => {
  const executable = findRedisServer(ROOT, process.env)?.path;
  invariant(executable, 'setup has found a redis-server');
  directory = mkdtempSync(join(tmpdir(), 'understudy-stream-'));
  server = await launchRedisServer({ executable, directory });
  redis = connect(server.url, { purpose: 'observe', name: 'test' });
  place = { url: server.url, queue: 'payments', prefix: 'mine' };
});
afterAll(async () => {
  redis.disconnect();
  await server.stop();
  rmSync(directory, { recursive: true });
});
afterEach(async () => void (await redis.flushall()));

async function enqueue(...ids: string[]): Promise<void> {
  await using enqueuer = streamEnqueuer(place);
  await enqueuer.ready(signal);
  for (const id of ids) {
    expect(await enqueuer.enqueue({ id, account: 'a', amountCents: 1 })).toEqual({ type: 'ok' });
  }
}

async function contents(ledgerOf?: string): Promise<StreamContents> {
  const opened = new StreamContents({ ...place, ledgerOf });
  await opened.ready(signal);
  return opened;
}

test('a job is an entry of the stream <prefix>:<queue> with its id and the whole line as data', async () => {
  await enqueue('p-1');
  const [[, fields] = []] = await redis.xrange(KEY, '-', '+');
  expect(fields).toEqual(['id', 'p-1', 'data', '{"id":"p-1","account":"a","amountCents":1}']);
});

test('what a store refuses is certainly not there', async () => {
  await redis.config('SET', 'maxmemory', '1');
  await using enqueuer = streamEnqueuer(place);
  await enqueuer.ready(signal);
  const answer = await enqueuer.enqueue({ id: 'p-1', account: 'a', amountCents: 1 });
  await redis.config('SET', 'maxmemory', '0');
  expect(answer).toMatchObject({ type: 'fail', error: expect.stringContaining('OOM') });
});

test('without a consumer group nobody can tell what is done', async () => {
  await enqueue('p-1');
  await using opened = await contents();
  expect(await opened.outstanding()).toBeUndefined();
  expect(await opened.rest()).toMatchObject({ pendingJobs: undefined, parkedJobs: undefined });
});

test('where there is no stream nothing waits', async () => {
  await using opened = await contents();
  expect(await opened.outstanding()).toBe(0);
  expect(await opened.rest()).toMatchObject({ pendingJobs: [], parkedJobs: undefined });
});

test('what was put aside stands in the stream beside, where there is one', async () => {
  await redis.xadd(`${KEY}:parked`, '*', 'id', 'p-7', 'data', '{"id":"p-7"}', 'reason', 'it threw');
  await using opened = await contents();
  expect(await opened.parked()).toEqual(['p-7']);
  expect(await opened.rest()).toMatchObject({ counts: { parked: 1 }, parkedJobs: ['p-7'] });
});

test('of this repository’s workers the balances are known, and that nothing was put aside', async () => {
  await redis.hset('understudy:{mine}:balances', { 'acc-1': 300, 'acc-2': -5 });
  await using opened = await contents('mine');
  expect(await opened.rest()).toMatchObject({
    balances: { 'acc-1': 300, 'acc-2': -5 },
    parkedJobs: [],
  });
});

test('a job that is done and was deleted is nowhere any more', async () => {
  await enqueue('p-1', 'p-2');
  await redis.xgroup('CREATE', KEY, 'workers', '0');
  await redis.xreadgroup('GROUP', 'workers', 'w', 'COUNT', 2, 'STREAMS', KEY, '>');
  const [first] = await redis.xrange(KEY, '-', '+');
  await redis.xack(KEY, 'workers', first?.[0] ?? '');
  await redis.xdel(KEY, first?.[0] ?? '');
  await using opened = await contents();
  expect((await opened.rest()).pendingJobs).toEqual(['p-2']);
});

test('a job waits until it is given out, and is not done before it is acknowledged', async () => {
  await enqueue('p-1', 'p-2', 'p-3');
  await redis.xgroup('CREATE', KEY, 'workers', '0');
  const [first] = await redis.xrange(KEY, '-', '+');
  await redis.xreadgroup('GROUP', 'workers', 'w', 'COUNT', 2, 'STREAMS', KEY, '>');
  await using opened = await contents();
  expect(await opened.rest()).toMatchObject({
    counts: { waiting: 1, delivered: 2 },
    pendingJobs: ['p-1', 'p-2', 'p-3'],
  });
  await redis.xack(KEY, 'workers', first?.[0] ?? '');
  expect((await opened.rest()).pendingJobs).toEqual(['p-2', 'p-3']);
  expect(await opened.outstanding()).toBe(2);
});

test('a job is done when every group has acknowledged it', async () => {
  await enqueue('p-1');
  for (const group of ['one', 'two']) {
    await redis.xgroup('CREATE', KEY, group, '0');
    await redis.xreadgroup('GROUP', group, 'w', 'COUNT', 1, 'STREAMS', KEY, '>');
  }
  const [first] = await redis.xrange(KEY, '-', '+');
  await redis.xack(KEY, 'one', first?.[0] ?? '');
  await using opened = await contents();
  expect((await opened.rest()).pendingJobs).toEqual(['p-1']);
  await redis.xack(KEY, 'two', first?.[0] ?? '');
  expect((await opened.rest()).pendingJobs).toEqual([]);
});
