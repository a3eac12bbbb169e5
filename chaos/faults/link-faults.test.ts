import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { connect, findRedisServer, launchRedisServer, type RedisServer } from '@understudy/redis';
import { invariant, systemTimers } from '@understudy/runtime';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { FaultyLink } from '../drivers/faulty-link.ts';
import { type LinkProxy, startLinkProxy } from '../drivers/link-proxy.ts';
import { proxiedLink } from '../drivers/proxied-link.ts';
import { openUndoJournal, type UndoJournal } from '../drivers/undo-journal.ts';
import { bandwidth } from './bandwidth.ts';
import type { Circumstances, Fault } from './fault.ts';
import { latency } from './latency.ts';
import { loseReplies } from './lose-replies.ts';
import { loseRequests } from './lose-requests.ts';
import { partition } from './partition.ts';
import { reset } from './reset.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

let directory: string;
let journal: UndoJournal;
let server: RedisServer;
let proxy: LinkProxy;
/** The store itself, past the proxy. */
let store: Redis;
/** What a node has: a command is sent once, and fails when its connection is lost. */
let node: Redis;
const opened: Redis[] = [];

beforeAll(async () => {
  const executable = findRedisServer(ROOT, process.env)?.path;
  invariant(executable, 'setup has found a redis-server');
  directory = mkdtempSync(join(tmpdir(), 'understudy-link-faults-'));
  journal = openUndoJournal(directory);
  server = await launchRedisServer({ executable, directory: join(directory, 'redis') });
  proxy = await startLinkProxy({
    node: 'node-1',
    servers: ['data', 'lock-1'].map((name) => ({ name, url: server.url })),
    seed: 1,
    logPath: join(directory, 'node-1.proxy.log'),
    journal,
    timers: systemTimers,
    onFailure: () => undefined,
  });
  store = connect(server.url, { purpose: 'observe', name: 'store' });
});
afterAll(async () => {
  store.disconnect();
  await proxy[Symbol.asyncDispose]();
  await server.stop();
  journal.close();
  rmSync(directory, { recursive: true });
});
beforeEach(async () => {
  await store.flushall();
  node = await open();
});
afterEach(() => {
  for (const redis of opened.splice(0)) redis.disconnect();
});

async function open(name = 'data'): Promise<Redis> {
  const redis = new Redis(proxy.urlOf(name), { maxRetriesPerRequest: 0, retryStrategy: null });
  redis.on('error', () => undefined);
  opened.push(redis);
  await redis.ping();
  return redis;
}

/** The parameters that a fault makes of those written. */
function parametersOf<P>(fault: Fault<P, 'link'>, written: object = {}): P {
  return fault.parameters.parse(written);
}

/** Resolves when the store has done something that shows in `read`. */
async function untilStore(read: () => Promise<unknown>, is: unknown): Promise<void> {
  await expect.poll(read).toEqual(is);
}

test('partition: nothing gets through and nothing closes; what was withheld is executed after the heal', async () => {
  const link = proxiedLink(proxy.link());
  const cut = parametersOf(partition);
  const injected = partition.inject(link, cut);
  const reply = node.incr('n');
  expect(await injected).toEqual({
    seen: true,
    evidence: `proxy pid ${proxy.pid} withheld 21 bytes to Redis`,
  });
  expect(await store.get('n')).toBeNull();
  expect(node.status).toBe('ready');
  const healed = await partition.heal(link, cut);
  expect(healed).toMatchObject({
    seen: true,
    evidence: expect.stringContaining('lets everything'),
  });
  expect(await reply).toBe(1);
});

test('partition: Redis is not told of the end of a node that dies behind it', async () => {
  const subscriber = await open();
  await subscriber.subscribe('presence');
  const link = proxiedLink(proxy.link());
  const cut = parametersOf(partition, { direction: 'to-redis' });
  const injected = partition.inject(link, cut);
  subscriber.disconnect();
  expect(await injected).toMatchObject({
    seen: true,
    evidence: `proxy pid ${proxy.pid} withheld 1 end of connections`,
  });
  expect(await store.pubsub('NUMSUB', 'presence')).toEqual(['presence', 1]);
  await partition.heal(link, cut);
  await untilStore(() => store.pubsub('NUMSUB', 'presence'), ['presence', 0]);
});

test('partition: only the servers that are named are out of reach', async () => {
  const lock = await open('lock-1');
  const link = proxiedLink(proxy.link());
  const cut = parametersOf(partition, { redis: 'locks' });
  const injected = partition.inject(link, cut);
  const held = lock.ping();
  expect((await injected).seen).toBe(true);
  expect(await node.ping()).toBe('PONG');
  await partition.heal(link, cut);
  expect(await held).toBe('PONG');
});

test('lose-replies: the request is executed, and the node learns only that its outcome is unknown', async () => {
  const link = proxiedLink(proxy.link());
  const loss = parametersOf(loseReplies);
  const injected = loseReplies.inject(link, loss);
  const outcome = node.incr('n').catch((error: unknown) => error);
  const { seen, evidence } = await injected;
  expect(seen).toBe(true);
  expect(evidence).toMatch(/dropped \d+ bytes from Redis$/);
  // The reply is lost, so that it was executed.
  expect(await store.get('n')).toBe('1');
  expect(node.status).toBe('ready');
  expect((await loseReplies.heal(link, loss)).evidence).toMatch(/and severed 1 connection$/);
  expect(await outcome).toBeInstanceOf(Error);
  // Who does it again does it twice.
  const again = await open();
  expect(await again.incr('n')).toBe(2);
});

test('lose-requests: the request is never executed, and the node cannot know', async () => {
  const link = proxiedLink(proxy.link());
  const loss = parametersOf(loseRequests);
  const injected = loseRequests.inject(link, loss);
  const outcome = node.incr('n').catch((error: unknown) => error);
  expect((await injected).evidence).toMatch(/dropped 21 bytes to Redis$/);
  expect((await loseRequests.heal(link, loss)).evidence).toMatch(/and severed 1 connection$/);
  expect(await outcome).toBeInstanceOf(Error);
  await (await open()).ping();
  expect(await store.get('n')).toBeNull();
});

test('latency: the reply comes after its delay at the earliest', async () => {
  const link = proxiedLink(proxy.link());
  const delay = parametersOf(latency, { delay: '60s', direction: 'from-redis' });
  const injected = latency.inject(link, delay);
  const reply = node.incr('n');
  expect((await injected).evidence).toMatch(/delayed 4 bytes from Redis$/);
  expect(await store.get('n')).toBe('1');
  // A delay of a minute is cut short by the heal: what is on its way arrives at once.
  expect((await latency.heal(link, delay)).evidence).toMatch(/it delayed 4 bytes from Redis$/);
  expect(await reply).toBe(1);
});

test('bandwidth: a value of a megabyte does not get through a narrow line before the heal', async () => {
  const link = proxiedLink(proxy.link());
  const narrow = parametersOf(bandwidth, { bytesPerSecond: 1000 });
  const injected = bandwidth.inject(link, narrow);
  const reply = node.set('v', 'x'.repeat(1_000_000));
  expect((await injected).evidence).toMatch(/throttled \d+ bytes to Redis$/);
  expect(await store.exists('v')).toBe(0);
  expect((await bandwidth.heal(link, narrow)).seen).toBe(true);
  expect(await reply).toBe('OK');
  expect(await store.strlen('v')).toBe(1_000_000);
});

test('reset: every connection is gone at once, and a new one gets through', async () => {
  const link = proxiedLink(proxy.link());
  const all = parametersOf(reset, { redis: 'data' });
  const closed = new Promise<void>((resolve) => node.once('close', resolve));
  expect(await reset.inject(link, all)).toEqual({
    seen: true,
    evidence: `proxy pid ${proxy.pid} reset 1 connection`,
  });
  await closed;
  expect((await reset.heal(link, all)).seen).toBe(true);
  expect(await (await open()).ping()).toBe('PONG');
});

test('a fault that meets nothing has not landed', async () => {
  const link = proxiedLink(proxy.link());
  const impatient: FaultyLink = { ...link, inject: (trouble) => link.inject(trouble, 20) };
  const cut = parametersOf(partition, { redis: 'lock-1' });
  expect(await partition.inject(impatient, cut)).toEqual({
    seen: false,
    evidence: `proxy pid ${proxy.pid} withheld nothing: nothing passed within 0.02 s`,
  });
  expect((await partition.heal(impatient, cut)).evidence).toMatch(/it withheld nothing$/);
});

test('parameters out of range, or of another fault, are refused by name', () => {
  const refused = <P>(fault: Fault<P, 'link'>, written: object): string =>
    fault.parameters
      .safeParse(written)
      .error?.issues.map(({ message }) => message)
      .join() ?? '';
  expect(refused(partition, { for: '11m' })).toMatch(/ten minutes at most/);
  expect(refused(partition, { for: 0 })).toMatch(/more than zero/);
  expect(refused(partition, { redis: 'lock-one' })).toMatch(/must be all, data, locks, or lock-1/);
  expect(refused(partition, { direction: 'up' })).toMatch(/to-redis/);
  expect(refused(loseReplies, { direction: 'both' })).toMatch(/Unrecognized key/);
  expect(refused(latency, { delay: '2m' })).toMatch(/a minute at most/);
  expect(refused(latency, { delay: 0, jitter: 0 })).toMatch(/nothing would be delayed/);
  expect(refused(bandwidth, { bytesPerSecond: 0 })).toMatch(/10/);
  expect(parametersOf(partition)).toEqual({ forMs: 3000, redis: 'all', direction: 'both' });
});

test('where no proxy can stand, or no server is meant, the fault is refused before the run', () => {
  const here: Circumstances = {
    platform: 'linux',
    redis: 'private',
    servers: ['data', 'lock-1', 'lock-2'],
  };
  const cut = (redis: string) => parametersOf(partition, { redis });
  expect(partition.refuse(here, cut('lock-2'))).toBeUndefined();
  expect(partition.refuse(here, cut('lock-3'))).toMatch(
    /lock-3 means no server of this run; there are data, lock-1, lock-2/,
  );
  expect(partition.refuse({ ...here, servers: ['data'] }, cut('locks'))).toMatch(/no server/);
  expect(partition.refuse({ ...here, redis: 'given', tls: true }, cut('all'))).toMatch(
    /certificate names the server.*redis:\/\//,
  );
});
