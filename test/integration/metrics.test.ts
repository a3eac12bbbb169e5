import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { bullmqProducer } from '@understudy/queue';
import { findRedisServer, launchRedisServer, type RedisServer } from '@understudy/redis';
import { invariant } from '@understudy/runtime';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const JOBS = 50;
const LIMIT_MS = 60_000;
/** For what takes as long as the machine likes. */
const PATIENCE = { timeout: 15_000, interval: 20 };

interface ServiceProcess {
  readonly child: ChildProcess;
  /** Where its metrics are served, once it has logged it. */
  readonly url: Promise<string>;
  readonly errors: string[];
}

let directory: string;
let data: RedisServer;
let lock: RedisServer;
const services: ServiceProcess[] = [];

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'understudy-metrics-'));
  const executable = findRedisServer(ROOT, process.env)?.path;
  invariant(executable, 'setup has found a redis-server');
  [data, lock] = await Promise.all([
    launchRedisServer({ executable, directory: join(directory, 'data') }),
    launchRedisServer({ executable, directory: join(directory, 'lock') }),
  ]);
});

afterAll(async () => {
  for (const { child } of services) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    const closed = once(child, 'close');
    child.kill('SIGKILL');
    await closed;
  }
  await Promise.all([data.stop(), lock.stop()]);
  rmSync(directory, { recursive: true, force: true });
});

function start(name: 'worker' | 'producer', env: Record<string, string>): ServiceProcess {
  const main = join(ROOT, 'services', name, 'src', 'main.ts');
  const child = spawn(process.execPath, [main], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: {
      NODE_COMPILE_CACHE: join(ROOT, '.understudy', 'compile-cache'),
      ...process.env,
      ...{ REDIS_URL: data.url, LOCK_REDIS_URLS: lock.url, UNDERSTUDY_GROUP: 'g' },
      ...{ METRICS_PORT: '0', LOG_LEVEL: 'info', ...env },
    },
  });
  const errors: string[] = [];
  const url = Promise.withResolvers<string>();
  invariant(child.stderr, 'stderr is a pipe');
  createInterface({ input: child.stderr }).on('line', (line) => {
    errors.push(line);
    if (!line.includes('"metrics are served"')) return;
    const { host, port } = JSON.parse(line) as { host: string; port: number };
    url.resolve(`http://${host}:${port}`);
  });
  const service = { child, url: url.promise, errors };
  services.push(service);
  return service;
}

const worker = (node: string): ServiceProcess =>
  start('worker', { UNDERSTUDY_NODE_ID: node, UNDERSTUDY_HANDLER_MS: '1' });

/** Series by name and own labels, without those that all have. */
async function metricsOf({ url }: ServiceProcess): Promise<Map<string, number>> {
  const text = await (await fetch(`${await url}/metrics`)).text();
  const series = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    series.map((line) => {
      const [name = '', value] = line.split(' ');
      const own = name.replace(/,?group="g"(,mode="active-passive",node="[^"]*")?/, '');
      return [own.replace('{}', ''), Number(value)];
    }),
  );
}

async function readinessOf({ url }: ServiceProcess): Promise<unknown[]> {
  const answer = await fetch(`${await url}/readyz`);
  const { state, reason } = (await answer.json()) as { state: string; reason?: string };
  return [answer.status, state, ...(reason === undefined ? [] : [reason])];
}

function inState(service: ServiceProcess, ...expected: unknown[]): Promise<void> {
  return vi.waitFor(async () => expect(await readinessOf(service)).toEqual(expected), PATIENCE);
}

async function enqueue(from: number): Promise<void> {
  await using producer = bullmqProducer({ url: data.url, group: 'g', queue: 'payments' });
  for (let i = from; i < from + JOBS; i++) {
    await producer.enqueue({ id: `p-${i}`, account: 'a', amountCents: 1 });
  }
}

test(
  'a fleet is seen from outside: who leads, what it does, who takes over, and what is broken',
  async () => {
    const leader = worker('node-1');
    await inState(leader, 200, 'active');
    const standby = worker('node-2');
    await inState(standby, 200, 'passive');
    await enqueue(0);
    await enqueue(JOBS - 1);
    await vi.waitFor(async () => {
      const now = await metricsOf(leader);
      expect(now.get('understudy_duplicates_suppressed_total')).toBe(1);
      expect(now.get('understudy_effects_committed_total')).toBe(2 * JOBS - 1);
      expect(now.get('understudy_attempts_in_flight')).toBe(0);
    }, PATIENCE);
    const led = await metricsOf(leader);
    const seen = (name: string): number | undefined => led.get(`understudy_${name}`);
    expect(seen('jobs_fetched_total')).toBe(2 * JOBS);
    expect(seen('handler_duration_seconds_count')).toBe(2 * JOBS);
    expect(seen('commit_duration_seconds_count')).toBe(2 * JOBS);
    expect(seen('commit_duration_seconds_sum')).toBeGreaterThan(0);
    expect([seen('node_state'), seen('epoch'), seen('takeovers_total')]).toEqual([2, 1, 1]);
    expect(seen('lease_remaining_seconds')).toBeGreaterThan(0);
    expect(seen('queue_jobs{state="waiting"}')).toBe(0);
    for (const purpose of ['command', 'queue', 'subscribe']) {
      expect(seen(`redis_up{connection="${purpose}"}`)).toBe(1);
    }
    const stood = await metricsOf(standby);
    expect(stood.get('understudy_node_state')).toBe(1);
    expect(stood.get('understudy_jobs_fetched_total')).toBe(0);
    expect(stood.get('understudy_last_takeover_timestamp_seconds')).toBe(0);

    leader.child.kill('SIGKILL');
    await inState(standby, 200, 'active');
    const taken = await metricsOf(standby);
    expect(taken.get('understudy_takeovers_total')).toBe(1);
    expect(taken.get('understudy_epoch')).toBe(2);
    expect(taken.get('understudy_last_takeover_duration_seconds')).toBeGreaterThan(0);
    expect(taken.get('understudy_takeover_duration_seconds_count')).toBe(1);

    // Frozen: connections stay up, and nobody answers.
    process.kill(data.pid, 'SIGSTOP');
    const [status, , reason] = await readinessOf(standby);
    const blind = await metricsOf(standby);
    process.kill(data.pid, 'SIGCONT');
    expect([status, reason]).toEqual([503, 'the data Redis does not answer']);
    expect(blind.has('understudy_queue_jobs{state="waiting"}')).toBe(false);
    expect(blind.has('understudy_node_state')).toBe(true);
    await vi.waitFor(async () => expect((await readinessOf(standby))[0]).toBe(200), PATIENCE);

    standby.child.kill('SIGTERM');
    expect(await once(standby.child, 'close')).toEqual([0, null]);
  },
  LIMIT_MS,
);

test(
  'a node that cannot reach its Redis servers is starting, not ready, and answers all the same',
  async () => {
    const nowhere = 'redis://127.0.0.1:1';
    const node = start('worker', {
      ...{ UNDERSTUDY_NODE_ID: 'node-3', UNDERSTUDY_GROUP: 'other', REDIS_URL: nowhere },
      LOCK_REDIS_URLS: nowhere,
    });
    await inState(node, 503, 'starting', 'it is starting, and the data Redis does not answer');
    expect((await fetch(`${await node.url}/healthz`)).status).toBe(200);
    const text = await (await fetch(`${await node.url}/metrics`)).text();
    expect(text).toContain('understudy_redis_up{connection="command",group="other"');
  },
  LIMIT_MS,
);

test(
  'a port that is taken is a clear error, and no worker is started',
  async () => {
    const port = String(data.port);
    const node = start('worker', { UNDERSTUDY_NODE_ID: 'node-4', METRICS_PORT: port });
    expect(await once(node.child, 'close')).toEqual([78, null]);
    expect(node.errors.join('\n')).toMatch(/127\.0\.0\.1:\d+: the port is taken.*METRICS_PORT/);
  },
  LIMIT_MS,
);

test(
  'a producer says how many jobs it enqueued',
  async () => {
    const producer = start('producer', {
      ...{ UNDERSTUDY_GROUP: 'g', UNDERSTUDY_QUEUE: 'fed', UNDERSTUDY_RATE: '200' },
      UNDERSTUDY_INPUT: join(ROOT, 'examples', 'payments.ndjson'),
    });
    await inState(producer, 200, 'enqueueing');
    await vi.waitFor(async () => {
      const enqueued = (await metricsOf(producer)).get('understudy_jobs_enqueued_total');
      expect(enqueued).toBeGreaterThan(1);
    }, PATIENCE);
    const metrics = await metricsOf(producer);
    expect(metrics.get('understudy_enqueue_failures_total')).toBe(0);
    expect(metrics.get('understudy_redis_up{connection="queue"}')).toBe(1);
    producer.child.kill('SIGTERM');
    expect(await once(producer.child, 'close')).toEqual([0, null]);
  },
  LIMIT_MS,
);
